//! `tcmesh_ccn_attachment_accepter`: lets an instance of another account into a CCN, seen from the account of the CCN.

use std::sync::Arc;

use super::accepting;
use super::attachment::{self, AttachmentId, OTHER_SIDE, hopeless};
use super::outcome::Standing;
use crate::cloud::api::vpc::{AttachmentState, CcnAttachedInstance};
use crate::framework::{Change, Computed, Diagnostics, Error, Model, Planned, Prior, Progress, Resource};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::scope::Scope;

/// Lets an instance of another account into a Cloud Connect Network (CCN). Use the keys of the account that owns the CCN.
///
/// It waits for the request of that account, accepts it, and waits until the instance is attached; one that is accepted already
/// it takes as it is. What needs the connection refers to `active_id`, which is known only when there is one.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct CcnAttachmentAccepter {
    /// CCN, type, region and instance, for example `ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb`.
    #[tf(computed, identity)]
    pub id: Computed<String>,
    /// The root account that owns the CCN, for example `100000000001`.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The region whose API was asked, for example `ap-guangzhou`.
    #[tf(computed, identity(optional))]
    pub region: Computed<String>,
    /// The CCN, for example `ccn-gree226l`.
    #[tf(required, force_new, check = checks::ccn)]
    pub ccn_id: String,
    /// The type of the instance: between accounts only `VPC` can be attached.
    #[tf(optional, default = "VPC", force_new, one_of("VPC", "DIRECTCONNECT", "BMVPC", "VPNGW"))]
    pub instance_type: String,
    /// The instance, for example `vpc-86v957zb`.
    #[tf(required, force_new)]
    pub instance_id: String,
    /// The region of the instance, for example `ap-guangzhou`; that of the provider where it is left out.
    #[tf(optional, computed, force_new, check = checks::region)]
    pub instance_region: Computed<String>,
    /// Replaces the description of the attachment, up to 100 characters, for example `Services of account B`. Set it on one side
    /// only.
    #[tf(optional, config_only, length(1..=100))]
    pub description: Option<String>,
    /// The route table of the CCN to use, for example `ccnrtb-gree226l`.
    #[tf(optional, computed, force_new)]
    pub route_table_id: Computed<String>,
    /// What destroying this does: `detach` takes the instance out of the CCN, or withdraws a request that is still pending;
    /// `reject` does the same, but rejects a pending request, so that the other account sees it; `keep` changes nothing.
    #[tf(optional, default = "detach", config_only, one_of("detach", "reject", "keep"))]
    pub on_destroy: String,
    /// The same as `id` while the instance is attached, for example `ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb`; else null.
    #[tf(computed, changes_with("state"))]
    pub active_id: Computed<String>,
    /// The state. An apply accepts what is `PENDING` and waits for what is `ATTACHING` or `DETACHING`; it says who must do what after
    /// `EXPIRED`, `REJECTED`, `FAILED` and `DETACHFAILED`.
    #[tf(computed, settles = "ACTIVE")]
    pub state: Computed<String>,
    /// The root account that owns the instance, for example `100000000002`.
    #[tf(computed, changes_with("state"))]
    pub instance_uin: Computed<String>,
    /// The addresses that the instance brings, for example `["10.2.0.0/16"]`.
    #[tf(computed, changes_with("state"))]
    pub cidr_blocks: Computed<Vec<String>>,
}

impl CcnAttachmentAccepter {
    // Destructured, so that a new field of the API does not go unnoticed.
    fn of(found: CcnAttachedInstance, id: &AttachmentId, region: &str, account_id: String) -> Self {
        let CcnAttachedInstance { ccn_id, instance_type, instance_id, instance_region, .. } = found;
        let CcnAttachedInstance { instance_uin, cidr_block, route_table_id, state, .. } = found;
        let active_id = (state == AttachmentState::Active).then(|| id.to_string());
        Self {
            id: id.to_string().into(),
            account_id: account_id.into(),
            region: region.into(),
            ccn_id,
            instance_type,
            instance_id,
            instance_region: instance_region.into(),
            route_table_id: route_table_id.filter(|id| !id.is_empty()).into(),
            active_id: active_id.into(),
            state: state.to_string().into(),
            instance_uin: instance_uin.into(),
            cidr_blocks: cidr_block.into(),
            ..Self::default()
        }
    }
}

impl CcnAttachmentAccepter {
    /// How the attachment stood when it was read last.
    fn standing(self) -> Option<Standing> {
        Some(Standing {
            instance_id: self.instance_id,
            ccn_id: self.ccn_id,
            asking: self.instance_uin.into_known()?,
            owner: self.account_id.into_known()?,
            state: self.state.get()?.as_str().into(),
        })
    }
}

/// The resource.
pub struct CcnAttachmentAccepterResource(Arc<Context>);

impl Resource for CcnAttachmentAccepterResource {
    const NAME: &'static str = "ccn_attachment_accepter";
    type Configuration = Context;
    type Model = CcnAttachmentAccepter;
    type Id = AttachmentId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    fn check(planned: &Planned<'_, CcnAttachmentAccepter>, diagnostics: &mut Diagnostics) {
        attachment::check(planned, diagnostics);
        let prior = planned.prior().and_then(CcnAttachmentAccepter::standing);
        diagnostics.extend(prior.and_then(|standing| standing.lost_to_owner()).map(|lost| hopeless(lost, "state")));
    }

    async fn check_owner(&self, scope: &Scope, prior: &CcnAttachmentAccepter) -> Result<(), Error> {
        self.0.check_account(scope, &prior.account_id).await
    }

    async fn create(
        &self,
        scope: &Scope,
        _: &CcnAttachmentAccepter,
        plan: &CcnAttachmentAccepter,
        progress: &mut Progress<CcnAttachmentAccepter>,
    ) -> Result<(), Error> {
        let client = &self.0.cloud;
        let instance_region = plan.instance_region.get().map_or(client.region(), String::as_str);
        let id = AttachmentId {
            ccn_id: plan.ccn_id.clone(),
            instance_type: plan.instance_type.clone(),
            instance_region: instance_region.to_owned(),
            instance_id: plan.instance_id.clone(),
        };
        let account_id = client.account(scope).await.doing(|| format!("accept {id}"))?;
        accepting::check_ccn(scope, client, &id.ccn_id, &account_id).await?;
        accepting::asked_for(scope, client, &id).await?;
        // Kept only when it is done: as broken it would be detached by the next apply, which had no reason to plan another
        // request. What was accepted without an answer, the next create takes on.
        accepting::accepted(scope, client, &id, plan).await?;
        progress.keep(CcnAttachmentAccepter {
            id: id.to_string().into(),
            account_id: account_id.into(),
            region: client.region().into(),
            instance_region: instance_region.into(),
            ..plan.clone()
        });
        Ok(())
    }

    async fn read(
        &self,
        scope: &Scope,
        id: &AttachmentId,
        prior: &Prior<CcnAttachmentAccepter>,
    ) -> Result<Option<CcnAttachmentAccepter>, Error> {
        let client = self.0.in_region(&prior.region);
        let account_id = client.account(scope).await?;
        let Some(found) = id.look(scope, &client).await.doing(|| format!("read the attachment {id}"))? else {
            return Ok(None);
        };
        attachment::check_side("CCN", found.ccn_uin.as_ref(), &account_id)?;
        Ok(Some(CcnAttachmentAccepter::of(found, id, client.region(), account_id)))
    }

    async fn update(
        &self,
        scope: &Scope,
        id: &AttachmentId,
        change: &Change<'_, CcnAttachmentAccepter>,
        _: &mut Progress<CcnAttachmentAccepter>,
    ) -> Result<(), Error> {
        let client = self.0.in_region(&change.prior.region);
        if change.any(|accepter| &accepter.state) {
            accepting::asked_for(scope, &client, id).await?;
            accepting::accepted(scope, &client, id, change.plan).await?;
        }
        if change.any(|accepter| &accepter.description) {
            id.describe(scope, &client, change.plan.description.as_deref()).await?;
        }
        Ok(())
    }

    async fn delete(
        &self,
        scope: &Scope,
        id: &AttachmentId,
        prior: &Prior<CcnAttachmentAccepter>,
    ) -> Result<(), Error> {
        let client = self.0.in_region(&prior.region);
        let Some(row) = id.look(scope, &client).await.doing(|| format!("detach {id}"))? else { return Ok(()) };
        match (prior.on_destroy.as_str(), &row.state) {
            ("keep", _) => {
                prior.warn(Standing::from(&row).left("as `on_destroy = \"keep\"` says"));
                Ok(())
            }
            ("reject", AttachmentState::Pending) => accepting::reject(scope, &client, id).await,
            _ => match id.detach(scope, &client).await {
                Err(error) if error.code() == Some(OTHER_SIDE) => {
                    prior.warn(Standing::from(&row).left("because the cloud lets only that account detach it"));
                    Ok(())
                }
                sent => {
                    sent.doing(|| format!("detach {id}"))?;
                    id.until_gone(scope, &client, "it to be gone").await
                }
            },
        }
    }
}
