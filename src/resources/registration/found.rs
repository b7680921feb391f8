//! Clusters of an account, of whichever list of the API they are in.

use std::collections::BTreeMap;

use crate::cloud::api::TagSpecification;
use crate::cloud::api::tke::{self, ClusterType};
use crate::cloud::{self, Client, page, tags};
use crate::scope::Scope;

/// A cluster of an account in a region.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) name: Option<String>,
    /// The list that it is in, in the words of meshes: [`TKE`] or [`EKS`].
    pub(super) kind: &'static str,
    /// Who runs the control plane.
    pub(super) control_plane: &'static str,
    pub(super) vpc_id: Option<String>,
    pub(super) network: Option<String>,
    pub(super) cluster_cidr: Option<String>,
    pub(super) service_cidr: Option<String>,
    pub(super) version: Option<String>,
    pub(super) status: String,
    pub(super) tags: BTreeMap<String, String>,
}

/// The kind of clusters with nodes.
pub(super) const TKE: &str = "TKE";
/// The kind of serverless clusters.
pub(super) const EKS: &str = "EKS";

impl From<tke::Cluster> for Found {
    fn from(found: tke::Cluster) -> Self {
        let network = found.property().network_type;
        let tke::Cluster { cluster_id, cluster_name, cluster_version, cluster_type, cluster_status, .. } = found;
        let tke::ClusterNetworkSettings { cluster_cidr, service_cidr, vpc_id, .. } =
            found.cluster_network_settings.unwrap_or_default();
        Self {
            id: cluster_id,
            name: text(cluster_name),
            kind: TKE,
            control_plane: match cluster_type {
                ClusterType::Managed => "managed",
                ClusterType::Independent => "independent",
                ClusterType::Unknown(_) => "unknown",
            },
            vpc_id: text(vpc_id),
            network: text(network),
            cluster_cidr: text(cluster_cidr),
            service_cidr: text(service_cidr),
            version: text(cluster_version),
            status: cluster_status.to_string(),
            tags: of_cluster(found.tag_specification),
        }
    }
}

impl From<tke::EksCluster> for Found {
    fn from(found: tke::EksCluster) -> Self {
        let tke::EksCluster { cluster_id, cluster_name, vpc_id, k8s_version, status, tag_specification, .. } = found;
        Self {
            id: cluster_id,
            name: text(cluster_name),
            kind: EKS,
            control_plane: "serverless",
            vpc_id: text(vpc_id),
            version: text(k8s_version),
            status: status.to_string(),
            tags: of_cluster(tag_specification),
            ..Self::default()
        }
    }
}

/// The API writes an empty text where there is none.
fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn of_cluster(specifications: Vec<TagSpecification>) -> BTreeMap<String, String> {
    let own = specifications.into_iter().filter(|tags| tags.resource_type == "cluster");
    tags::without_marks(own.flat_map(|specification| specification.tags))
}

/// All clusters of the caller's account in the client's region, in the order of their IDs.
///
/// # Errors
/// As of [`Client::send`].
pub(super) async fn all(scope: &Scope, client: &Client) -> Result<Vec<Found>, cloud::Error> {
    let with_nodes = page::all(scope, client, tke::DescribeClusters::default()).await?;
    let serverless = page::all(scope, client, tke::DescribeEKSClusters::default()).await?;
    let serverless = serverless.into_iter().map(Found::from);
    let mut found: Vec<_> = with_nodes.into_iter().map(Found::from).chain(serverless).collect();
    found.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(found)
}

/// The cluster with this ID, where the caller's account has it in the client's region.
///
/// # Errors
/// As of [`Client::send`].
pub(super) async fn by_id(scope: &Scope, client: &Client, id: &str) -> Result<Option<Found>, cloud::Error> {
    let with_nodes = client.send(scope, &tke::DescribeClusters::by_id(id)).await?.clusters;
    if let Some(found) = with_nodes.into_iter().next() {
        return Ok(Some(found.into()));
    }
    let action = tke::DescribeEKSClusters { cluster_ids: Some(vec![id.to_owned()]), ..Default::default() };
    Ok(client.send(scope, &action).await?.clusters.into_iter().next().map(Found::from))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_global_router_cluster_has_a_network_of_its_own() {
        let cluster: tke::Cluster = serde_json::from_value(json!({
            "ClusterId": "cls-hub00001", "ClusterName": "cluster1", "ClusterType": "INDEPENDENT_CLUSTER",
            "ClusterStatus": "Running", "ClusterVersion": "1.30.0", "Property": r#"{"NetworkType":"GR"}"#,
            "ClusterNetworkSettings":
                {"ClusterCIDR": "172.16.0.0/18", "ServiceCIDR": "172.16.64.0/20", "VpcId": "vpc-hub00001"},
            "TagSpecification": [
                {"ResourceType": "cluster", "Tags": [{"Key": "team", "Value": "network"}]},
                {"ResourceType": "instance", "Tags": [{"Key": "other", "Value": "x"}]},
            ],
        }))
        .unwrap();
        let text = |text: &str| Some(text.to_owned());
        let expected = Found {
            id: "cls-hub00001".into(),
            name: text("cluster1"),
            kind: TKE,
            control_plane: "independent",
            vpc_id: text("vpc-hub00001"),
            network: text("GR"),
            cluster_cidr: text("172.16.0.0/18"),
            service_cidr: text("172.16.64.0/20"),
            version: text("1.30.0"),
            status: "Running".into(),
            tags: [("team".to_owned(), "network".to_owned())].into(),
        };
        assert_eq!(Found::from(cluster), expected);
    }

    #[test]
    fn an_empty_text_of_the_api_is_nothing() {
        let cluster: tke::Cluster = serde_json::from_value(json!({
            "ClusterId": "cls-app00002", "ClusterName": "", "ClusterType": "MANAGED_CLUSTER",
            "ClusterStatus": "Running", "ClusterNetworkSettings": {"ClusterCIDR": "", "VpcId": "vpc-app00002"},
        }))
        .unwrap();
        let found = Found::from(cluster);
        assert_eq!((found.name, found.cluster_cidr, found.network), (None, None, None));
    }

    #[test]
    fn a_serverless_cluster_has_no_control_plane_to_see() {
        let cluster = json!({"ClusterId": "cls-eks00004", "VpcId": "vpc-1", "Status": "running"});
        let found = Found::from(serde_json::from_value::<tke::EksCluster>(cluster).unwrap());
        assert_eq!((found.kind, found.control_plane, found.status.as_str()), (EKS, "serverless", "Running"));
    }
}
