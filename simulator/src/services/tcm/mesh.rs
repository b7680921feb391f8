//! Meshes themselves.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::check_one_of;
use super::super::list::{self, Filter};
use super::config::{self, Cluster, MeshConfig, Tag};
use super::{gateways, link, merge, observe, owned, running, store, view};
use crate::front::{Action, Answer, ApiError, Call};
use crate::ids;
use crate::state::{Cloud, Mesh, MeshState};
use crate::world::Step;

/// Makes a mesh, and links the clusters given with it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateMesh {
    display_name: String,
    mesh_version: String,
    #[serde(rename = "Type")]
    kind: String,
    config: MeshConfig,
    #[serde(default)]
    cluster_list: Vec<Cluster>,
    #[serde(default)]
    tag_list: Vec<Tag>,
}

impl Action for CreateMesh {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let (owner, now) = (call.uin()?, call.cloud.timing.now);
        check_name(&self.display_name)?;
        check_one_of("Type", &self.kind, &["HOSTED"])?;
        let versions: Vec<&str> = call.cloud.settings.mesh_versions.iter().map(String::as_str).collect();
        check_one_of("MeshVersion", &self.mesh_version, &versions)?;
        let quota = call.cloud.quotas.meshes;
        if call.cloud.meshes.iter().filter(|mesh| mesh.owner == owner).count() >= quota {
            return Err(ApiError::quota("meshes", quota));
        }
        let mut mesh = Mesh {
            id: ids::resource("mesh"),
            owner,
            region: call.region.to_owned(),
            name: self.display_name,
            version: self.mesh_version,
            phase: call.cloud.timing.begin(
                Step::MeshCreate,
                MeshState::Creating,
                MeshState::Running,
                MeshState::CreateFailed,
            ),
            config: initial_config(),
            clusters: Vec::new(),
            passed_on: self.tag_list.iter().filter(|tag| tag.passthrough).map(|tag| tag.key.clone()).collect(),
            prometheus: None,
            created: now,
            updated: now,
        };
        apply_config(call, &mut mesh, &self.config)?;
        link::link(call, &mut mesh, self.cluster_list)?;
        let answer = json!({ "MeshId": mesh.id });
        call.cloud.tags.set(mesh.tagged(), self.tag_list.into_iter().map(|tag| (tag.key, tag.value)));
        call.cloud.meshes.add(mesh);
        Ok(answer)
    }
}

fn check_name(name: &str) -> Result<(), ApiError> {
    match name.len() {
        1..=60 => Ok(()),
        _ => Err(ApiError::invalid_value("`DisplayName` must have 1 to 60 bytes.")),
    }
}

/// The configuration of a mesh for which nothing is said (API reference, sample of `DescribeMesh`).
fn initial_config() -> Value {
    let resource = |name: &str, quantity: &str| json!({ "Name": name, "Quantity": quantity });
    json!({
        "Istio": {
            "OutboundTrafficPolicy": "ALLOW_ANY",
            "DisablePolicyChecks": true,
            "EnablePilotHTTP": false,
            "DisableHTTPRetry": false,
            "SmartDNS": { "IstioMetaDNSCapture": true, "IstioMetaDNSAutoAllocate": true },
            "Tracing": { "Sampling": 0.0 },
        },
        "AccessLog": { "Enable": false },
        "Prometheus": Value::Null,
        "Inject": {
            "ExcludeIPRanges": [],
            "HoldApplicationUntilProxyStarts": false,
            "HoldProxyUntilApplicationEnds": false,
        },
        "Tracing": { "Enable": false },
        "SidecarResources": {
            "Limits": [resource("cpu", "2"), resource("memory", "1Gi")],
            "Requests": [resource("cpu", "100m"), resource("memory", "128Mi")],
        },
    })
}

fn apply_config(call: &Call<'_>, mesh: &mut Mesh, change: &MeshConfig) -> Result<(), ApiError> {
    if let Some(policy) = change.istio.as_ref().and_then(|istio| istio.outbound_traffic_policy.as_ref()) {
        check_one_of("OutboundTrafficPolicy", policy, &["ALLOW_ANY", "REGISTRY_ONLY"])?;
    }
    merge(&mut mesh.config, config::json_of(change));
    if let Some(prometheus) = &change.prometheus {
        mesh.prometheus = Some(observe::prometheus(call, prometheus));
    }
    Ok(())
}

/// Describes a mesh.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeMesh {
    mesh_id: String,
}

impl Action for DescribeMesh {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        super::resource(call, &self.mesh_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        Ok(json!({ "Mesh": view::mesh(call.cloud, owned(call, &self.mesh_id)?) }))
    }
}

/// Lists the account's meshes whose home is the region asked. Filters are known by the names in the reference's sample
/// and by those that the vendor's provider sends.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeMeshList {
    #[serde(default)]
    filters: Vec<Filter>,
    offset: Option<u64>,
    limit: Option<u64>,
}

impl Action for DescribeMeshList {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let known = ["mesh-id", "MeshId", "mesh-name", "MeshName", "Tags", "MeshCluster"];
        list::check_filters(&self.filters, &known).map_err(|it| ApiError::new("InvalidParameter", it.message))?;
        let owner = call.uin()?;
        let wanted = call.cloud.meshes.iter().filter(|mesh| {
            mesh.owner == owner
                && mesh.region == call.region
                && list::keeps(&self.filters, |name| filter_values(call.cloud, mesh, name))
        });
        let page = list::page(wanted.collect(), self.offset, self.limit)?;
        let set: Value = page.items.into_iter().map(|mesh| view::mesh(call.cloud, mesh)).collect();
        Ok(json!({ "MeshList": set, "Total": page.total }))
    }
}

fn filter_values(cloud: &Cloud, mesh: &Mesh, name: &str) -> Vec<String> {
    match name {
        "mesh-id" | "MeshId" => vec![mesh.id.clone()],
        "mesh-name" | "MeshName" => vec![mesh.name.clone()],
        "MeshCluster" => mesh.clusters.iter().map(|cluster| cluster.id.clone()).collect(),
        _ => cloud.tags.of(&mesh.tagged()).map(|(key, value)| format!("{key}:{value}")).collect(),
    }
}

/// Changes a mesh. What is absent is left alone; gateways are a part of their cluster.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ModifyMesh {
    mesh_id: String,
    display_name: Option<String>,
    config: Option<MeshConfig>,
    #[serde(default)]
    cluster_list: Vec<Cluster>,
}

impl Action for ModifyMesh {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        super::resource(call, &self.mesh_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        let mut mesh = running(call, &self.mesh_id)?;
        self.display_name.iter().try_for_each(|name| check_name(name))?;
        mesh.name = self.display_name.unwrap_or(mesh.name);
        if let Some(change) = &self.config {
            apply_config(call, &mut mesh, change)?;
        }
        let removed = gateways::modify(call, &mut mesh, self.cluster_list)?;
        removed.iter().for_each(|gateway| call.cloud.remove_gateway(gateway));
        store(call, mesh);
        Ok(json!({}))
    }
}

/// Deletes a mesh with its gateways. Its clusters are unlinked with it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteMesh {
    mesh_id: String,
}

impl Action for DeleteMesh {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        super::resource(call, &self.mesh_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        let state = owned(call, &self.mesh_id)?.phase.state();
        if matches!(state, MeshState::Creating | MeshState::Deleting) {
            return Err(ApiError::new("FailedOperation", "The mesh is being made or removed."));
        }
        let deleting =
            call.cloud.timing.begin(Step::MeshDelete, MeshState::Deleting, MeshState::Deleted, MeshState::DeleteFailed);
        let (owner, region) = (call.uin()?, call.region);
        if let Some(mesh) = call.cloud.meshes.owned_mut(&owner, region, &self.mesh_id) {
            mesh.phase = deleting;
        }
        Ok(json!({}))
    }
}
