//! `tcmesh_ccn_attachment`: an instance in a CCN, seen from the account of the instance.

use std::sync::Arc;

use super::asking;
use super::attachment::{self, AttachmentId, OTHER_SIDE, fail, hopeless};
use super::outcome::{Standing, problem};
use crate::cloud;
use crate::cloud::api::vpc::{AttachmentState, CcnAttachedInstance};
use crate::framework::{Change, Computed, Diagnostics, Error, Model, Planned, Prior, Progress, Resource};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::scope::Scope;

/// An instance, such as a VPC, in a Cloud Connect Network (CCN). Use the keys of the account that owns the instance.
///
/// Into a CCN of the same account it is attached at once. Into one of another account it is a request, which that account accepts
/// with a `tcmesh_ccn_attachment_accepter`; what needs the connection then refers to the `active_id` of that one.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct CcnAttachment {
    /// CCN, type, region and instance, for example `ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb`.
    #[tf(computed, identity)]
    pub id: Computed<String>,
    /// The root account that owns the instance, for example `100000000002`.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The region whose API was asked, for example `ap-guangzhou`.
    #[tf(computed, identity(optional))]
    pub region: Computed<String>,
    /// The CCN, for example `ccn-gree226l`.
    #[tf(required, force_new, check = checks::ccn)]
    pub ccn_id: String,
    /// The type of the instance: `VPC`, `DIRECTCONNECT`, `BMVPC` or `VPNGW`. Between accounts only VPCs can be attached.
    #[tf(optional, default = "VPC", force_new, one_of("VPC", "DIRECTCONNECT", "BMVPC", "VPNGW"))]
    pub instance_type: String,
    /// The instance, for example `vpc-86v957zb`.
    #[tf(required, force_new)]
    pub instance_id: String,
    /// The region of the instance, for example `ap-guangzhou`; that of the provider where it is left out.
    #[tf(optional, computed, force_new, check = checks::region)]
    pub instance_region: Computed<String>,
    /// The root account that owns the CCN, for example `100000000001`. It is needed for a CCN of another account.
    #[tf(optional, computed, force_new, check = checks::account)]
    pub ccn_uin: Computed<String>,
    /// What the attachment is for, up to 100 characters, for example `Services of account B`. Between accounts both sides can change
    /// it: one set by the other side shows only where it is set here too.
    #[tf(optional, length(1..=100))]
    pub description: Option<String>,
    /// The route table of the CCN to use, for example `ccnrtb-gree226l`. Between accounts the accepter chooses it.
    #[tf(optional, computed, force_new)]
    pub route_table_id: Computed<String>,
    /// Whether creating it lasts until the other account has accepted, for example `true`. It is for an account outside of this
    /// configuration: with the accepter in the same configuration it would wait for ever.
    #[tf(optional, default = false, config_only)]
    pub wait_for_accept: bool,
    /// What keeps it from working: `EXPIRED`, `REJECTED`, `FAILED`, `DETACHING` or `DETACHFAILED`. An apply asks again after
    /// `EXPIRED`, attaches anew after `DETACHING`, and says who must do what in the other cases.
    #[tf(computed, settles = None)]
    pub problem: Computed<String>,
}

impl CcnAttachment {
    // Destructured, so that a new field of the API does not go unnoticed.
    fn of(found: CcnAttachedInstance, id: &AttachmentId, region: &str, account_id: String, prior: &Self) -> Self {
        let CcnAttachedInstance { ccn_id, instance_type, instance_id, instance_region, .. } = found;
        let CcnAttachedInstance { ccn_uin, description, route_table_id, state, .. } = found;
        let ccn_uin = ccn_uin.unwrap_or_else(|| account_id.clone());
        // What the other side may change is shown where it is set here, or is being imported.
        let is_ours = ccn_uin == account_id || prior.ccn_id.is_empty();
        let shown = |text: &String| !text.is_empty();
        Self {
            id: id.to_string().into(),
            account_id: account_id.into(),
            region: region.into(),
            ccn_id,
            instance_type,
            instance_id,
            instance_region: instance_region.into(),
            description: description.filter(shown).filter(|_| is_ours || prior.description.is_some()),
            route_table_id: route_table_id
                .filter(shown)
                .filter(|_| is_ours || prior.route_table_id.get().is_some())
                .into(),
            ccn_uin: ccn_uin.into(),
            wait_for_accept: prior.wait_for_accept,
            problem: problem(&state).map(ToString::to_string).into(),
        }
    }
}

impl CcnAttachment {
    /// How it stood when it was read last, where something kept it from working.
    fn standing(self) -> Option<Standing> {
        Some(Standing {
            instance_id: self.instance_id,
            ccn_id: self.ccn_id,
            asking: self.account_id.into_known()?,
            owner: self.ccn_uin.into_known()?,
            state: self.problem.get()?.as_str().into(),
        })
    }
}

/// The resource.
pub struct CcnAttachmentResource(Arc<Context>);

impl Resource for CcnAttachmentResource {
    const NAME: &'static str = "ccn_attachment";
    type Configuration = Context;
    type Model = CcnAttachment;
    type Id = AttachmentId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    fn check(planned: &Planned<'_, CcnAttachment>, diagnostics: &mut Diagnostics) {
        attachment::check(planned, diagnostics);
        let prior = planned.prior().and_then(CcnAttachment::standing);
        diagnostics.extend(prior.and_then(|standing| standing.lost_to_asking()).map(|lost| hopeless(lost, "problem")));
    }

    async fn check_owner(&self, scope: &Scope, prior: &CcnAttachment) -> Result<(), Error> {
        self.0.check_account(scope, &prior.account_id).await
    }

    async fn create(
        &self,
        scope: &Scope,
        _: &CcnAttachment,
        plan: &CcnAttachment,
        progress: &mut Progress<CcnAttachment>,
    ) -> Result<(), Error> {
        let client = &self.0.cloud;
        let instance_region = plan.instance_region.get().map_or(client.region(), String::as_str);
        let id = AttachmentId {
            ccn_id: plan.ccn_id.clone(),
            instance_type: plan.instance_type.clone(),
            instance_region: instance_region.to_owned(),
            instance_id: plan.instance_id.clone(),
        };
        let doing = || format!("attach {id}");
        let account_id = client.account(scope).await.doing(doing)?;
        let found = asking::at_rest(scope, client, &id).await.doing(doing)?;
        fail(found.as_ref().and_then(|row| Standing::from(row).taken(&id.to_string())))?;
        let sent = asking::ask(scope, client, &id, plan, found).await;
        // Known by its name also where the answer was lost; what was refused must not be in the state: it may be somebody else's.
        if sent.as_ref().err().is_none_or(cloud::Error::may_have_happened) {
            progress.keep(CcnAttachment {
                id: id.to_string().into(),
                account_id: account_id.into(),
                region: client.region().into(),
                instance_region: instance_region.into(),
                ..plan.clone()
            });
        }
        asking::outcome(scope, client, &id, sent).await.doing(doing)?;
        asking::settled(scope, client, &id, plan, progress).await
    }

    async fn read(
        &self,
        scope: &Scope,
        id: &AttachmentId,
        prior: &Prior<CcnAttachment>,
    ) -> Result<Option<CcnAttachment>, Error> {
        let client = self.0.in_region(&prior.region);
        let account_id = client.account(scope).await?;
        let Some(found) = id.look(scope, &client).await.doing(|| format!("read the attachment {id}"))? else {
            return Ok(None);
        };
        attachment::check_side("instance", found.instance_uin.as_ref(), &account_id)?;
        Ok(Some(CcnAttachment::of(found, id, client.region(), account_id, prior)))
    }

    async fn update(
        &self,
        scope: &Scope,
        id: &AttachmentId,
        change: &Change<'_, CcnAttachment>,
        progress: &mut Progress<CcnAttachment>,
    ) -> Result<(), Error> {
        let client = self.0.in_region(&change.prior.region);
        let doing = || format!("attach {id} again");
        let found = asking::at_rest(scope, &client, id).await.doing(doing)?;
        fail(found.as_ref().and_then(|row| Standing::from(row).lost_to_asking()))?;
        if found.as_ref().is_none_or(|row| row.state == AttachmentState::Expired) {
            let sent = asking::ask(scope, &client, id, change.plan, found).await;
            asking::outcome(scope, &client, id, sent).await.doing(doing)?;
        }
        asking::settled(scope, &client, id, change.plan, progress).await?;
        if change.any(|attachment| &attachment.description) {
            id.describe(scope, &client, change.plan.description.as_deref()).await?;
        }
        Ok(())
    }

    async fn delete(&self, scope: &Scope, id: &AttachmentId, prior: &Prior<CcnAttachment>) -> Result<(), Error> {
        let client = self.0.in_region(&prior.region);
        let waiting_for = match id.detach(scope, &client).await {
            Err(error) if error.code() == Some(OTHER_SIDE) => {
                let owner = prior.ccn_uin.get().map_or("of the CCN", String::as_str);
                format!("account {owner} to detach it, which alone may do that")
            }
            sent => {
                sent.doing(|| format!("detach {id}"))?;
                "it to be gone".to_owned()
            }
        };
        id.until_gone(scope, &client, &waiting_for).await
    }
}
