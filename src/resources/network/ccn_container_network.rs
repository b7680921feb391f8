//! `tcmesh_ccn_container_network`: the container addresses of a Global Router cluster in a CCN.

use std::sync::Arc;

use super::attachment::{AttachmentId, check_id, fail};
use super::outcome::Standing;
use super::publish::{publish, step, withdraw};
use super::published::{ContainerNetwork, PublicationId, Published, container_network, published};
use crate::cloud::api::vpc::{self, AttachmentState, CcnAttachedInstance};
use crate::cloud::{self, Client};
use crate::framework::{Change, Computed, Diagnostic, Diagnostics, Error, Model, Planned, Prior, Progress, Resource};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// The container addresses of a TKE cluster in a Cloud Connect Network (CCN). Use the keys of the account that owns the cluster.
///
/// Pods of clusters with the network mode Global Router have addresses that are not part of the VPC: until they are published to
/// the CCN that the VPC is attached to, no other VPC can reach them. Clusters with VPC-CNI need nothing here.
///
/// The public cloud documents no action for this. With `mode = "verify"` this resource checks that the switch in the console is
/// on: cluster, basic information, "register the container network to the CCN". With `mode = "api"` it calls the undocumented
/// action `AddClusterCIDRToCcn` of TKE.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct CcnContainerNetwork {
    /// Attachment and cluster, for example `ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb#cls-65r1c5nu`.
    #[tf(computed, identity)]
    pub id: Computed<String>,
    /// The root account that owns the cluster, for example `100000000001`.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The region of the cluster, for example `ap-guangzhou`.
    #[tf(computed, identity(optional))]
    pub region: Computed<String>,
    /// The attachment of the cluster's VPC: the `id` of a `tcmesh_ccn_attachment`, or, where another account had to accept it, the
    /// `active_id` of its accepter; for example `ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb`.
    #[tf(required, force_new, check = check_id)]
    pub attachment_id: String,
    /// The cluster, for example `cls-65r1c5nu`.
    #[tf(required, force_new, check = checks::cluster)]
    pub cluster_id: String,
    /// `verify` fails while the addresses are not published, and destroying it removes nothing; `api` publishes and withdraws them.
    #[tf(optional, default = "verify", config_only, one_of("verify", "api"))]
    pub mode: String,
    /// The CCN, for example `ccn-gree226l`.
    #[tf(computed)]
    pub ccn_id: Computed<String>,
    /// The VPC of the cluster, for example `vpc-86v957zb`.
    #[tf(computed)]
    pub vpc_id: Computed<String>,
    /// The container addresses, for example `["172.16.0.0/18"]`.
    #[tf(computed)]
    pub cidr_blocks: Computed<Vec<String>>,
    /// Whether the CCN uses the route to them, for example `true`. It does not where another route overlaps it; an apply then tries
    /// to switch it on, which only the account of the CCN can.
    #[tf(computed, settles = true)]
    pub enabled: Computed<bool>,
}

/// The resource.
pub struct CcnContainerNetworkResource(Arc<Context>);

impl Resource for CcnContainerNetworkResource {
    const NAME: &'static str = "ccn_container_network";
    type Configuration = Context;
    type Model = CcnContainerNetwork;
    type Id = PublicationId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    fn check(planned: &Planned<'_, CcnContainerNetwork>, diagnostics: &mut Diagnostics) {
        let attachment: Option<AttachmentId> =
            planned.known::<String>("attachment_id").and_then(|text| text.parse().ok());
        if attachment.is_some_and(|attachment| attachment.instance_type != "VPC") {
            diagnostics.error(
                "attachment_id",
                "Invalid value",
                "expected the attachment of a VPC: clusters are in VPCs",
            );
        }
    }

    async fn check_owner(&self, scope: &Scope, prior: &CcnContainerNetwork) -> Result<(), Error> {
        self.0.check_account(scope, &prior.account_id).await
    }

    async fn create(
        &self,
        scope: &Scope,
        _: &CcnContainerNetwork,
        plan: &CcnContainerNetwork,
        progress: &mut Progress<CcnContainerNetwork>,
    ) -> Result<(), Error> {
        let attachment = plan.attachment_id.parse().map_err(|problem: String| invalid("attachment_id", problem))?;
        let id = PublicationId { attachment, cluster_id: plan.cluster_id.clone() };
        let client = self.0.cloud.in_region(&id.attachment.instance_region);
        let account_id = client.account(scope).await?;
        let cidr = publishable(scope, &client, &id, &account_id).await?;
        attached(scope, &client, &id).await?;
        let kept = CcnContainerNetwork {
            id: id.to_string().into(),
            account_id: account_id.into(),
            region: client.region().into(),
            ..plan.clone()
        };
        let found = look(scope, &client, &id, &cidr).await?;
        let found = match (found, plan.mode.as_str()) {
            (Some(found), _) => {
                progress.keep(kept);
                found
            }
            (None, "api") => publish(scope, &client, &id, &cidr, || progress.keep(kept)).await?,
            (None, _) => return Err(unpublished(&id, &cidr).into()),
        };
        if !found.enabled {
            progress.warn(unused(&id, &cidr));
        }
        Ok(())
    }

    async fn read(
        &self,
        scope: &Scope,
        id: &PublicationId,
        _: &Prior<CcnContainerNetwork>,
    ) -> Result<Option<CcnContainerNetwork>, Error> {
        let client = self.0.cloud.in_region(&id.attachment.instance_region);
        let account_id = client.account(scope).await?;
        let cluster = container_network(scope, &client, &id.cluster_id).await;
        let cluster = cluster.doing(|| format!("read the cluster {}", id.cluster_id))?;
        let Some(ContainerNetwork { vpc_id, cidr: Some(cidr) }) = cluster else { return Ok(None) };
        let found = look(scope, &client, id, &cidr).await?;
        Ok(found.map(|found| CcnContainerNetwork {
            id: id.to_string().into(),
            account_id: account_id.into(),
            region: client.region().into(),
            attachment_id: id.attachment.to_string(),
            cluster_id: id.cluster_id.clone(),
            ccn_id: id.attachment.ccn_id.clone().into(),
            vpc_id: vpc_id.into(),
            cidr_blocks: vec![cidr].into(),
            enabled: found.enabled.into(),
            ..CcnContainerNetwork::default()
        }))
    }

    async fn update(
        &self,
        scope: &Scope,
        id: &PublicationId,
        change: &Change<'_, CcnContainerNetwork>,
        _: &mut Progress<CcnContainerNetwork>,
    ) -> Result<(), Error> {
        if !change.any(|network| &network.enabled) {
            return Ok(());
        }
        let client = self.0.cloud.in_region(&id.attachment.instance_region);
        for cidr in change.prior.cidr_blocks.get().into_iter().flatten() {
            let found = look(scope, &client, id, cidr).await?.filter(|found| !found.enabled);
            if let Some(route_id) = found.and_then(|found| found.route_id) {
                let action = vpc::EnableCcnRoutes { ccn_id: id.attachment.ccn_id.clone(), route_ids: vec![route_id] };
                let doing = || format!("switch on the route to {cidr}, as only the account of the CCN can");
                client.send(scope, &action).await.doing(doing)?;
            }
        }
        Ok(())
    }

    async fn delete(&self, scope: &Scope, id: &PublicationId, prior: &Prior<CcnContainerNetwork>) -> Result<(), Error> {
        let client = self.0.cloud.in_region(&id.attachment.instance_region);
        for cidr in prior.cidr_blocks.get().into_iter().flatten() {
            if look(scope, &client, id, cidr).await?.is_none() {
                continue;
            }
            if prior.mode == "api" {
                withdraw(scope, &client, id, cidr).await?;
            } else {
                prior.warn(still_published(id, cidr));
            }
        }
        Ok(())
    }
}

async fn look(scope: &Scope, client: &Client, id: &PublicationId, cidr: &str) -> Result<Option<Published>, Error> {
    let found = published(scope, client, &id.attachment, cidr).await;
    found.doing(|| format!("look for the route to {cidr} in the CCN {}", id.attachment.ccn_id))
}

/// The container addresses of the cluster, where it is the caller's, in the attached VPC, and has such addresses.
async fn publishable(scope: &Scope, client: &Client, id: &PublicationId, account_id: &str) -> Result<String, Error> {
    let PublicationId { attachment, cluster_id } = id;
    let cluster = container_network(scope, client, cluster_id).await;
    let cluster = cluster.doing(|| format!("look up the cluster {cluster_id}"))?.ok_or_else(|| {
        let detail = format!(
            "Account {account_id} has no TKE cluster `{cluster_id}` in {}. A cluster of another account needs the keys of that \
             account: choose its provider configuration (alias) for this resource. Serverless clusters need nothing here.",
            attachment.instance_region
        );
        Diagnostic::error("No such cluster", detail).at("cluster_id")
    })?;
    if cluster.vpc_id != attachment.instance_id {
        let detail = format!(
            "The cluster {cluster_id} is in {}, but the attachment is that of {}. Its container addresses can be published only \
             by the attachment of its own VPC. Nothing was changed.",
            cluster.vpc_id, attachment.instance_id
        );
        return Err(Diagnostic::error("The attachment of another VPC", detail).at("attachment_id").into());
    }
    cluster.cidr.ok_or_else(|| {
        let detail = format!(
            "The pods of the cluster {cluster_id} have addresses of the VPC (VPC-CNI), which the attachment of the VPC publishes. \
             Remove this object: it has nothing to do."
        );
        Diagnostic::error("No container addresses to publish", detail).at("cluster_id").into()
    })
}

/// Waits until the VPC is attached, where that is to be expected.
async fn attached(scope: &Scope, client: &Client, id: &PublicationId) -> Result<(), Error> {
    let look = || async {
        Ok::<_, cloud::Error>(match id.attachment.look(scope, client).await? {
            Some(row) if is_under_way(&row) => Probe::Pending(row.state.to_string()),
            found => Probe::Done(found),
        })
    };
    let found = wait::until(scope, wait::SOON, "the VPC to be attached", look).await;
    match found.doing(|| format!("look at the attachment {}", id.attachment))? {
        Some(row) => fail(Standing::from(&row).ends_waiting()),
        None => {
            let problem = format!("There is no attachment `{}` that this account sees.", id.attachment);
            Err(Diagnostic::error("The VPC is not attached", problem).at("attachment_id").into())
        }
    }
}

fn is_under_way(row: &CcnAttachedInstance) -> bool {
    matches!(row.state, AttachmentState::Pending | AttachmentState::Attaching | AttachmentState::Unknown(_))
}

fn invalid(attribute: &str, problem: String) -> Diagnostic {
    Diagnostic::error("Invalid value", problem).at(attribute)
}

fn unpublished(id: &PublicationId, cidr: &str) -> Diagnostic {
    let detail = format!(
        "The CCN {} has no route to {cidr}, the container addresses of the cluster {}: other VPCs cannot reach its pods. Nothing \
         was changed.\n\nEither {}, and apply again, or set `mode = \"api\"`.",
        id.attachment.ccn_id,
        id.cluster_id,
        step(id, "on")
    );
    Diagnostic::error("The container addresses are not published", detail)
}

fn unused(id: &PublicationId, cidr: &str) -> Diagnostic {
    let detail = format!(
        "{cidr}, the container addresses of the cluster {}, are in the CCN {}, but their route is switched off: another route \
         overlaps it. Other VPCs cannot reach the pods until that is resolved; the next plan shows it as `enabled`.",
        id.cluster_id, id.attachment.ccn_id
    );
    Diagnostic::warning("The CCN does not use the route", detail).at("enabled")
}

fn still_published(id: &PublicationId, cidr: &str) -> Diagnostic {
    let detail = format!(
        "{cidr}, the container addresses of the cluster {}, stay in the CCN {}: with `mode = \"verify\"` nothing is removed. To \
         take them out, {}.",
        id.cluster_id,
        id.attachment.ccn_id,
        step(id, "off")
    );
    Diagnostic::warning("The container addresses are still published", detail)
}
