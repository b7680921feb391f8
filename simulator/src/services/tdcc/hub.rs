//! Hubs.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{TagSpecification, tag_specification};
use crate::clock::utc;
use crate::front::{Action, Answer, ApiError, Call};
use crate::ids;
use crate::state::{Cloud, Hub, HubState, Subnet, Tagged, Uin};
use crate::world::Step;

/// Makes the account's hub, once TDCC is authorised: the service role exists and has its policy.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateHubCluster {
    #[serde(default)]
    cluster_name: String,
    zone: String,
    vpc_id: String,
    subnet_id: String,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
}

impl Action for CreateHubCluster {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let owner = call.uin()?;
        check_authorised(call, &owner)?;
        if let Some(hub) = call.cloud.registrations.hub(&owner) {
            let message = format!("The account has the hub `{}` already, and can have one.", hub.id);
            return Err(ApiError::new("LimitExceeded", message));
        }
        self.check_place(call, &owner)?;
        let subnet = call.cloud.networks.subnets.get_mut(&self.subnet_id);
        let full = || ApiError::new("ResourceInsufficient", "No address is free.");
        let intranet_ip = subnet.and_then(Subnet::take_address).ok_or_else(full)?;
        let extranet_ip = call.cloud.balancers.take_public_address().ok_or_else(full)?;
        let timing = &call.cloud.timing;
        let hub = Hub {
            id: ids::resource("cls"),
            region: call.region.to_owned(),
            name: self.cluster_name,
            zone: self.zone,
            vpc_id: self.vpc_id,
            subnet_id: self.subnet_id,
            intranet_ip,
            extranet_ip,
            phase: timing.begin(Step::HubCreate, HubState::Creating, HubState::Running, HubState::Abnormal),
            created: timing.now,
            owner,
        };
        let answer = json!({ "ClusterId": hub.id });
        call.cloud.tags.set(tagged(&hub), TagSpecification::pairs(self.tag_specification));
        call.cloud.registrations.hubs.insert(hub.id.clone(), hub);
        Ok(answer)
    }
}

impl CreateHubCluster {
    fn check_place(&self, call: &Call<'_>, owner: &Uin) -> Result<(), ApiError> {
        let networks = &call.cloud.networks;
        let vpc = networks.owned(owner, &self.vpc_id).filter(|vpc| vpc.region == call.region);
        vpc.ok_or_else(|| ApiError::not_found(&self.vpc_id))?;
        let subnet = networks.subnets.get(&self.subnet_id).filter(|subnet| subnet.vpc_id == self.vpc_id);
        let subnet = subnet.ok_or_else(|| ApiError::not_found(&self.subnet_id))?;
        if subnet.zone == self.zone {
            return Ok(());
        }
        let message = format!("The subnet is in the zone `{}`, not `{}`.", subnet.zone, self.zone);
        Err(ApiError::new("InvalidParameter.Param", message))
    }
}

fn check_authorised(call: &Call<'_>, owner: &Uin) -> Result<(), ApiError> {
    let settings = &call.cloud.settings;
    let role = call.cloud.identity.role(owner, &settings.hub_role);
    if role.is_some_and(|role| role.policies.contains_key(&settings.hub_role_policy)) {
        return Ok(());
    }
    let message = format!(
        "The service is not authorised: the role `{}` with the policy `{}` is missing.",
        settings.hub_role, settings.hub_role_policy
    );
    Err(ApiError::new("UnauthorizedOperation.RoleUnAuthorized", message))
}

/// Lists the account's hub.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeHubClusters {
    #[serde(default)]
    cluster_ids: Vec<String>,
}

impl Action for DescribeHubClusters {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let owner = call.uin()?;
        let own = call.cloud.registrations.hub(&owner).into_iter();
        let wanted = own.filter(|hub| self.cluster_ids.is_empty() || self.cluster_ids.contains(&hub.id));
        let set: Vec<Value> = wanted.map(|hub| view(call.cloud, hub)).collect();
        Ok(json!({ "TotalCount": set.len(), "Clusters": set }))
    }
}

fn tagged(hub: &Hub) -> Tagged {
    Tagged::new(&hub.owner, "tdcc", "cluster", &hub.id)
}

fn view(cloud: &Cloud, hub: &Hub) -> Value {
    json!({
        "ClusterId": hub.id,
        "ClusterName": hub.name,
        "Region": hub.region,
        "Zone": hub.zone,
        "VpcId": hub.vpc_id,
        "SubnetId": hub.subnet_id,
        "Status": hub.phase.state(),
        "CreatedTime": utc(hub.created),
        "TagSpecification": tag_specification(cloud, &tagged(hub)),
    })
}

/// Removes a hub without registered clusters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteHubCluster {
    cluster_id: String,
}

impl Action for DeleteHubCluster {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        super::resource(call, &self.cluster_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        let owner = call.uin()?;
        let registrations = &mut call.cloud.registrations;
        let in_use = registrations.clusters.values().any(|it| it.owner == owner);
        let own = registrations.hubs.get_mut(&self.cluster_id).filter(|hub| hub.owner == owner);
        let hub = own.ok_or_else(|| {
            ApiError::new("ResourceNotFound.ClusterNotFound", format!("The hub `{}` is not found.", self.cluster_id))
        })?;
        if in_use {
            return Err(ApiError::new("ResourceInUse", "The hub has registered clusters."));
        }
        if matches!(hub.phase.state(), HubState::Creating | HubState::Deleting) {
            return Err(super::wrong_state("The hub is being made or removed."));
        }
        let timing = &call.cloud.timing;
        hub.phase = timing.begin(Step::HubDelete, HubState::Deleting, HubState::Deleted, HubState::Abnormal);
        Ok(json!({}))
    }
}
