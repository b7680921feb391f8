//! The gateways of a mesh. There is no action for a gateway: it is an element of its cluster's configuration.

use serde::{Deserialize, Serialize};

use super::ResourceRequirements;
use crate::cloud::tags::Tag;

/// An ingress gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IngressGateway {
    /// For example `istio-ingressgateway`.
    pub name: String,
    /// For example `istio-system`.
    pub namespace: String,
    /// The cluster that it is in.
    pub cluster_id: Option<String>,
    /// Its Kubernetes service.
    pub service: Option<Service>,
    /// Its pods.
    pub workload: Option<WorkloadConfig>,
    /// The load balancer to create for it.
    pub load_balancer: Option<LoadBalancer>,
    /// A load balancer that exists, instead of a new one.
    pub load_balancer_id: Option<String>,
    /// Its state; only answered.
    pub status: Option<IngressGatewayStatus>,
}

/// The Kubernetes service of a gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Service {
    /// `ClusterIP`, `NodePort` or `LoadBalancer`.
    pub r#type: Option<String>,
    /// Whether the load balancer reaches pods directly, which needs pods with addresses of the VPC.
    #[serde(rename = "CLBDirectAccess")]
    pub clb_direct_access: Option<bool>,
    /// `Cluster` (where absent) or `Local`, which keeps the client's address.
    pub external_traffic_policy: Option<String>,
}

/// The pods of a gateway or of a control plane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WorkloadConfig {
    /// How many pods.
    pub replicas: Option<i64>,
    /// What each may and must have.
    pub resources: Option<ResourceRequirements>,
    /// How their number follows the load.
    pub horizontal_pod_autoscaler: Option<HorizontalPodAutoscalerSpec>,
    /// The nodes that they run on.
    pub selected_node_list: Option<Vec<String>>,
    /// `IN_GENERAL_NODE`, `IN_EKLET`, `IN_SHARED_NODE_POOL` or `IN_EXCLUSIVE_NODE_POOL`.
    pub deploy_mode: Option<String>,
}

/// How the number of pods follows the load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HorizontalPodAutoscalerSpec {
    /// How many pods at least.
    pub min_replicas: i64,
    /// How many pods at most.
    pub max_replicas: i64,
    /// What to follow.
    #[serde(default)]
    pub metrics: Vec<MetricSpec>,
}

/// What an autoscaler follows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetricSpec {
    /// `Pods` or `Resource`.
    pub r#type: String,
    /// A metric of the pods.
    pub pods: Option<PodsMetricSource>,
    /// A resource that the pods use.
    pub resource: Option<ResourceMetricSource>,
}

/// A metric of pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PodsMetricSource {
    /// The metric.
    pub metric_name: String,
    /// The value to keep on average.
    pub target_average_value: String,
}

/// A resource that pods use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceMetricSource {
    /// `cpu` or `memory`.
    pub name: String,
    /// The percentage to keep on average.
    pub target_average_utilization: Option<i64>,
    /// The value to keep on average.
    pub target_average_value: Option<String>,
}

/// The load balancer to create for a gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoadBalancer {
    /// `OPEN` or `INTERNAL`.
    pub load_balancer_type: Option<String>,
    /// The subnet of an internal one.
    pub subnet_id: Option<String>,
    /// `TRAFFIC_POSTPAID_BY_HOUR` or `BANDWIDTH_POSTPAID_BY_HOUR`.
    pub internet_charge_type: Option<String>,
    /// The highest outgoing bandwidth of an open one, in Mbps; 10 where absent.
    pub internet_max_bandwidth_out: Option<i64>,
    /// The zone.
    #[serde(rename = "ZoneID")]
    pub zone_id: Option<String>,
    /// The primary zone.
    #[serde(rename = "MasterZoneID")]
    pub master_zone_id: Option<String>,
    /// The secondary zone.
    #[serde(rename = "SlaveZoneID")]
    pub slave_zone_id: Option<String>,
    /// The carrier.
    pub vip_isp: Option<String>,
    /// The group of gateways of the cloud.
    pub tgw_group_name: Option<String>,
    /// `IPV4`, `IPV6` or `IPv6FullChain`.
    #[serde(rename = "AddressIPVersion")]
    pub address_ip_version: Option<String>,
    /// The tags.
    pub tags: Option<Vec<Tag>>,
    /// The dedicated clusters of the cloud.
    pub extensive_clusters: Option<ExtensiveClusters>,
    /// Present where it serves another region.
    pub cross_region_config: Option<CrossRegionConfig>,
}

/// Dedicated clusters of the cloud that carry a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExtensiveClusters {
    /// For TCP and UDP.
    #[serde(rename = "L4Clusters")]
    pub l4_clusters: Option<Vec<ExtensiveCluster>>,
    /// For HTTP.
    #[serde(rename = "L7Clusters")]
    pub l7_clusters: Option<Vec<ExtensiveCluster>>,
}

/// A dedicated cluster of the cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExtensiveCluster {
    /// The ID.
    pub cluster_id: Option<String>,
    /// The zone.
    pub zone: Option<String>,
}

/// That a load balancer serves another region; it has no members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossRegionConfig {}

/// The state of an ingress gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IngressGatewayStatus {
    /// Its load balancer.
    pub load_balancer: Option<LoadBalancerStatus>,
    /// The version that runs.
    pub current_version: Option<String>,
    /// The version that should run.
    pub desired_version: Option<String>,
    /// `running`, `upgrading` or `rollbacking`.
    pub state: Option<String>,
}

/// The load balancer of a gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoadBalancerStatus {
    /// For example `lb-cuxw2rm0`.
    pub load_balancer_id: Option<String>,
    /// The name.
    pub load_balancer_name: Option<String>,
    /// The address; empty until there is one.
    pub load_balancer_vip: Option<String>,
    /// The host name, where it has one instead of an address.
    pub load_balancer_hostname: Option<String>,
}

/// An egress gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EgressGateway {
    /// The name.
    pub name: String,
    /// The namespace.
    pub namespace: String,
    /// Its pods.
    pub workload: Option<WorkloadConfig>,
}
