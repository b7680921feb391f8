//! Traces, access logs and metrics of a mesh.

use serde::{Deserialize, Serialize};

use crate::cloud::credentials::Secret;

/// Tracing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TracingConfig {
    /// How many requests are traced, in percent.
    pub sampling: Option<f64>,
    /// Whether requests are traced.
    pub enable: Option<bool>,
    /// Traces to the cloud's APM.
    #[serde(rename = "APM")]
    pub apm: Option<APM>,
    /// Traces to a Zipkin.
    pub zipkin: Option<TracingZipkin>,
}

/// The cloud's APM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct APM {
    /// Whether it is used.
    pub enable: Option<bool>,
    /// Its region.
    pub region: Option<String>,
    /// Its instance.
    pub instance_id: Option<String>,
    /// Whether to delete the instance when it is no longer used.
    pub need_delete: Option<bool>,
}

/// A Zipkin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TracingZipkin {
    /// Its address.
    pub address: String,
}

/// Changes tracing.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyTracingConfig {
    /// The mesh.
    pub mesh_id: String,
    /// The values to set.
    #[serde(flatten)]
    pub tracing: TracingConfig,
}

/// Access logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessLogConfig {
    /// Whether requests are logged.
    pub enable: Option<bool>,
    /// `istio`, `trace` or `custom`.
    pub template: Option<String>,
    /// Whose requests are logged.
    pub selected_range: Option<SelectedRange>,
    /// Logs to the cloud's log service.
    #[serde(rename = "CLS")]
    pub cls: Option<CLS>,
    /// `TEXT` or `JSON`.
    pub encoding: Option<String>,
    /// The format of a line.
    pub format: Option<String>,
    /// The address of a log server.
    pub address: Option<String>,
    /// Whether logs go to the log server.
    pub enable_server: Option<bool>,
    /// Whether logs go to the containers' standard output.
    pub enable_stdout: Option<bool>,
}

/// The cloud's log service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CLS {
    /// Whether it is used.
    pub enable: Option<bool>,
    /// The set of topics.
    pub log_set: Option<String>,
    /// The topic.
    pub topic: Option<String>,
    /// Whether to delete the topic when it is no longer used.
    pub need_delete: Option<bool>,
    /// Its region.
    pub region: Option<String>,
}

/// Whose requests are logged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SelectedRange {
    /// Everybody's.
    pub all: Option<bool>,
    /// Those of these.
    pub items: Option<Vec<SelectedItems>>,
}

/// A service, or gateways, whose requests are logged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SelectedItems {
    /// The namespace.
    pub namespace: Option<String>,
    /// The cluster.
    pub cluster_name: Option<String>,
    /// The service.
    pub item_name: Option<String>,
    /// The gateways.
    pub gateways: Option<Vec<String>>,
}

/// Changes access logs.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyAccessLogConfig {
    /// The mesh.
    pub mesh_id: String,
    /// The values to set.
    #[serde(flatten)]
    pub access_log: AccessLogConfig,
}

/// Asks for the configuration of access logs.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeAccessLogConfig {
    /// The mesh.
    pub mesh_id: String,
}

/// The Prometheus of a mesh: one of the cloud's, or one's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrometheusConfig {
    /// The VPC of a new instance.
    pub vpc_id: Option<String>,
    /// The subnet of a new instance.
    pub subnet_id: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// An instance that exists.
    pub instance_id: Option<String>,
    /// One's own.
    pub custom_prom: Option<CustomPromConfig>,
}

/// One's own Prometheus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CustomPromConfig {
    /// Its address.
    pub url: String,
    /// `none` or `basic`.
    pub auth_type: String,
    /// Whether the address is on the internet.
    pub is_public_addr: Option<bool>,
    /// The VPC of an address that is not.
    pub vpc_id: Option<String>,
    /// The user of `basic`.
    pub username: Option<String>,
    /// The password of `basic`.
    pub password: Option<Secret>,
}

/// Links a Prometheus to a mesh.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LinkPrometheus {
    /// The mesh.
    #[serde(rename = "MeshID")]
    pub mesh_id: String,
    /// The Prometheus.
    pub prometheus: PrometheusConfig,
}

/// Unlinks the Prometheus of a mesh.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnlinkPrometheus {
    /// The mesh.
    #[serde(rename = "MeshID")]
    pub mesh_id: String,
}
