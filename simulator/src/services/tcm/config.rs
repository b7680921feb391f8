//! The objects that requests of tcm carry (API reference, tcm, "Data structures"). They are read for the names and
//! types of their members, and kept as the JSON they came as.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Declares an object all of whose members may be absent.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $member:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Serialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub(super) struct $name {
            $(
                $(#[$attribute])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub(super) $member: Option<$type>,
            )*
        }
    };
}

object!(MeshConfig {
    istio: Istio,
    access_log: AccessLog,
    prometheus: PrometheusConfig,
    inject: Inject,
    tracing: Tracing,
    sidecar_resources: Resources,
});

object!(Istio {
    outbound_traffic_policy: String,
    tracing: Tracing,
    disable_policy_checks: bool,
    #[serde(rename = "EnablePilotHTTP")]
    enable_pilot_http: bool,
    #[serde(rename = "DisableHTTPRetry")]
    disable_http_retry: bool,
    #[serde(rename = "SmartDNS")]
    smart_dns: SmartDns,
});

object!(SmartDns {
    #[serde(rename = "IstioMetaDNSCapture")]
    capture: bool,
    #[serde(rename = "IstioMetaDNSAutoAllocate")]
    auto_allocate: bool,
});

object!(Inject {
    #[serde(rename = "ExcludeIPRanges")]
    exclude_ip_ranges: Vec<String>,
    hold_application_until_proxy_starts: bool,
    hold_proxy_until_application_ends: bool,
});

object!(Tracing {
    sampling: f64,
    enable: bool,
    #[serde(rename = "APM")]
    apm: Apm,
    zipkin: Zipkin,
});

object!(Apm { enable: bool, region: String, instance_id: String, need_delete: bool });

object!(Zipkin { address: String });

object!(PrometheusConfig {
    vpc_id: String,
    subnet_id: String,
    region: String,
    instance_id: String,
    custom_prom: CustomProm,
});

object!(CustomProm {
    url: String,
    auth_type: String,
    is_public_addr: bool,
    vpc_id: String,
    username: String,
    // A password is taken and never answered.
    #[serde(rename = "Password", skip_serializing)]
    _password: IgnoredAny,
});

object!(AccessLog {
    selected_range: SelectedRange,
    template: String,
    enable: bool,
    #[serde(rename = "CLS")]
    cls: Cls,
    encoding: String,
    format: String,
    enable_stdout: bool,
    enable_server: bool,
    address: String,
});

object!(SelectedRange { items: Vec<SelectedItem>, all: bool });

object!(SelectedItem { namespace: String, cluster_name: String, item_name: String, gateways: Vec<String> });

object!(Cls { enable: bool, log_set: String, topic: String, need_delete: bool, region: String });

object!(Resources { limits: Vec<Resource>, requests: Vec<Resource> });

object!(Resource { name: String, quantity: String });

/// A cluster in a request. What the API only answers may be sent back and is not looked at.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Cluster {
    pub(super) cluster_id: String,
    pub(super) region: String,
    pub(super) role: String,
    pub(super) vpc_id: String,
    pub(super) subnet_id: String,
    #[serde(rename = "Type")]
    pub(super) kind: Option<String>,
    pub(super) config: Option<ClusterConfig>,
    #[serde(rename = "HostedNamespaces")]
    _hosted_namespaces: Option<IgnoredAny>,
    #[serde(rename = "DisplayName")]
    _display_name: Option<IgnoredAny>,
    #[serde(rename = "State")]
    _state: Option<IgnoredAny>,
    #[serde(rename = "LinkedTime")]
    _linked_time: Option<IgnoredAny>,
    #[serde(rename = "Status")]
    _status: Option<IgnoredAny>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ClusterConfig {
    auto_injection_namespace_list: Vec<String>,
    #[serde(skip_serializing)]
    pub(super) ingress_gateway_list: Option<Vec<IngressGateway>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    egress_gateway_list: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    istiod: Option<Istiod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deploy_config: Option<DeployConfig>,
    #[serde(rename = "AutoInjectionNamespaceStateList", skip_serializing)]
    _state_list: Option<IgnoredAny>,
}

object!(Istiod { workload: Workload });

object!(DeployConfig { node_select_type: String, nodes: Vec<String> });

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct IngressGateway {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) cluster_id: String,
    service: GatewayService,
    workload: Workload,
    #[serde(skip_serializing_if = "Option::is_none")]
    load_balancer: Option<LoadBalancer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    load_balancer_id: Option<String>,
    #[serde(rename = "Status", skip_serializing)]
    _status: Option<IgnoredAny>,
}

object!(GatewayService {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "CLBDirectAccess")]
    clb_direct_access: bool,
    external_traffic_policy: String,
});

object!(Workload {
    replicas: u64,
    resources: Resources,
    horizontal_pod_autoscaler: Value,
    selected_node_list: Vec<String>,
    deploy_mode: String,
});

object!(LoadBalancer {
    load_balancer_type: String,
    subnet_id: String,
    internet_charge_type: String,
    internet_max_bandwidth_out: u64,
    #[serde(rename = "ZoneID")]
    zone_id: String,
    vip_isp: String,
    tgw_group_name: String,
    #[serde(rename = "AddressIPVersion")]
    address_ip_version: String,
    tags: Vec<Value>,
    extensive_clusters: Value,
    cross_region_config: Value,
    #[serde(rename = "MasterZoneID")]
    master_zone_id: String,
    #[serde(rename = "SlaveZoneID")]
    slave_zone_id: String,
});

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Tag {
    pub(super) key: String,
    pub(super) value: String,
    #[serde(default)]
    pub(super) passthrough: bool,
}

/// An object as JSON. A null stands for what JSON cannot say, such as infinite numbers.
pub(super) fn json_of<T: Serialize>(object: &T) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}
