//! Clusters: managed and independent ones, and serverless (EKS) ones, which have a list of their own.

use serde::{Deserialize, Serialize};

use crate::cloud::api::{Filter, TagSpecification, states};

states! {
    /// Who runs a cluster's control plane.
    pub enum ClusterType {
        /// The cloud, outside the user's VPC.
        Managed = "MANAGED_CLUSTER",
        /// The user, on instances in the VPC.
        Independent = "INDEPENDENT_CLUSTER",
    }
}

states! {
    /// The state of a cluster (API reference, `Cluster`); the words of maintenance are left to `Unknown`.
    pub enum ClusterStatus {
        /// Being created.
        Creating = "Creating",
        /// In order.
        Running = "Running",
        /// Being deleted.
        Deleting = "Deleting",
        /// Without nodes that run.
        Idling = "Idling",
        /// Cut off, because the account is in arrears.
        Isolated = "Isolated",
        /// Broken.
        Abnormal = "Abnormal",
    }
}

states! {
    /// The state of a serverless cluster (API reference, `EksCluster`).
    pub enum EksClusterStatus {
        /// Being created.
        Initializing = "initializing",
        /// In order.
        Running = "Running",
        /// Broken.
        Failed = "Failed",
        /// Asleep.
        Idling = "Idling",
        /// Waking up.
        Activating = "Activating",
        /// Being deleted.
        Terminating = "Terminating",
    }
}

/// Lists clusters other than serverless ones.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeClusters {
    /// Only these clusters.
    pub cluster_ids: Option<Vec<String>>,
    /// By `ClusterName`, `ClusterType`, `ClusterStatus`, `vpc-id`, `tag-key`, `tag-value` or `Tags` (`key:value`).
    pub filters: Option<Vec<Filter>>,
    /// `MANAGED_CLUSTER` or `INDEPENDENT_CLUSTER`.
    pub cluster_type: Option<ClusterType>,
    /// How many to skip.
    pub offset: Option<u64>,
    /// How many to return at most.
    pub limit: Option<u64>,
}

impl DescribeClusters {
    /// Looks for one cluster. One that is gone, or another account's, makes an empty list.
    pub fn by_id(cluster_id: &str) -> Self {
        Self { cluster_ids: Some(vec![cluster_id.to_owned()]), ..Self::default() }
    }
}

/// The answer of [`DescribeClusters`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeClustersResponse {
    /// How many there are in all.
    pub total_count: u64,
    /// The clusters of this page.
    #[serde(default)]
    pub clusters: Vec<Cluster>,
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Cluster {
    /// For example `cls-bg7cwcj2`.
    pub cluster_id: String,
    /// The name.
    pub cluster_name: Option<String>,
    /// What the cluster is for.
    pub cluster_description: Option<String>,
    /// The Kubernetes version, for example `1.30.0`.
    pub cluster_version: Option<String>,
    /// Who runs the control plane.
    pub cluster_type: ClusterType,
    /// The networks.
    pub cluster_network_settings: Option<ClusterNetworkSettings>,
    /// How many nodes there are.
    pub cluster_node_num: Option<u64>,
    /// The state.
    pub cluster_status: ClusterStatus,
    /// More properties, as JSON in a text: see [`Cluster::property`].
    pub property: Option<String>,
    /// When it was created, for example `2020-09-22T12:00:00Z`.
    pub created_time: Option<String>,
    /// The tags, by kind of resource.
    #[serde(default)]
    pub tag_specification: Vec<TagSpecification>,
}

impl Cluster {
    /// The properties that the API puts into a text; nothing where the text is absent or cannot be read.
    pub fn property(&self) -> Property {
        self.property.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}

/// The networks of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ClusterNetworkSettings {
    /// The CIDR of the containers; empty for a cluster whose pods have addresses of the VPC.
    #[serde(rename = "ClusterCIDR")]
    pub cluster_cidr: Option<String>,
    /// The CIDR of the services.
    #[serde(rename = "ServiceCIDR")]
    pub service_cidr: Option<String>,
    /// The VPC.
    pub vpc_id: Option<String>,
    /// The subnets of the pods, where pods have addresses of the VPC.
    #[serde(default)]
    pub subnets: Vec<String>,
    /// Whether a CNI plug-in is in use.
    pub cni: Option<bool>,
}

/// Properties of a cluster that the API puts into a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Property {
    /// `GR` (Global Router), `VPC-CNI` or `CiliumOverlay`.
    pub network_type: Option<String>,
}

/// Lists serverless clusters.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeEKSClusters {
    /// Only these clusters.
    pub cluster_ids: Option<Vec<String>>,
    /// By `ClusterName`.
    pub filters: Option<Vec<Filter>>,
    /// How many to skip.
    pub offset: Option<u64>,
    /// How many to return at most.
    pub limit: Option<u64>,
}

/// The answer of [`DescribeEKSClusters`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeEKSClustersResponse {
    /// How many there are in all.
    pub total_count: u64,
    /// The clusters of this page.
    #[serde(default)]
    pub clusters: Vec<EksCluster>,
}

/// A serverless cluster.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EksCluster {
    /// For example `cls-bg7cwcj2`.
    pub cluster_id: String,
    /// The name.
    pub cluster_name: Option<String>,
    /// What the cluster is for.
    pub cluster_desc: Option<String>,
    /// The VPC.
    pub vpc_id: Option<String>,
    /// The subnets of the pods.
    #[serde(default)]
    pub subnet_ids: Vec<String>,
    /// The Kubernetes version.
    #[serde(rename = "K8SVersion")]
    pub k8s_version: Option<String>,
    /// The state.
    pub status: EksClusterStatus,
    /// When it was created.
    pub created_time: Option<String>,
    /// The subnet of the services.
    pub service_subnet_id: Option<String>,
    /// The tags, by kind of resource.
    #[serde(default)]
    pub tag_specification: Vec<TagSpecification>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_network_type_is_read_out_of_the_text() {
        let mut cluster: Cluster = serde_json::from_value(json!({
            "ClusterId": "cls-bg7cwcj2", "ClusterType": "MANAGED_CLUSTER", "ClusterStatus": "Upgrading",
            "Property": r#"{"NodeNameType":"lan-ip","NetworkType":"VPC-CNI"}"#,
        }))
        .expect("the members that are required are there");
        assert_eq!(cluster.property().network_type.as_deref(), Some("VPC-CNI"));
        assert_eq!(cluster.cluster_status, ClusterStatus::Unknown("Upgrading".into()));
        cluster.property = Some("not JSON".into());
        assert_eq!(cluster.property(), Property::default());
    }
}
