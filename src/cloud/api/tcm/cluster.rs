//! The clusters of a mesh.

use serde::{Deserialize, Serialize};

use super::{EgressGateway, IngressGateway, WorkloadConfig};
use crate::cloud::api::states;

states! {
    /// How far a cluster is linked (API reference, `ClusterStatus`).
    pub enum LinkState {
        /// Being linked.
        Linking = "LINKING",
        /// Linked.
        Linked = "LINKED",
        /// Being unlinked.
        Unlinking = "UNLINKING",
        /// Linking failed.
        LinkFailed = "LINK_FAILED",
        /// Unlinking failed.
        UnlinkFailed = "UNLINK_FAILED",
    }
}

/// A cluster of a mesh. To link one, give ID, region, role, VPC, subnet and type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Cluster {
    /// For example `cls-bg7cwcj2`.
    pub cluster_id: String,
    /// The region; for a registered cluster that of its hub.
    pub region: String,
    /// `MASTER` or `REMOTE`.
    pub role: Option<String>,
    /// The VPC.
    pub vpc_id: Option<String>,
    /// The subnet.
    pub subnet_id: Option<String>,
    /// `TKE` or `EKS`; the word for a registered cluster is not documented.
    pub r#type: Option<String>,
    /// The cluster's name; only answered.
    pub display_name: Option<String>,
    /// The cluster's own state, for example `RUNNING`; only answered.
    pub state: Option<String>,
    /// When it was linked; only answered.
    pub linked_time: Option<String>,
    /// What the mesh does in the cluster.
    pub config: Option<ClusterConfig>,
    /// How far it is linked; only answered.
    pub status: Option<ClusterStatus>,
}

impl Cluster {
    /// How far it is linked.
    pub fn link_state(&self) -> Option<&LinkState> {
        self.status.as_ref().map(|status| &status.link_state)
    }
}

/// What a mesh does in a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ClusterConfig {
    /// The namespaces whose new pods get a sidecar; required in a request, also where it is empty.
    pub auto_injection_namespace_list: Option<Vec<String>>,
    /// The ingress gateways. An empty list is not the same as none: it may delete those that there are.
    pub ingress_gateway_list: Option<Vec<IngressGateway>>,
    /// The egress gateways.
    pub egress_gateway_list: Option<Vec<EgressGateway>>,
    /// The control plane in the cluster, of a mesh that is not hosted.
    pub istiod: Option<IstiodConfig>,
    /// Where the mesh's components run.
    pub deploy_config: Option<DeployConfig>,
    /// How far injection has come, by namespace; only answered.
    pub auto_injection_namespace_state_list: Option<Vec<AutoInjectionNamespaceState>>,
}

/// The control plane in a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IstiodConfig {
    /// Its pods.
    pub workload: Option<WorkloadConfig>,
}

/// Where the mesh's components run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeployConfig {
    /// `SPECIFIC` or `AUTO`.
    pub node_select_type: Option<String>,
    /// The nodes, where they are specific.
    pub nodes: Option<Vec<String>>,
}

/// How far injection has come in a namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AutoInjectionNamespaceState {
    /// The namespace.
    pub namespace: String,
    /// For example `INJECT_NEW`.
    pub state: Option<String>,
}

/// How far a cluster is linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ClusterStatus {
    /// The state.
    pub link_state: LinkState,
    /// Why linking failed, for example `CheckError: cluster not found`.
    pub link_error_detail: Option<String>,
}

/// Links clusters to a mesh.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LinkClusterList {
    /// The mesh.
    pub mesh_id: String,
    /// The clusters.
    pub cluster_list: Vec<Cluster>,
}

/// Unlinks a cluster from a mesh.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnlinkCluster {
    /// The mesh.
    pub mesh_id: String,
    /// The cluster.
    pub cluster_id: String,
}
