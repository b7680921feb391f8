//! The blocks `service` and `workload` of an ingress gateway.

use super::requirements::Requirements;
use crate::cloud::api::tcm::{self, HorizontalPodAutoscalerSpec, MetricSpec, WorkloadConfig};
use crate::framework::{Computed, Model};

/// The gateway's Kubernetes service.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Service {
    /// `LoadBalancer`, or `ClusterIP` or `NodePort`, which have no address of their own outside the cluster.
    #[tf(optional, default = "LoadBalancer", force_new, one_of("LoadBalancer", "ClusterIP", "NodePort"))]
    pub r#type: String,
    /// Whether the load balancer reaches pods directly, for example `true`. The pods need addresses of the VPC (VPC-CNI).
    #[tf(optional, computed, force_new)]
    pub clb_direct_access: Computed<bool>,
    /// `Cluster`, or `Local`, which keeps the client's address.
    #[tf(optional, computed, force_new, one_of("Cluster", "Local"))]
    pub external_traffic_policy: Computed<String>,
}

/// The gateway's pods. What is left out stays as the cloud has it.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Workload {
    /// How many pods, for example `2`.
    #[tf(optional, computed, range(1..=1000))]
    pub replicas: Computed<i64>,
    /// Where they run: `IN_GENERAL_NODE`, `IN_EKLET`, `IN_SHARED_NODE_POOL` or `IN_EXCLUSIVE_NODE_POOL`.
    #[tf(
        optional,
        force_new,
        carried,
        one_of("IN_GENERAL_NODE", "IN_EKLET", "IN_SHARED_NODE_POOL", "IN_EXCLUSIVE_NODE_POOL")
    )]
    pub deploy_mode: Option<String>,
    /// The nodes that they may run on, for example `["ins-7l6gd4bl"]`.
    #[tf(optional, force_new, carried)]
    pub selected_node_list: Vec<String>,
    /// What each pod may use and what is set aside for it.
    #[tf(block, opt_in)]
    pub resources: Option<Requirements>,
    /// How the number of pods follows the load.
    #[tf(block, opt_in)]
    pub hpa: Option<Autoscaler>,
}

/// How the number of pods follows the load.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Autoscaler {
    /// How many pods at least, for example `2`.
    #[tf(required, range(1..=1000))]
    pub min_replicas: i64,
    /// How many pods at most, for example `5`.
    #[tf(required, range(1..=1000))]
    pub max_replicas: i64,
    /// What to follow.
    #[tf(block, min = 1, each = check_metric)]
    pub metric: Vec<Metric>,
}

/// What to follow: a resource that pods use, or a metric of pods.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Metric {
    /// `Resource` or `Pods`.
    #[tf(required, one_of("Resource", "Pods"))]
    pub r#type: String,
    /// For `Resource`.
    #[tf(block)]
    pub resource: Option<ResourceMetric>,
    /// For `Pods`.
    #[tf(block)]
    pub pods: Option<PodsMetric>,
}

/// A resource that pods use.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct ResourceMetric {
    /// `cpu` or `memory`.
    #[tf(required, one_of("cpu", "memory"))]
    pub name: String,
    /// The percentage to keep on average, for example `70`.
    #[tf(optional, range(1..=1000))]
    pub target_average_utilization: Option<i64>,
    /// The quantity to keep on average, for example `500m`.
    #[tf(optional)]
    pub target_average_value: Option<String>,
}

/// A metric of pods.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct PodsMetric {
    /// The metric, for example `k8s_pod_rate_cpu_core_used_limit`.
    #[tf(required)]
    pub metric_name: String,
    /// The value to keep on average, for example `80`.
    #[tf(required)]
    pub target_average_value: String,
}

fn check_metric(metric: &Metric) -> Result<(), String> {
    match (metric.r#type.as_str(), &metric.resource, &metric.pods) {
        ("Resource", Some(_), None) | ("Pods", None, Some(_)) => Ok(()),
        ("Resource", ..) => Err("Expected the block `resource`, and no other, for the type `Resource`.".into()),
        _ => Err("Expected the block `pods`, and no other, for the type `Pods`.".into()),
    }
}

impl Service {
    /// Whether it is as the cloud makes it where nothing is said.
    pub(super) fn is_default(&self) -> bool {
        let Self { r#type, clb_direct_access, external_traffic_policy } = self;
        r#type == "LoadBalancer"
            && clb_direct_access.get() != Some(&true)
            && external_traffic_policy.get().is_none_or(|policy| policy == "Cluster" || policy.is_empty())
    }
}

impl Workload {
    /// Whether it is as the cloud makes it where nothing is said, as far as can be told.
    pub(super) fn is_default(&self) -> bool {
        self.hpa.is_none() && self.replicas.get().is_none_or(|replicas| *replicas <= 1)
    }
}

// Destructured, so that a new field of the API does not go unnoticed.
impl From<tcm::Service> for Service {
    fn from(tcm::Service { r#type, clb_direct_access, external_traffic_policy }: tcm::Service) -> Self {
        Self {
            r#type: r#type.unwrap_or_else(|| "LoadBalancer".into()),
            clb_direct_access: clb_direct_access.into(),
            external_traffic_policy: external_traffic_policy.into(),
        }
    }
}

impl From<&Service> for tcm::Service {
    fn from(Service { r#type, clb_direct_access, external_traffic_policy }: &Service) -> Self {
        Self {
            r#type: Some(r#type.clone()),
            clb_direct_access: clb_direct_access.get().copied(),
            external_traffic_policy: external_traffic_policy.get().cloned(),
        }
    }
}

impl From<WorkloadConfig> for Workload {
    fn from(found: WorkloadConfig) -> Self {
        let WorkloadConfig { replicas, resources, horizontal_pod_autoscaler, selected_node_list, deploy_mode } = found;
        Self {
            replicas: replicas.into(),
            deploy_mode,
            selected_node_list: selected_node_list.unwrap_or_default(),
            resources: resources.map(Into::into),
            hpa: horizontal_pod_autoscaler.map(Into::into),
        }
    }
}

impl From<&Workload> for WorkloadConfig {
    fn from(Workload { replicas, deploy_mode, selected_node_list, resources, hpa }: &Workload) -> Self {
        Self {
            replicas: replicas.get().copied(),
            resources: resources.as_ref().map(Into::into),
            horizontal_pod_autoscaler: hpa.as_ref().map(Into::into),
            selected_node_list: Some(selected_node_list.clone()).filter(|nodes| !nodes.is_empty()),
            deploy_mode: deploy_mode.clone(),
        }
    }
}

impl From<HorizontalPodAutoscalerSpec> for Autoscaler {
    fn from(found: HorizontalPodAutoscalerSpec) -> Self {
        let HorizontalPodAutoscalerSpec { min_replicas, max_replicas, metrics } = found;
        Self { min_replicas, max_replicas, metric: metrics.into_iter().map(Into::into).collect() }
    }
}

impl From<&Autoscaler> for HorizontalPodAutoscalerSpec {
    fn from(Autoscaler { min_replicas, max_replicas, metric }: &Autoscaler) -> Self {
        Self {
            min_replicas: *min_replicas,
            max_replicas: *max_replicas,
            metrics: metric.iter().map(Into::into).collect(),
        }
    }
}

impl From<MetricSpec> for Metric {
    fn from(MetricSpec { r#type, pods, resource }: MetricSpec) -> Self {
        Self {
            r#type,
            pods: pods.map(|tcm::PodsMetricSource { metric_name, target_average_value }| PodsMetric {
                metric_name,
                target_average_value,
            }),
            resource: resource.map(|resource| ResourceMetric {
                name: resource.name,
                target_average_utilization: resource.target_average_utilization,
                target_average_value: resource.target_average_value.filter(|value| !value.is_empty()),
            }),
        }
    }
}

impl From<&Metric> for MetricSpec {
    fn from(Metric { r#type, pods, resource }: &Metric) -> Self {
        Self {
            r#type: r#type.clone(),
            pods: pods.as_ref().map(|pods| tcm::PodsMetricSource {
                metric_name: pods.metric_name.clone(),
                target_average_value: pods.target_average_value.clone(),
            }),
            resource: resource.as_ref().map(|resource| tcm::ResourceMetricSource {
                name: resource.name.clone(),
                target_average_utilization: resource.target_average_utilization,
                target_average_value: resource.target_average_value.clone(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(kind: &str) -> Metric {
        let resource =
            ResourceMetric { name: "cpu".into(), target_average_utilization: Some(70), ..Default::default() };
        Metric { r#type: kind.into(), resource: Some(resource), pods: None }
    }

    #[test]
    fn pods_survive_the_api() {
        let hpa = Autoscaler { min_replicas: 2, max_replicas: 5, metric: vec![metric("Resource")] };
        let workload = Workload {
            replicas: 2.into(),
            deploy_mode: Some("IN_EKLET".into()),
            selected_node_list: vec!["ins-1".into()],
            resources: Some(Requirements::default()),
            hpa: Some(hpa),
        };
        assert_eq!(Workload::from(WorkloadConfig::from(&workload)), workload);
        let service = Service { external_traffic_policy: "Local".into(), ..Service::from(tcm::Service::default()) };
        assert_eq!(Service::from(tcm::Service::from(&service)), service);
        assert!(!service.is_default() && !workload.is_default());
        assert!(Service::from(tcm::Service::default()).is_default());
        assert!(Workload { replicas: 1.into(), ..Workload::default() }.is_default());
    }

    #[test]
    fn a_metric_has_the_block_of_its_type() {
        assert!(check_metric(&metric("Resource")).is_ok());
        assert!(check_metric(&metric("Pods")).is_err_and(|told| told.contains("`pods`")));
        assert!(check_metric(&Metric { resource: None, ..metric("Resource") }).is_err());
    }
}
