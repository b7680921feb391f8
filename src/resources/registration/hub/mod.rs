//! `tcmesh_tdcc_hub`: the hub of an account, which clusters of any account register with.

mod authorization;
mod present;

use std::sync::Arc;

use super::tdcc::{self, Undocumented};
use crate::cloud::api::tdcc::{CreateHubCluster, DeleteHubCluster, HubCluster, HubState};
use crate::framework::{Change, Computed, Diagnostics, Error, Model, Planned, Prior, Progress, Resource};
use crate::resources::context::Context;
use crate::resources::created;
use crate::resources::ids::{ClusterId, checks};
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// The hub of an account: the control plane that clusters of any account register with. An account has one, for clusters of
/// all regions. To let agents of other accounts report to it by intranet, attach its VPC to the CCN.
///
/// **The actions behind this resource are not documented** by the cloud: only the names of those that write are published, in
/// the documentation of CAM. The manual path: open the hub in the console of its account (TKE, "Registered cluster"), set
/// `tdcc { enabled = false }` in the provider block, and leave this resource out.
///
/// Deleting it waits for registered clusters that are being deleted; others are named in the error.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Hub {
    /// The ID of the hub, for example `cls-9ts4ddnr`.
    #[tf(computed, identity)]
    pub id: Computed<String>,
    /// The root account that owns the hub, for example `100000000001`.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The region of the hub, for example `ap-guangzhou`: that of the provider block. Not every region offers hubs.
    #[tf(computed, identity(optional))]
    pub region: Computed<String>,
    /// The name, 1 to 60 characters, for example `hub`; the cloud chooses one where it is left out.
    #[tf(optional, computed, force_new, length(1..=60))]
    pub name: Computed<String>,
    /// The zone of the subnet, for example `ap-guangzhou-3`.
    #[tf(required, force_new, check = check_zone)]
    pub zone: String,
    /// The VPC in which the hub's API server gets an address, for example `vpc-86v957zb`.
    #[tf(required, force_new, check = checks::vpc)]
    pub vpc_id: String,
    /// The subnet of that address, for example `subnet-5o0m3rtc`.
    #[tf(required, force_new, check = checks::subnet)]
    pub subnet_id: String,
    /// Whether a hub that the account already has is taken on instead of being an error, for example `true`. It must have the same
    /// zone, VPC and subnet, and the same name where one is given, and is deleted with this resource like any other.
    #[tf(optional, default = false, config_only)]
    pub adopt: bool,
    /// Whether TDCC is authorised before the hub is created, by a role of CAM, for example `false` where that was done in the
    /// console. What was missing and is added for that is removed with the hub.
    #[tf(optional, default = true, config_only)]
    pub authorize_service: bool,
    /// The role of that authorisation, for example `TKE_QCSRole`. It is created where it does not exist. Unconfirmed: the console asks for rights for TKE, and no document names the role.
    #[tf(optional, default = "TKE_QCSRole", config_only, length(1..=128))]
    pub service_role_name: String,
    /// The policy that the role gets, for example `QcloudAccessForTDCCRole`. Unconfirmed, too.
    #[tf(optional, default = "QcloudAccessForTDCCRole", config_only, length(1..=128))]
    pub service_role_policy: String,
}

impl Hub {
    // Destructured, so that a new field of the API does not go unnoticed.
    fn of(found: HubCluster, account_id: String, region: &str, prior: &Self) -> Self {
        let HubCluster { cluster_id, cluster_name, region: own_region, zone, vpc_id, subnet_id, .. } = found;
        Self {
            id: cluster_id.into(),
            account_id: account_id.into(),
            region: own_region.unwrap_or_else(|| region.to_owned()).into(),
            name: cluster_name.filter(|name| !name.is_empty()).into(),
            zone: zone.unwrap_or_default(),
            vpc_id: vpc_id.unwrap_or_default(),
            subnet_id: subnet_id.unwrap_or_default(),
            ..prior.clone()
        }
    }

    /// Whether a hub is as this one is to be.
    fn is_like(&self, hub: &HubCluster) -> bool {
        let here = [&self.zone, &self.vpc_id, &self.subnet_id];
        let there = [&hub.zone, &hub.vpc_id, &hub.subnet_id].map(|place| place.as_deref().unwrap_or_default());
        here.into_iter().eq(there) && self.name.get().is_none_or(|name| Some(name) == hub.cluster_name.as_ref())
    }
}

/// The resource.
pub struct HubResource(Arc<Context>);

impl Resource for HubResource {
    const NAME: &'static str = "tdcc_hub";
    type Configuration = Context;
    type Model = Hub;
    type Id = ClusterId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        tdcc::enabled(context, "tcmesh_tdcc_hub").map(Self)
    }

    fn check_settings(&self, planned: &Planned<'_, Hub>, diagnostics: &mut Diagnostics) {
        let region = self.0.cloud.region();
        let Some(zone) = planned.known::<String>("zone") else { return };
        if planned.is_create() && !zone.starts_with(&format!("{region}-")) {
            let detail = format!("The provider block is for the region {region}, which has no zone `{zone}`.");
            diagnostics.error("zone", "Zone of another region", detail);
        }
    }

    async fn check_owner(&self, scope: &Scope, prior: &Hub) -> Result<(), Error> {
        self.0.check_account(scope, &prior.account_id).await
    }

    async fn create(&self, scope: &Scope, _: &Hub, plan: &Hub, progress: &mut Progress<Hub>) -> Result<(), Error> {
        let client = &self.0.cloud;
        let doing = || "create the hub".to_owned();
        let account_id = client.account(scope).await.undocumented(doing)?;
        let known = |id: &str| Hub {
            id: id.into(),
            account_id: account_id.clone().into(),
            region: client.region().into(),
            ..plan.clone()
        };
        if let Some(hub) = present::existing(scope, client).await.undocumented(doing)? {
            present::check_adoption(&hub, plan, &account_id)?;
            // Not before it runs: a hub that was taken on and does not run would be deleted as a failure of ours.
            tdcc::running_hub(scope, client, &hub.cluster_id).await?;
            progress.keep(known(&hub.cluster_id));
            return Ok(());
        }
        let made = async {
            authorization::ensure(scope, client, plan, progress).await?;
            let sent = client.send(scope, &create_request(plan)).await.map(|created| created.cluster_id);
            let lookup = async || present::find_created(scope, client, plan).await;
            created::or_found(sent, lookup).await.undocumented(doing)
        };
        let id = match made.await {
            Ok(id) => id,
            Err(error) => {
                if present::is_none(client).await {
                    authorization::withdraw(client, progress).await;
                }
                return Err(error);
            }
        };
        progress.keep(known(&id));
        tdcc::running_hub(scope, client, &id).await.map(drop)
    }

    async fn read(&self, scope: &Scope, id: &ClusterId, prior: &Prior<Hub>) -> Result<Option<Hub>, Error> {
        let client = self.0.in_region(&prior.region);
        let doing = || format!("read the hub {id}");
        let account_id = client.account(scope).await.undocumented(doing)?;
        let found = tdcc::hub(scope, &client, id.as_str()).await.undocumented(doing)?;
        Ok(found.map(|found| Hub::of(found, account_id, client.region(), prior)))
    }

    /// What can change in place is not known to the cloud.
    async fn update(&self, _: &Scope, _: &ClusterId, _: &Change<'_, Hub>, _: &mut Progress<Hub>) -> Result<(), Error> {
        Ok(())
    }

    async fn delete(&self, scope: &Scope, id: &ClusterId, prior: &Prior<Hub>) -> Result<(), Error> {
        let client = self.0.in_region(&prior.region);
        let doing = || format!("delete the hub {id}");
        let found = tdcc::hub(scope, &client, id.as_str()).await.undocumented(doing)?;
        let is_to_go = found.is_some_and(|hub| hub.status != HubState::Deleting);
        if is_to_go {
            present::until_free(scope, &client, id).await?;
        }
        authorization::undo(scope, &client, prior).await?;
        if is_to_go {
            client.send(scope, &DeleteHubCluster { cluster_id: id.to_string() }).await.undocumented(doing)?;
        }
        let gone = async || {
            let found = tdcc::hub(scope, &client, id.as_str()).await?;
            Ok(found.map_or(Probe::Done(()), |hub| Probe::Pending(hub.status.to_string())))
        };
        wait::until(scope, wait::PATIENT, "the hub to be gone", gone).await.undocumented(doing)
    }
}

fn create_request(plan: &Hub) -> CreateHubCluster {
    CreateHubCluster {
        cluster_name: plan.name.get().cloned(),
        zone: plan.zone.clone(),
        vpc_id: plan.vpc_id.clone(),
        subnet_id: plan.subnet_id.clone(),
        tag_specification: None,
    }
}

/// A zone is a region and a number.
fn check_zone(text: &str) -> Result<(), String> {
    let (region, number) = text.rsplit_once('-').unwrap_or_default();
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if numbered && checks::region(region).is_ok() {
        return Ok(());
    }
    Err(format!("expected a zone such as `ap-guangzhou-3`, found `{text}`"))
}
