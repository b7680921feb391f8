//! `tcmesh_ccn_attachment_accepter`: lets an instance of another account into a CCN, seen from the account of the CCN.

use std::sync::Arc;

use super::attachment::{self, AttachmentId, OTHER_SIDE, fail, hopeless};
use super::outcome::Standing;
use crate::cloud::api::vpc::{self, AttachmentState, CcnAttachedInstance, CcnInstance};
use crate::cloud::{self, Client};
use crate::framework::{Change, Computed, Diagnostic, Diagnostics, Error, Model, Planned, Prior, Progress, Resource};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::scope::Scope;
use crate::wait::{self, Probe};

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

/// Refusals that say that the request is not, or no longer, pending: the state of the attachment tells more.
const NOT_PENDING: [&str; 3] = [
    "UnsupportedOperation.CcnNotAttached",
    "UnsupportedOperation.InvalidInstanceState",
    "UnsupportedOperation.NotPendingCcnInstance",
];

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
        let prior = planned.prior().and_then(|prior| prior.standing());
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
        check_ccn(scope, client, &id.ccn_id, &account_id).await?;
        self.asked_for(scope, client, &id).await?;
        progress.keep(CcnAttachmentAccepter {
            id: id.to_string().into(),
            account_id: account_id.into(),
            region: client.region().into(),
            instance_region: instance_region.into(),
            ..plan.clone()
        });
        self.accepted(scope, client, &id, plan).await
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
            self.asked_for(scope, &client, id).await?;
            self.accepted(scope, &client, id, change.plan).await?;
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
            ("reject", AttachmentState::Pending) => reject(scope, &client, id).await,
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

impl CcnAttachmentAccepterResource {
    /// Waits for a request that can be accepted, or that is accepted already.
    async fn asked_for(&self, scope: &Scope, client: &Client, id: &AttachmentId) -> Result<(), Error> {
        let look = || async {
            Ok::<_, cloud::Error>(match id.look(scope, client).await? {
                None => Probe::Pending("no request is there yet".into()),
                Some(row) if row.state == AttachmentState::Detaching => Probe::Pending(row.state.to_string()),
                Some(row) => Probe::Done(row),
            })
        };
        let waiting_for = format!("the account that owns {} to ask (with a `tcmesh_ccn_attachment`)", id.instance_id);
        let row = wait::until(scope, wait::SOON, &waiting_for, look).await.doing(|| format!("accept {id}"))?;
        fail(Standing::from(&row).lost_to_owner())
    }

    /// Accepts the request and waits until the instance is attached.
    async fn accepted(
        &self,
        scope: &Scope,
        client: &Client,
        id: &AttachmentId,
        plan: &CcnAttachmentAccepter,
    ) -> Result<(), Error> {
        let look = || self.accept_or_look(scope, client, id, plan);
        let row = wait::until(scope, wait::SOON, "the instance to be attached", look).await;
        let row = row.doing(|| format!("accept {id}"))?;
        fail(Standing::from(&row).lost_to_owner())
    }

    /// Accepting is a part of the look: a request that is not quite there yet, or is made anew, is accepted at the next one.
    /// The answer is not needed, since the next look tells what became of it.
    async fn accept_or_look(
        &self,
        scope: &Scope,
        client: &Client,
        id: &AttachmentId,
        plan: &CcnAttachmentAccepter,
    ) -> Result<Probe<CcnAttachedInstance>, cloud::Error> {
        use AttachmentState::{Attaching, Detaching, Pending, Unknown};
        let Some(row) = id.look(scope, client).await? else {
            return Ok(Probe::Pending("the request was withdrawn".into()));
        };
        if row.state == Pending {
            let sent = client.send(scope, &accept_request(id, plan)).await.map(drop);
            let tells_nothing = |error: &cloud::Error| {
                error.may_have_happened() || error.code().is_some_and(|code| NOT_PENDING.contains(&code))
            };
            sent.or_else(|error| if tells_nothing(&error) { Ok(()) } else { Err(error) })?;
        }
        let is_under_way = matches!(row.state, Pending | Attaching | Detaching | Unknown(_));
        Ok(if is_under_way { Probe::Pending(row.state.to_string()) } else { Probe::Done(row) })
    }
}

fn accept_request(id: &AttachmentId, plan: &CcnAttachmentAccepter) -> vpc::AcceptAttachCcnInstances {
    let instance = CcnInstance {
        description: plan.description.clone(),
        route_table_id: plan.route_table_id.get().cloned(),
        ..id.instance()
    };
    vpc::AcceptAttachCcnInstances { ccn_id: id.ccn_id.clone(), instances: vec![instance] }
}

/// Rejects a request, unless it is no longer pending.
async fn reject(scope: &Scope, client: &Client, id: &AttachmentId) -> Result<(), Error> {
    let action = vpc::RejectAttachCcnInstances { ccn_id: id.ccn_id.clone(), instances: vec![id.instance()] };
    match client.send(scope, &action).await {
        Err(error) if error.code().is_some_and(|code| NOT_PENDING.contains(&code)) => Ok(()),
        sent => sent.map(drop).doing(|| format!("reject {id}")),
    }
}

/// Only the owner of a CCN can accept, and sees who asks to join it: anybody else would wait in vain.
async fn check_ccn(scope: &Scope, client: &Client, ccn_id: &str, account_id: &str) -> Result<(), Error> {
    let found = client.send(scope, &vpc::DescribeCcns::by_id(ccn_id)).await;
    if !found.doing(|| format!("look up the CCN {ccn_id}"))?.ccn_set.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "Account {account_id} has no CCN `{ccn_id}`, so it cannot accept requests to join it. Nothing was changed. Choose the \
         provider configuration (alias) with the keys of the account that owns the CCN."
    );
    Err(Diagnostic::error("The CCN of another account", detail).at("ccn_id").into())
}
