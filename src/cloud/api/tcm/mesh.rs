//! Meshes.

use serde::{Deserialize, Serialize};

use super::{Cluster, MeshConfig};
use crate::cloud::api::{Filter, states};

states! {
    /// The state of a mesh (API reference, `Mesh`).
    pub enum MeshState {
        /// Waits to be created.
        Pending = "PENDING",
        /// Being created.
        Creating = "CREATING",
        /// In order.
        Running = "RUNNING",
        /// Broken.
        Abnormal = "ABNORMAL",
        /// Being upgraded.
        Upgrading = "UPGRADING",
        /// Both control planes run.
        CanaryUpgraded = "CANARY_UPGRADED",
        /// An upgrade is being undone.
        Rollbacking = "ROLLBACKING",
        /// Being deleted.
        Deleting = "DELETING",
        /// Creating it failed.
        CreateFailed = "CREATE_FAILED",
        /// Deleting it failed.
        DeleteFailed = "DELETE_FAILED",
        /// An upgrade failed.
        UpgradeFailed = "UPGRADE_FAILED",
        /// Undoing an upgrade failed.
        RollbackFailed = "ROLLBACK_FAILED",
    }
}

/// A mesh.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Mesh {
    /// For example `mesh-rofjmxxx`.
    pub mesh_id: String,
    /// The name.
    pub display_name: Option<String>,
    /// `HOSTED` or `STANDALONE`.
    pub r#type: Option<String>,
    /// The home region.
    pub region: Option<String>,
    /// The Istio version, for example `1.18.5`.
    pub version: Option<String>,
    /// The state.
    pub state: MeshState,
    /// When it was created, for example `2025-01-02T10:50:01+08:00`.
    pub created_time: Option<String>,
    /// The linked clusters.
    #[serde(default)]
    pub cluster_list: Vec<Cluster>,
    /// The configuration.
    pub config: Option<MeshConfig>,
    /// More about the state.
    pub status: Option<MeshStatus>,
    /// The tags.
    #[serde(default)]
    pub tag_list: Vec<Tag>,
}

impl Mesh {
    /// The linked cluster with this ID.
    pub fn cluster(&self, cluster_id: &str) -> Option<&Cluster> {
        self.cluster_list.iter().find(|cluster| cluster.cluster_id == cluster_id)
    }
}

/// More about the state of a mesh.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MeshStatus {
    /// Why the mesh is in its state.
    pub state_message: Option<String>,
    /// What is being done to the mesh.
    #[serde(default)]
    pub active_operation_list: Vec<ActiveOperation>,
    /// The linked Prometheus.
    #[serde(rename = "TPS")]
    pub tps: Option<PrometheusStatus>,
}

/// Something that is being done to a mesh.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ActiveOperation {
    /// The ID.
    pub operation_id: Option<String>,
    /// For example `LINK_CLUSTERS`.
    pub r#type: Option<String>,
}

/// The Prometheus of a mesh.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrometheusStatus {
    /// For example `prom-35pxn5pm`.
    pub instance_id: Option<String>,
    /// Where it is.
    pub region: Option<String>,
    /// The VPC that it is in.
    pub vpc_id: Option<String>,
    /// `PENDING` until it is linked.
    pub state: Option<String>,
}

/// A tag of a mesh.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// The name.
    pub key: String,
    /// The value.
    pub value: String,
    /// Whether the tag is given on to what the mesh creates.
    pub passthrough: Option<bool>,
}

impl From<Tag> for (String, String) {
    fn from(Tag { key, value, .. }: Tag) -> Self {
        (key, value)
    }
}

impl From<crate::cloud::tags::Tag> for Tag {
    fn from(crate::cloud::tags::Tag { key, value }: crate::cloud::tags::Tag) -> Self {
        Self { key, value, passthrough: None }
    }
}

/// Creates a mesh.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateMesh {
    /// The name.
    pub display_name: String,
    /// The Istio version, for example `1.18.5`.
    pub mesh_version: String,
    /// `HOSTED`.
    pub r#type: String,
    /// The configuration.
    pub config: MeshConfig,
    /// Clusters to link at once.
    pub cluster_list: Option<Vec<Cluster>>,
    /// The tags.
    pub tag_list: Option<Vec<Tag>>,
}

/// The answer of [`CreateMesh`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateMeshResponse {
    /// The new mesh.
    pub mesh_id: String,
}

/// Looks for a mesh; one that is gone is `ResourceNotFound`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeMesh {
    /// The mesh.
    pub mesh_id: String,
}

/// The answer of [`DescribeMesh`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeMeshResponse {
    /// The mesh.
    pub mesh: Mesh,
}

/// Lists meshes.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeMeshList {
    /// The reference's sample filters by `mesh-name`; the stock provider by `MeshId`, `MeshName`, `Tags` and `MeshCluster`.
    pub filters: Option<Vec<Filter>>,
    /// How many to skip.
    pub offset: Option<u64>,
    /// How many to return at most.
    pub limit: Option<u64>,
}

/// The answer of [`DescribeMeshList`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeMeshListResponse {
    /// How many there are in all.
    pub total: u64,
    /// The meshes of this page.
    #[serde(default)]
    pub mesh_list: Vec<Mesh>,
}

/// Changes a mesh; what is `None` stays. Whether a list of clusters, or of a cluster's gateways, that is sent replaces
/// the list or is merged into it is not documented: look before and after, and do not send it twice unseen.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyMesh {
    /// The mesh.
    pub mesh_id: String,
    /// The name.
    pub display_name: Option<String>,
    /// The configuration.
    pub config: Option<MeshConfig>,
    /// Linked clusters, with their gateways.
    pub cluster_list: Option<Vec<Cluster>>,
}

/// Deletes a mesh, and what was created for it where the flags say so.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteMesh {
    /// The mesh.
    pub mesh_id: String,
    /// Whether to delete the log topic.
    #[serde(rename = "NeedDeleteCLS")]
    pub need_delete_cls: Option<bool>,
    /// Whether to delete the Prometheus instance.
    #[serde(rename = "NeedDeleteTMP")]
    pub need_delete_tmp: Option<bool>,
    /// Whether to delete the APM instance.
    #[serde(rename = "NeedDeleteAPM")]
    pub need_delete_apm: Option<bool>,
    /// Whether to delete the Grafana instance.
    pub need_delete_grafana: Option<bool>,
}
