//! Registered clusters.

use serde::{Deserialize, Serialize};

use crate::cloud::api::{Filter, TagSpecification, states};
use crate::cloud::credentials::Secret;

states! {
    /// The state of a registered cluster. The words are assumed.
    pub enum ExternalClusterState {
        /// Its agent has not reported yet.
        WaitingRegister = "WaitingRegister",
        /// Its agent reports.
        Running = "Running",
        /// Its agent reported, and no longer does.
        Abnormal = "Abnormal",
        /// Being deleted.
        Deleting = "Deleting",
    }
}

/// Creates the record of a cluster that is to be registered by its agent.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateExternalCluster {
    /// The cluster's name.
    pub cluster_name: String,
    /// The region that the cluster really is in.
    pub cluster_region: String,
    /// What the cluster is for.
    pub cluster_desc: Option<String>,
    /// The record's tags.
    pub tag_specification: Option<Vec<TagSpecification>>,
}

/// The answer of [`CreateExternalCluster`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateExternalClusterResponse {
    /// The registered cluster's ID, for example `cls-65r1c5nu`.
    pub cluster_id: String,
}

/// Registers TKE clusters of the hub's own account, which need no agent manifest.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RegisterClusters {
    /// The clusters.
    pub clusters: Vec<RegisteredCluster>,
}

/// A TKE cluster to register.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RegisteredCluster {
    /// The TKE cluster.
    pub cluster_id: String,
    /// Its region.
    pub region: String,
}

/// Lists registered clusters.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeExternalClusters {
    /// Only these clusters.
    pub cluster_ids: Option<Vec<String>>,
    /// Only clusters that pass all of these.
    pub filters: Option<Vec<Filter>>,
    /// How many to skip.
    pub offset: Option<u64>,
    /// How many to return at most.
    pub limit: Option<u64>,
}

/// The answer of [`DescribeExternalClusters`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeExternalClustersResponse {
    /// How many there are in all.
    pub total_count: u64,
    /// The clusters of this page.
    #[serde(default)]
    pub clusters: Vec<ExternalCluster>,
}

/// A registered cluster.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExternalCluster {
    /// The registered cluster's ID.
    pub cluster_id: String,
    /// Its name.
    pub cluster_name: Option<String>,
    /// What it is for.
    pub cluster_desc: Option<String>,
    /// The region that it really is in.
    pub cluster_region: Option<String>,
    /// Its Kubernetes version, once its agent has reported.
    pub cluster_version: Option<String>,
    /// How it was registered.
    pub cluster_type: Option<String>,
    /// Its state.
    pub status: ExternalClusterState,
    /// How many nodes it has.
    pub node_num: Option<u64>,
    /// When the record was created.
    pub created_time: Option<String>,
    /// The record's tags.
    #[serde(default)]
    pub tag_specification: Vec<TagSpecification>,
}

/// Deletes the record of a registered cluster; the agent's objects in the cluster stay.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteExternalCluster {
    /// The registered cluster.
    pub cluster_id: String,
}

/// Fetches the agent's manifest. Writes only where `is_refresh_expiration_time` says so, and may then be repeated.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeExternalClusterSpec {
    /// The registered cluster.
    pub cluster_id: String,
    /// Whether the agent reaches the hub over the internet; `false` where absent.
    pub is_extranet: Option<bool>,
    /// Whether to renew the token in the manifest; `false` where absent.
    pub is_refresh_expiration_time: Option<bool>,
}

/// The answer of [`DescribeExternalClusterSpec`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeExternalClusterSpecResponse {
    /// The manifest: several YAML documents, one of which holds a token.
    pub spec: Secret,
    /// When the token expires, for example `2021-09-08T07:04:51Z`.
    pub expiration: Option<String>,
}

/// Fetches a kubeconfig that reaches a registered cluster through the hub. The action's name is assumed; the console
/// has the function as "view credential".
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeExternalClusterCredential {
    /// The registered cluster.
    pub cluster_id: String,
    /// Whether the hub is reached over the internet; `false` where absent.
    pub is_extranet: Option<bool>,
}

/// The answer of [`DescribeExternalClusterCredential`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeExternalClusterCredentialResponse {
    /// The kubeconfig.
    pub kubeconfig: Secret,
}
