//! The configuration of a mesh.

use serde::{Deserialize, Serialize};

use super::{AccessLogConfig, PrometheusConfig, TracingConfig};

/// The configuration of a mesh.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MeshConfig {
    /// Istio itself.
    pub istio: Option<IstioConfig>,
    /// Access logs.
    pub access_log: Option<AccessLogConfig>,
    /// The Prometheus that collects metrics.
    pub prometheus: Option<PrometheusConfig>,
    /// How sidecars are injected.
    pub inject: Option<InjectConfig>,
    /// Tracing.
    pub tracing: Option<TracingConfig>,
    /// What each sidecar may and must have.
    pub sidecar_resources: Option<ResourceRequirements>,
}

/// Istio itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IstioConfig {
    /// `ALLOW_ANY` or `REGISTRY_ONLY`.
    pub outbound_traffic_policy: Option<String>,
    /// Whether Mixer's policy checks are off.
    pub disable_policy_checks: Option<bool>,
    /// Whether the control plane's HTTP port is open.
    #[serde(rename = "EnablePilotHTTP")]
    pub enable_pilot_http: Option<bool>,
    /// Whether HTTP requests are not retried unless told to.
    #[serde(rename = "DisableHTTPRetry")]
    pub disable_http_retry: Option<bool>,
    /// How sidecars answer DNS.
    #[serde(rename = "SmartDNS")]
    pub smart_dns: Option<SmartDNSConfig>,
}

/// How sidecars answer DNS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SmartDNSConfig {
    /// Whether sidecars answer.
    #[serde(rename = "IstioMetaDNSCapture")]
    pub istio_meta_dns_capture: Option<bool>,
    /// Whether addresses are made up for hosts that have none.
    #[serde(rename = "IstioMetaDNSAutoAllocate")]
    pub istio_meta_dns_auto_allocate: Option<bool>,
}

/// How sidecars are injected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InjectConfig {
    /// CIDRs whose traffic bypasses the sidecar.
    #[serde(rename = "ExcludeIPRanges")]
    pub exclude_ip_ranges: Option<Vec<String>>,
    /// Whether applications wait for their sidecar to start.
    pub hold_application_until_proxy_starts: Option<bool>,
    /// Whether sidecars wait for their application to end.
    pub hold_proxy_until_application_ends: Option<bool>,
}

/// What a container may and must have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceRequirements {
    /// What it may have.
    pub limits: Option<Vec<Resource>>,
    /// What it must have.
    pub requests: Option<Vec<Resource>>,
}

/// A quantity of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Resource {
    /// `cpu` or `memory`.
    pub name: String,
    /// For example `100m` or `128Mi`.
    pub quantity: String,
}
