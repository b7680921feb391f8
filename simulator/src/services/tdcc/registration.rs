//! Registered clusters.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::list::{self, Filter};
use super::super::{TagSpecification, kubeconfig, kubeconfig_through, tag_specification};
use super::{registration, running_hub, wrong_state};
use crate::clock::utc;
use crate::front::{Action, Answer, ApiError, Call, Effect};
use crate::ids;
use crate::state::{
    AgentReport, AgentToken, Cloud, Cluster, Phase, Principal, Registration, RegistrationKind, RegistrationState,
    Tagged, Uin,
};
use crate::world::{ClusterKind, Step};

/// Makes the record of a cluster of any account or place, which then waits for its agent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateExternalCluster {
    cluster_name: String,
    cluster_region: String,
    #[serde(default)]
    cluster_desc: String,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
}

impl Action for CreateExternalCluster {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let owner = call.uin()?;
        running_hub(call, &owner)?;
        if !crate::world::is_region(&self.cluster_region) {
            let message = format!("There is no region `{}`.", self.cluster_region);
            return Err(ApiError::new("InvalidParameter.Param", message));
        }
        let mut record = record(call.cloud, owner, ids::resource("cls"), self.cluster_name, self.cluster_region);
        record.description = self.cluster_desc;
        let answer = json!({ "ClusterId": record.id });
        call.cloud.tags.set(tagged(&record), TagSpecification::pairs(self.tag_specification));
        call.cloud.registrations.clusters.insert(record.id.clone(), record);
        Ok(answer)
    }
}

fn record(cloud: &Cloud, owner: Uin, id: String, name: String, region: String) -> Registration {
    let now = cloud.timing.now;
    Registration {
        id,
        owner,
        name,
        region,
        description: String::new(),
        kind: RegistrationKind::External,
        phase: Phase::settled(RegistrationState::WaitingRegister),
        token: AgentToken::new(cloud.settings.agent_token_lifetime.after(now), &cloud.issued),
        agent: None,
        created: now,
    }
}

/// Takes over TKE clusters of the account; no agent need be installed by hand.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RegisterClusters {
    clusters: Vec<OwnCluster>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OwnCluster {
    cluster_id: String,
    region: String,
}

impl Action for RegisterClusters {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let owner = call.uin()?;
        running_hub(call, &owner)?;
        let found: Result<Vec<Registration>, ApiError> =
            self.clusters.iter().map(|wanted| wanted.record(call.cloud, &owner)).collect();
        call.cloud.registrations.clusters.extend(found?.into_iter().map(|record| (record.id.clone(), record)));
        Ok(json!({}))
    }
}

impl OwnCluster {
    fn record(&self, cloud: &Cloud, owner: &Uin) -> Result<Registration, ApiError> {
        let own = cloud.clusters.owned(owner, &self.cluster_id).filter(|cluster| cluster.region == self.region);
        let cluster: &Cluster = own.filter(|cluster| cluster.kind != ClusterKind::Eks).ok_or_else(|| {
            let message = format!("The cluster `{}` is not found.", self.cluster_id);
            ApiError::new("ResourceNotFound.ClusterNotFound", message)
        })?;
        if cloud.registrations.clusters.contains_key(&cluster.id) {
            return Err(ApiError::new("ResourceInUse", format!("`{}` is registered already.", cluster.id)));
        }
        let states = (RegistrationState::WaitingRegister, RegistrationState::Running, RegistrationState::Abnormal);
        let record = record(cloud, owner.clone(), cluster.id.clone(), cluster.name.clone(), self.region.clone());
        Ok(Registration {
            kind: RegistrationKind::Tke,
            phase: cloud.timing.begin(Step::Register, states.0, states.1, states.2),
            agent: Some(AgentReport { cluster_id: cluster.id.clone(), version: cluster.version.clone(), nodes: 1 }),
            ..record
        })
    }
}

/// Lists the account's registered clusters, wherever its hub is.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeExternalClusters {
    #[serde(default)]
    cluster_ids: Vec<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    offset: Option<u64>,
    limit: Option<u64>,
}

impl Action for DescribeExternalClusters {
    fn run(self, call: &mut Call<'_>) -> Answer {
        list::check_filters(&self.filters, &["ClusterName", "ClusterRegion", "Status"])?;
        let (cloud, owner) = (&*call.cloud, call.uin()?);
        let value = |it: &Registration, name: &str| match name {
            "ClusterName" => it.name.clone(),
            "ClusterRegion" => it.region.clone(),
            _ => format!("{:?}", it.phase.state()),
        };
        let wanted = cloud.registrations.clusters.values().filter(|it| {
            it.owner == owner
                && (self.cluster_ids.is_empty() || self.cluster_ids.contains(&it.id))
                && list::keeps(&self.filters, |name| vec![value(it, name)])
        });
        let page = list::page(wanted.collect(), self.offset, self.limit)?;
        let set: Value = page.items.into_iter().map(|it| view(cloud, it)).collect();
        Ok(json!({ "TotalCount": page.total, "Clusters": set }))
    }
}

fn tagged(it: &Registration) -> Tagged {
    Tagged::new(&it.owner, "tdcc", "cluster", &it.id)
}

fn view(cloud: &Cloud, it: &Registration) -> Value {
    json!({
        "ClusterId": it.id,
        "ClusterName": it.name,
        "ClusterRegion": it.region,
        "ClusterDesc": it.description,
        "ClusterVersion": it.agent.as_ref().map(|agent| agent.version.as_str()).unwrap_or_default(),
        "ClusterType": it.kind,
        "Status": it.phase.state(),
        "NodeNum": it.agent.as_ref().map_or(0, |agent| agent.nodes),
        "TagSpecification": tag_specification(cloud, &tagged(it)),
        "CreatedTime": utc(it.created),
    })
}

/// Forgets a registered cluster; what the agent left in it stays there.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteExternalCluster {
    cluster_id: String,
}

impl Action for DeleteExternalCluster {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        super::resource(call, &self.cluster_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        let before = registration(call, &self.cluster_id)?.phase.state();
        if before == RegistrationState::Deleting {
            return Err(wrong_state("The registered cluster is being removed."));
        }
        let owner = call.uin()?;
        let deleting =
            call.cloud.timing.begin(Step::Unregister, RegistrationState::Deleting, RegistrationState::Deleted, before);
        if let Some(it) = call.cloud.registrations.owned_mut(&owner, &self.cluster_id) {
            it.phase = deleting;
            let resource = tagged(it);
            call.cloud.tags.forget(&resource);
        }
        Ok(json!({}))
    }
}

/// Hands out a kubeconfig of a registered cluster that runs. It leads through the hub, but for an own cluster that was
/// taken over without an agent. The name is assumed after tke's and the console's.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeExternalClusterCredential {
    cluster_id: String,
}

impl Action for DescribeExternalClusterCredential {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        super::resource(call, &self.cluster_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        let member = running_member(call, &self.cluster_id)?;
        let admin = call.caller()?.principal == Principal::Root;
        let kubeconfig = match registration(call, &self.cluster_id)?.kind {
            RegistrationKind::Tke => kubeconfig(call, &member, admin)?,
            RegistrationKind::External => {
                let hub_id = &running_hub(call, &call.uin()?)?.id;
                kubeconfig_through(call, hub_id, &self.cluster_id, admin)?
            }
        };
        Ok(json!({ "Kubeconfig": kubeconfig }))
    }
}

/// Gives the caller all rights in a registered cluster that runs.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AcquireClusterAdminRole {
    cluster_id: String,
}

impl Action for AcquireClusterAdminRole {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        super::resource(call, &self.cluster_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        let cluster_id = running_member(call, &self.cluster_id)?;
        let user = call.caller()?.user_id();
        call.effects.push(Effect::GrantAdmin { cluster_id, user });
        Ok(json!({}))
    }
}

/// The cluster of the world file behind a registered one.
fn running_member(call: &Call<'_>, id: &str) -> Result<String, ApiError> {
    let it = registration(call, id)?;
    let running = it.agent.as_ref().filter(|_| it.phase.state() == RegistrationState::Running);
    running.map(|agent| agent.cluster_id.clone()).ok_or_else(|| wrong_state("The registered cluster does not run."))
}
