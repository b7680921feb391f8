//! Destination rules and service entries.

use std::collections::HashSet;

use serde_json::Value;

use super::hosts::{export_faults, host_fault, list, number_fault, protocol_fault, text};
use super::refuse;
use crate::kubernetes::errors::ApiError;
use crate::kubernetes::kinds::Behaviour;
use crate::kubernetes::names::is_label;
use crate::kubernetes::object::Object;

/// The behaviour of destination rules.
#[derive(Debug)]
pub(super) struct DestinationRules;

impl Behaviour for DestinationRules {
    fn admit(&self, rule: &Object) -> Result<(), ApiError> {
        let mut faults: Vec<_> = host_fault(rule.text("/spec/host")).into_iter().collect();
        let mut names = HashSet::new();
        for name in rule.list("/spec/subsets").iter().map(|subset| text(subset, "name")) {
            if !is_label(name) {
                faults.push(format!("subset name {name:?} is invalid"));
            } else if !names.insert(name) {
                faults.push(format!("duplicate subset name {name:?}"));
            }
        }
        faults.extend(export_faults(rule.text("/metadata/namespace"), rule.list("/spec/exportTo"), false));
        refuse(&faults)
    }
}

/// The behaviour of service entries.
#[derive(Debug)]
pub(super) struct ServiceEntries;

impl Behaviour for ServiceEntries {
    fn admit(&self, entry: &Object) -> Result<(), ApiError> {
        let mut faults = entry_faults(entry.at("/spec").unwrap_or(&Value::Null));
        faults.extend(export_faults(entry.text("/metadata/namespace"), entry.list("/spec/exportTo"), true));
        refuse(&faults)
    }
}

fn entry_faults(spec: &Value) -> Vec<String> {
    let hosts: Vec<_> = list(spec, "hosts").iter().filter_map(Value::as_str).collect();
    let mut faults: Vec<_> = hosts.iter().filter_map(|host| host_fault(host)).collect();
    if hosts.is_empty() {
        faults.push("service entry must have at least one host".to_owned());
    }
    if hosts.contains(&"*") {
        faults.push("invalid host *".to_owned());
    }
    faults.extend(port_faults(list(spec, "ports")));
    let endpoints = list(spec, "endpoints");
    match text(spec, "resolution") {
        "" | "NONE" if !endpoints.is_empty() => {
            faults.push("no endpoints should be provided for resolution type none".to_owned());
        }
        "STATIC" if endpoints.is_empty() && spec["workloadSelector"].is_null() => {
            faults.push("endpoints must be provided if service entry resolution mode is static".to_owned());
        }
        "DNS_ROUND_ROBIN" if endpoints.len() > 1 => {
            faults.push(format!(
                "there must only be 0 or 1 endpoint for resolution mode DNS_ROUND_ROBIN, got {}",
                endpoints.len()
            ));
        }
        _ => {}
    }
    faults
}

fn port_faults(ports: &[Value]) -> Vec<String> {
    let (mut names, mut numbers) = (HashSet::new(), HashSet::new());
    let mut faults = Vec::new();
    for port in ports {
        let (name, number) = (text(port, "name"), port["number"].as_i64());
        faults.extend(number_fault(number));
        faults.extend(protocol_fault(text(port, "protocol")));
        if name.is_empty() {
            faults.push("port name must be set".to_owned());
        } else if !names.insert(name) {
            faults.push(format!("service entry port name {name:?} already defined"));
        }
        if number.is_some() && !numbers.insert(number) {
            faults.push(format!("service entry port {} already defined", number.unwrap_or(0)));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_entry_is_checked() {
        let port = json!({"number": 443, "name": "https", "protocol": "TLS"});
        let with = |resolution: &str, endpoints: Value| json!({"hosts": ["a.b"], "ports": [port], "resolution": resolution, "endpoints": endpoints});
        let address = json!([{"address": "10.0.0.1"}]);
        for (spec, count) in [
            (with("DNS", json!([])), 0),
            (with("NONE", address.clone()), 1),
            (with("STATIC", json!([])), 1),
            (with("STATIC", address), 0),
            (json!({"hosts": [], "ports": [port]}), 1),
            (json!({"hosts": ["a.b"], "ports": [port, port]}), 2),
        ] {
            assert_eq!(entry_faults(&spec).len(), count, "{spec}");
        }
    }
}
