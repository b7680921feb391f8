//! Services: their defaults, their addresses and ports, and what is checked of them.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::kubernetes::errors::{ApiError, Cause};
use crate::kubernetes::kinds::{Behaviour, Surroundings};
use crate::kubernetes::names::label_fault;
use crate::kubernetes::object::Object;
use crate::kubernetes::store::Resource;

/// The behaviour of services.
#[derive(Debug)]
pub(super) struct Services;

const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];

impl Behaviour for Services {
    fn set_defaults(&self, service: &mut Object) {
        for port in ports_mut(service) {
            if port["targetPort"].is_null() {
                port["targetPort"] = port["port"].clone();
            }
        }
        if service.text("/spec/type") == "ExternalName" {
            return;
        }
        service.set_if_absent("/spec/internalTrafficPolicy", "Cluster");
        if has_node_ports(service) {
            service.set_if_absent("/spec/externalTrafficPolicy", "Cluster");
        }
        if service.text("/spec/type") == "LoadBalancer" {
            service.set_if_absent("/spec/allocateLoadBalancerNodePorts", true);
        }
    }

    fn prepare(&self, around: &Surroundings<'_>, service: &mut Object, old: Option<&Object>) -> Result<(), ApiError> {
        if let Some(old) = old {
            keep_given(service, old);
        } else {
            service.set("/status", json!({"loadBalancer": {}}));
        }
        let others = others(around, service);
        give_address(around, service, &others)?;
        give_node_ports(around, service, &others)
    }

    fn is_shown_when_gone(&self) -> bool {
        true
    }

    fn validate(&self, service: &Object, old: Option<&Object>) -> Vec<Cause> {
        let mut causes = Vec::new();
        let kind = service.text("/spec/type");
        if !TYPES.contains(&kind) {
            causes.push(Cause::unsupported("spec.type", &kind.into(), &TYPES));
        }
        if kind == "ExternalName" && service.text("/spec/externalName").is_empty() {
            causes.push(Cause::required("spec.externalName", ""));
        }
        let needs_ports = kind != "ExternalName" && service.text("/spec/clusterIP") != "None";
        if needs_ports && service.list("/spec/ports").is_empty() {
            causes.push(Cause::required("spec.ports", ""));
        }
        causes.extend(port_faults(service));
        causes.extend(old.and_then(|old| address_change(service, old)));
        causes
    }
}

fn ports_mut(service: &mut Object) -> impl Iterator<Item = &mut Value> {
    service.as_value_mut().pointer_mut("/spec/ports").and_then(Value::as_array_mut).into_iter().flatten()
}

fn has_node_ports(service: &Object) -> bool {
    matches!(service.text("/spec/type"), "NodePort" | "LoadBalancer")
}

/// What the server once gave stays, when a write does not mention it.
fn keep_given(service: &mut Object, old: &Object) {
    if service.text("/spec/type") == "ExternalName" || old.text("/spec/type") == "ExternalName" {
        return;
    }
    for field in ["/spec/clusterIP", "/spec/clusterIPs", "/spec/ipFamilies", "/spec/ipFamilyPolicy"] {
        if let Some(value) = old.at(field) {
            service.set_if_absent(field, value.clone());
        }
    }
    if !has_node_ports(service) {
        if old.text("/spec/externalTrafficPolicy") == service.text("/spec/externalTrafficPolicy") {
            service.take("/spec/externalTrafficPolicy");
        }
        ports_mut(service).filter_map(Value::as_object_mut).for_each(|port| drop(port.remove("nodePort")));
        return;
    }
    for port in ports_mut(service).filter(|port| port["nodePort"].is_null()) {
        let before = old.list("/spec/ports").iter().find(|before| same_port(before, port));
        if let Some(number) = before.and_then(|before| before.get("nodePort")) {
            port["nodePort"] = number.clone();
        }
    }
}

fn same_port(a: &Value, b: &Value) -> bool {
    a["port"] == b["port"] && a["protocol"] == b["protocol"]
}

fn others(around: &Surroundings<'_>, service: &Object) -> Vec<Arc<Object>> {
    let (all, _) = around.store.list(&Resource::new("", "services"), None);
    let is_other = |other: &Arc<Object>| (other.namespace(), other.name()) != (service.namespace(), service.name());
    all.into_iter().filter(is_other).collect()
}

fn give_address(around: &Surroundings<'_>, service: &mut Object, others: &[Arc<Object>]) -> Result<(), ApiError> {
    if service.text("/spec/type") == "ExternalName" {
        return Ok(());
    }
    let taken: HashSet<&str> = others.iter().map(|other| other.text("/spec/clusterIP")).collect();
    let address = match service.text("/spec/clusterIP") {
        "" => {
            let free = around.addresses.next(|address| taken.contains(address.to_string().as_str()));
            free.ok_or_else(|| ApiError::internal("failed to allocate a serviceIP: range is full"))?.to_string()
        }
        "None" => "None".to_owned(),
        asked => {
            check_asked(around, asked, &taken).map_err(|detail| address_fault(service, asked, &detail))?;
            asked.to_owned()
        }
    };
    service.set("/spec/clusterIPs", json!([address]));
    service.set("/spec/clusterIP", address);
    let is_bare = service.text("/spec/clusterIP") == "None" && service.at("/spec/selector").is_none();
    let (families, policy) =
        if is_bare { (json!(["IPv4", "IPv6"]), "RequireDualStack") } else { (json!(["IPv4"]), "SingleStack") };
    service.set_if_absent("/spec/ipFamilies", families);
    service.set_if_absent("/spec/ipFamilyPolicy", policy);
    Ok(())
}

fn check_asked(around: &Surroundings<'_>, asked: &str, taken: &HashSet<&str>) -> Result<(), String> {
    let address: Ipv4Addr = asked.parse().map_err(|_| "must be a valid IP address".to_owned())?;
    if !around.addresses.contains(address) {
        return Err(format!("failed to allocate IP {asked}: the provided network does not match the current range"));
    }
    if taken.contains(asked) {
        return Err(format!("failed to allocate IP {asked}: provided IP is already allocated"));
    }
    Ok(())
}

fn address_fault(service: &Object, asked: &str, detail: &str) -> ApiError {
    let cause = Cause::invalid("spec.clusterIPs", &json!([asked]), detail);
    ApiError::invalid(&super::kind("services"), service.name(), &[cause])
}

fn give_node_ports(around: &Surroundings<'_>, service: &mut Object, others: &[Arc<Object>]) -> Result<(), ApiError> {
    let wanted = service.at("/spec/allocateLoadBalancerNodePorts") != Some(&Value::Bool(false));
    if !has_node_ports(service) || !wanted {
        return Ok(());
    }
    let node_port = |port: &Value| port["nodePort"].as_u64();
    let theirs = others.iter().flat_map(|other| other.list("/spec/ports")).filter_map(node_port);
    let mut taken: HashSet<u64> = theirs.chain(service.list("/spec/ports").iter().filter_map(node_port)).collect();
    for port in ports_mut(service).filter(|port| port["nodePort"].is_null()) {
        let free = around.addresses.next_port(|number| taken.contains(&u64::from(number)));
        let number = free.ok_or_else(|| ApiError::internal("failed to allocate a nodePort: range is full"))?;
        taken.insert(number.into());
        port["nodePort"] = number.into();
    }
    Ok(())
}

fn port_faults(service: &Object) -> Vec<Cause> {
    let ports = service.list("/spec/ports");
    let mut causes = Vec::new();
    for (index, port) in ports.iter().enumerate() {
        let field = |name: &str| format!("spec.ports[{index}].{name}");
        for name in ["port", "targetPort"] {
            if port[name].as_i64().is_some_and(|number| !(1..=65_535).contains(&number)) {
                causes.push(Cause::invalid(field(name), &port[name], "must be between 1 and 65535, inclusive"));
            }
        }
        let name = port["name"].as_str().unwrap_or_default();
        if let Some(fault) = label_fault(name).filter(|_| !name.is_empty()) {
            causes.push(Cause::invalid(field("name"), &name.into(), fault));
        }
        if !PROTOCOLS.iter().any(|protocol| port["protocol"] == *protocol) {
            causes.push(Cause::unsupported(field("protocol"), &port["protocol"], &PROTOCOLS));
        }
        if ports.len() > 1 && port["name"].as_str().unwrap_or_default().is_empty() {
            causes.push(Cause::required(field("name"), ""));
        }
        if ports[..index].iter().any(|other| other["name"] == port["name"] && !port["name"].is_null()) {
            causes.push(Cause::duplicate(field("name"), &port["name"]));
        }
    }
    causes
}

fn address_change(service: &Object, old: &Object) -> Option<Cause> {
    let (before, after) = (old.text("/spec/clusterIP"), service.text("/spec/clusterIP"));
    let changed = !before.is_empty() && !after.is_empty() && before != after;
    changed.then(|| Cause::invalid("spec.clusterIPs[0]", &json!([after]), "may not change once set"))
}
