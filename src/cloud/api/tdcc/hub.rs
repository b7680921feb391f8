//! The hub of an account, which its clusters and those of other accounts register with.

use serde::{Deserialize, Serialize};

use crate::cloud::api::{TagSpecification, states};

states! {
    /// The state of a hub. The words are assumed.
    pub enum HubState {
        /// Being created.
        Creating = "Creating",
        /// Ready for registrations.
        Running = "Running",
        /// Broken.
        Abnormal = "Abnormal",
        /// Being deleted.
        Deleting = "Deleting",
    }
}

/// Creates the account's hub, in the region of the request.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateHubCluster {
    /// The hub's name. The console's form has none.
    pub cluster_name: Option<String>,
    /// The zone, for example `ap-guangzhou-3`.
    pub zone: String,
    /// The VPC that the hub's API server gets an address in.
    pub vpc_id: String,
    /// The subnet of that address.
    pub subnet_id: String,
    /// The hub's tags.
    pub tag_specification: Option<Vec<TagSpecification>>,
}

/// The answer of [`CreateHubCluster`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateHubClusterResponse {
    /// The hub's ID.
    pub cluster_id: String,
}

/// Lists the account's hubs; there is one at most.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeHubClusters {
    /// Only these hubs.
    pub cluster_ids: Option<Vec<String>>,
}

/// The answer of [`DescribeHubClusters`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeHubClustersResponse {
    /// The hubs.
    #[serde(default)]
    pub clusters: Vec<HubCluster>,
}

/// A hub.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HubCluster {
    /// The hub's ID.
    pub cluster_id: String,
    /// The hub's name.
    pub cluster_name: Option<String>,
    /// The hub's region.
    pub region: Option<String>,
    /// The hub's zone.
    pub zone: Option<String>,
    /// The VPC of the hub's address.
    pub vpc_id: Option<String>,
    /// The subnet of the hub's address.
    pub subnet_id: Option<String>,
    /// The hub's state.
    pub status: HubState,
    /// When the hub was created.
    pub created_time: Option<String>,
    /// The hub's tags.
    #[serde(default)]
    pub tag_specification: Vec<TagSpecification>,
}

/// Deletes a hub.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteHubCluster {
    /// The hub.
    pub cluster_id: String,
}
