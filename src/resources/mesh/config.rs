//! The block `config` of `tcmesh_mesh`.

use std::collections::BTreeSet;

use super::prometheus::Prometheus;
use super::requirements::{Quantities, Requirements};
use super::telemetry::{AccessLog, Tracing};
use crate::cloud::api::tcm::{InjectConfig, IstioConfig, MeshConfig, SmartDNSConfig};
use crate::framework::{Computed, Model};

/// How the mesh works. What is left out stays as the cloud has it.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Config {
    /// Istio itself.
    #[tf(block, opt_in)]
    pub istio: Option<Istio>,
    /// How sidecars are injected.
    #[tf(block, opt_in)]
    pub inject: Option<Inject>,
    /// Which requests are traced, and where traces go.
    #[tf(block, opt_in)]
    pub tracing: Option<Tracing>,
    /// The Prometheus that collects metrics: one that the cloud creates, one that exists, or your own.
    #[tf(block, opt_in)]
    pub prometheus: Option<Prometheus>,
    /// Which requests are logged, how, and where logs go.
    #[tf(block, opt_in)]
    pub access_log: Option<AccessLog>,
    /// What each sidecar may use and what is set aside for it.
    #[tf(block, opt_in)]
    pub sidecar_resources: Option<Requirements>,
}

/// Istio itself.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Istio {
    /// Whether sidecars let through what leaves the mesh: `ALLOW_ANY` or `REGISTRY_ONLY` (only to hosts that the mesh knows).
    #[tf(optional, default = "ALLOW_ANY", one_of("ALLOW_ANY", "REGISTRY_ONLY"))]
    pub outbound_traffic_policy: String,
    /// Whether policy checks are off, for example `true`.
    #[tf(optional, computed)]
    pub disable_policy_checks: Computed<bool>,
    /// Whether the control plane's HTTP port is open, for example `false`.
    #[tf(optional, computed)]
    pub enable_pilot_http: Computed<bool>,
    /// Whether failed HTTP requests are not tried again unless a route says so, for example `false`.
    #[tf(optional, computed)]
    pub disable_http_retry: Computed<bool>,
    /// How sidecars answer DNS, which makes services of other clusters known by name.
    #[tf(block, opt_in)]
    pub smart_dns: Option<SmartDns>,
}

/// How sidecars answer DNS.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct SmartDns {
    /// Whether sidecars answer DNS, for example `true`.
    #[tf(optional, computed)]
    pub istio_meta_dns_capture: Computed<bool>,
    /// Whether hosts without an address get one, for example `true`.
    #[tf(optional, computed)]
    pub istio_meta_dns_auto_allocate: Computed<bool>,
}

/// How sidecars are injected.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Inject {
    /// Networks whose traffic does not pass the sidecar, for example `["169.254.0.0/16"]`.
    #[tf(optional, each = check_cidr)]
    pub exclude_ip_ranges: BTreeSet<String>,
    /// Whether applications start only when their sidecar is ready, for example `true`.
    #[tf(optional, computed)]
    pub hold_application_until_proxy_starts: Computed<bool>,
    /// Whether sidecars end only after their application, for example `true`.
    #[tf(optional, computed)]
    pub hold_proxy_until_application_ends: Computed<bool>,
}

impl Config {
    /// Without what has the cloud's default: an imported mesh shows what somebody chose. The defaults are those of the
    /// sample answer in the API reference, `DescribeMesh`.
    pub fn without_defaults(self) -> Self {
        let on = |switch: &Computed<bool>| switch.get() == Some(&true);
        let Self { istio, inject, tracing, prometheus, access_log, sidecar_resources } = self;
        let injects_specially = |inject: &Inject| {
            let held = on(&inject.hold_application_until_proxy_starts) || on(&inject.hold_proxy_until_application_ends);
            held || !inject.exclude_ip_ranges.is_empty()
        };
        let plain_dns = |dns: &SmartDns| on(&dns.istio_meta_dns_capture) && on(&dns.istio_meta_dns_auto_allocate);
        Self {
            istio: istio.map(|istio| Istio { smart_dns: istio.smart_dns.filter(|dns| !plain_dns(dns)), ..istio }),
            inject: inject.filter(injects_specially),
            tracing: tracing.filter(|tracing| on(&tracing.enable)),
            prometheus,
            access_log: access_log.filter(|log| on(&log.enable)),
            sidecar_resources: sidecar_resources.and_then(chosen_for_sidecars),
        }
    }
}

fn chosen_for_sidecars(Requirements { limits, requests }: Requirements) -> Option<Requirements> {
    let by_default = |cpu: &str, memory: &str| Quantities { cpu: cpu.into(), memory: memory.into() };
    let limits = limits.filter(|limits| *limits != by_default("2", "1Gi"));
    let requests = requests.filter(|requests| *requests != by_default("100m", "128Mi"));
    (limits.is_some() || requests.is_some()).then_some(Requirements { limits, requests })
}

// Destructured, so that a new field of the API does not go unnoticed.
impl From<MeshConfig> for Config {
    fn from(found: MeshConfig) -> Self {
        let MeshConfig { istio, access_log, prometheus, inject, tracing, sidecar_resources } = found;
        Self {
            istio: istio.map(Into::into),
            inject: inject.map(Into::into),
            tracing: tracing.map(Into::into),
            prometheus: prometheus.map(Into::into),
            access_log: access_log.map(Into::into),
            sidecar_resources: sidecar_resources.map(Into::into),
        }
    }
}

/// A request for what is planned, without the secrets, which no plan holds.
impl From<&Config> for MeshConfig {
    fn from(plan: &Config) -> Self {
        let Config { istio, inject, tracing, prometheus, access_log, sidecar_resources } = plan;
        Self {
            istio: istio.as_ref().map(Into::into),
            access_log: access_log.as_ref().map(Into::into),
            prometheus: prometheus.as_ref().map(Into::into),
            inject: inject.as_ref().map(Into::into),
            tracing: tracing.as_ref().map(Into::into),
            sidecar_resources: sidecar_resources.as_ref().map(Into::into),
        }
    }
}

impl From<IstioConfig> for Istio {
    fn from(found: IstioConfig) -> Self {
        let IstioConfig { outbound_traffic_policy, disable_policy_checks, enable_pilot_http, .. } = found;
        let IstioConfig { disable_http_retry, smart_dns, .. } = found;
        Self {
            outbound_traffic_policy: outbound_traffic_policy.unwrap_or_default(),
            disable_policy_checks: disable_policy_checks.into(),
            enable_pilot_http: enable_pilot_http.into(),
            disable_http_retry: disable_http_retry.into(),
            smart_dns: smart_dns.map(|dns| SmartDns {
                istio_meta_dns_capture: dns.istio_meta_dns_capture.into(),
                istio_meta_dns_auto_allocate: dns.istio_meta_dns_auto_allocate.into(),
            }),
        }
    }
}

impl From<&Istio> for IstioConfig {
    fn from(plan: &Istio) -> Self {
        Self {
            outbound_traffic_policy: Some(plan.outbound_traffic_policy.clone()),
            disable_policy_checks: plan.disable_policy_checks.get().copied(),
            enable_pilot_http: plan.enable_pilot_http.get().copied(),
            disable_http_retry: plan.disable_http_retry.get().copied(),
            smart_dns: plan.smart_dns.as_ref().map(|dns| SmartDNSConfig {
                istio_meta_dns_capture: dns.istio_meta_dns_capture.get().copied(),
                istio_meta_dns_auto_allocate: dns.istio_meta_dns_auto_allocate.get().copied(),
            }),
        }
    }
}

impl From<InjectConfig> for Inject {
    fn from(found: InjectConfig) -> Self {
        let InjectConfig { exclude_ip_ranges, hold_application_until_proxy_starts, hold_proxy_until_application_ends } =
            found;
        Self {
            exclude_ip_ranges: exclude_ip_ranges.into_iter().flatten().collect(),
            hold_application_until_proxy_starts: hold_application_until_proxy_starts.into(),
            hold_proxy_until_application_ends: hold_proxy_until_application_ends.into(),
        }
    }
}

impl From<&Inject> for InjectConfig {
    fn from(plan: &Inject) -> Self {
        Self {
            exclude_ip_ranges: Some(plan.exclude_ip_ranges.iter().cloned().collect()),
            hold_application_until_proxy_starts: plan.hold_application_until_proxy_starts.get().copied(),
            hold_proxy_until_application_ends: plan.hold_proxy_until_application_ends.get().copied(),
        }
    }
}

fn check_cidr(text: &str) -> Result<(), String> {
    let parsed = text.parse::<ipnet::IpNet>();
    parsed.map(drop).map_err(|_| format!("Expected a network such as `169.254.0.0/16`; found `{text}`."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::telemetry::{Apm, Cls, SelectedItem, SelectedRange, Zipkin};
    use super::*;

    /// A mesh for which nothing was said, as the API reference's sample of `DescribeMesh` has it.
    fn sample() -> MeshConfig {
        let resource = |name: &str, quantity: &str| json!({"Name": name, "Quantity": quantity});
        let sample = json!({
            "Istio": {
                "OutboundTrafficPolicy": "ALLOW_ANY", "DisablePolicyChecks": true, "EnablePilotHTTP": false,
                "DisableHTTPRetry": false, "SmartDNS": {"IstioMetaDNSCapture": true, "IstioMetaDNSAutoAllocate": true},
            },
            "Inject": {
                "ExcludeIPRanges": [], "HoldApplicationUntilProxyStarts": false, "HoldProxyUntilApplicationEnds": false,
            },
            "Tracing": {"Enable": false},
            "AccessLog": {"Enable": false},
            "SidecarResources": {
                "Limits": [resource("cpu", "2"), resource("memory", "1Gi")],
                "Requests": [resource("cpu", "100m"), resource("memory", "128Mi")],
            },
        });
        serde_json::from_value(sample).expect("a configuration")
    }

    #[test]
    fn an_imported_mesh_shows_what_somebody_chose() {
        let istio = Istio {
            outbound_traffic_policy: "ALLOW_ANY".into(),
            disable_policy_checks: true.into(),
            enable_pilot_http: false.into(),
            disable_http_retry: false.into(),
            smart_dns: None,
        };
        let expected = Config { istio: Some(istio), ..Config::default() };
        assert_eq!(Config::from(sample()).without_defaults(), expected);
    }

    #[test]
    fn what_is_chosen_survives_the_api() {
        let inject = Inject { exclude_ip_ranges: ["10.0.0.0/8".to_owned()].into(), ..chosen_inject() };
        let tracing = Tracing {
            enable: true.into(),
            sampling: 1.5.into(),
            apm: Some(Apm { enable: true, region: "ap-guangzhou".into(), instance_id: "apm-1".into() }),
            zipkin: Some(Zipkin { address: "zipkin:9411".into() }),
        };
        let item = SelectedItem { namespace: "test".into(), gateways: vec!["gw".into()], ..SelectedItem::default() };
        let access_log = AccessLog {
            enable: true.into(),
            template: "custom".into(),
            encoding: "JSON".into(),
            format: "%START_TIME%".into(),
            enable_stdout: true.into(),
            enable_server: true.into(),
            address: "als:8080".into(),
            cls: Some(Cls { enable: true, log_set: "s".into(), topic: "t".into(), region: "r".into() }),
            selected_range: Some(SelectedRange { all: false.into(), item: vec![item] }),
        };
        let quantities = Quantities { cpu: "3".into(), memory: "1Gi".into() };
        let sidecar_resources = Some(Requirements { limits: Some(quantities), requests: None });
        let prometheus = Some(Prometheus { instance_id: "prom-1".into(), ..Prometheus::default() });
        let istio = Config::from(sample()).istio;
        let (inject, tracing, access_log) = (Some(inject), Some(tracing), Some(access_log));
        let config = Config { istio, inject, tracing, prometheus, access_log, sidecar_resources };
        assert_eq!(Config::from(MeshConfig::from(&config)), config);
        let imported = config.clone().without_defaults();
        assert_eq!((&imported.inject, &imported.tracing), (&config.inject, &config.tracing));
        assert_eq!(
            (&imported.access_log, &imported.sidecar_resources),
            (&config.access_log, &config.sidecar_resources)
        );
    }

    fn chosen_inject() -> Inject {
        Inject { hold_application_until_proxy_starts: true.into(), ..Inject::default() }
    }
}
