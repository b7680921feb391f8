//! Clusters join meshes and leave them.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::check_one_of;
use super::config::{self, Cluster};
use super::{check, gateways, merge, running, store};
use crate::front::{Action, Answer, ApiError, Call};
use crate::state::{Course, LinkState, Mesh, MeshCluster, Phase};
use crate::world::Step;

/// Links clusters to a mesh. Whether one fits is checked on the way: it ends as `LINK_FAILED` if not.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct LinkClusterList {
    mesh_id: String,
    cluster_list: Vec<Cluster>,
}

impl Action for LinkClusterList {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        super::resource(call, &self.mesh_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        let mut mesh = running(call, &self.mesh_id)?;
        if self.cluster_list.is_empty() {
            return Err(ApiError::invalid_value("`ClusterList` must not be empty."));
        }
        link(call, &mut mesh, self.cluster_list)?;
        store(call, mesh);
        Ok(json!({}))
    }
}

/// Begins to link clusters. One whose link failed can be linked again.
pub(super) fn link(call: &Call<'_>, mesh: &mut Mesh, clusters: Vec<Cluster>) -> Result<(), ApiError> {
    for wanted in clusters {
        check_one_of("Role", &wanted.role, &["MASTER", "REMOTE"])?;
        check::check_rights(call, &wanted)?;
        if mesh.cluster(&wanted.cluster_id).is_some_and(|it| it.phase.state() != LinkState::LinkFailed) {
            let message = format!("The cluster `{}` is a part of the mesh already.", wanted.cluster_id);
            return Err(ApiError::new("InvalidParameter", message));
        }
        mesh.clusters.retain(|it| it.id != wanted.cluster_id);
        let cluster = begin(call, mesh, wanted)?;
        mesh.clusters.push(cluster);
        check_quotas(call, mesh)?;
    }
    Ok(())
}

fn begin(call: &Call<'_>, mesh: &Mesh, wanted: Cluster) -> Result<MeshCluster, ApiError> {
    let checked = check::check_cluster(call.cloud, mesh, &wanted);
    let timing = &call.cloud.timing;
    let done = if checked.is_ok() { LinkState::Linked } else { LinkState::LinkFailed };
    let mut cluster = MeshCluster {
        kind: wanted.kind.unwrap_or_else(|| "TKE".into()),
        id: wanted.cluster_id,
        region: wanted.region,
        // In a hosted mesh every cluster is a remote one (API reference, sample of `DescribeMesh`).
        role: "REMOTE".into(),
        vpc_id: wanted.vpc_id,
        subnet_id: wanted.subnet_id,
        phase: timing.begin(Step::Link, LinkState::Linking, done, LinkState::LinkFailed),
        error: match &checked {
            Ok(_) if timing.course == Course::Failing => "InstallError: on purpose".into(),
            Ok(_) => String::new(),
            Err(reason) => format!("CheckError: {reason}"),
        },
        member: checked.ok(),
        linked: None,
        config: initial_config(),
        gateways: Vec::new(),
    };
    if let Some(config) = wanted.config {
        merge(&mut cluster.config, config::json_of(&config));
        let listed = config.ingress_gateway_list.unwrap_or_default();
        cluster.gateways = gateways::waiting(&cluster.id, listed)?;
    }
    Ok(cluster)
}

fn initial_config() -> Value {
    json!({
        "AutoInjectionNamespaceList": [],
        "AutoInjectionNamespaceStateList": [],
        "EgressGatewayList": [],
        "Istiod": Value::Null,
        "DeployConfig": { "NodeSelectType": "", "Nodes": [] },
    })
}

fn check_quotas(call: &Call<'_>, mesh: &Mesh) -> Result<(), ApiError> {
    let quotas = &call.cloud.quotas;
    let regions: BTreeSet<&str> = mesh.clusters.iter().map(|it| it.region.as_str()).collect();
    if mesh.clusters.len() > quotas.mesh_clusters {
        return Err(ApiError::quota("clusters of a mesh", quotas.mesh_clusters));
    }
    if regions.len() > quotas.mesh_regions {
        return Err(ApiError::quota("regions of a mesh", quotas.mesh_regions));
    }
    Ok(())
}

/// Takes a cluster out of a mesh, and its gateways with it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct UnlinkCluster {
    mesh_id: String,
    cluster_id: String,
}

impl Action for UnlinkCluster {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        super::resource(call, &self.mesh_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        let timing = &call.cloud.timing;
        let mut mesh = running(call, &self.mesh_id)?;
        let cluster = mesh.cluster_mut(&self.cluster_id).ok_or_else(|| {
            let message = format!("The cluster `{}` is no part of the mesh.", self.cluster_id);
            ApiError::new("ResourceNotFound", message)
        })?;
        match cluster.phase.state() {
            LinkState::Linking | LinkState::Unlinking => {
                return Err(ApiError::new("FailedOperation", "The cluster is being linked or unlinked."));
            }
            LinkState::LinkFailed => {
                // There is nothing in the cluster to take away.
                cluster.phase = Phase::changing(LinkState::Unlinking, timing.now, LinkState::Unlinked);
            }
            _ => {
                let states = (LinkState::Unlinking, LinkState::Unlinked, LinkState::UnlinkFailed);
                cluster.phase = timing.begin(Step::Unlink, states.0, states.1, states.2);
            }
        }
        store(call, mesh);
        Ok(json!({}))
    }
}
