//! Which virtual services a gateway follows, and with which of their rules.

use std::sync::Arc;

use super::conditions::Conditions;
use super::destinations::Surroundings;
use super::hosts::Host;
use super::rules::{BadRule, Entry, Rule};
use super::visibility::visibility;
use super::{DestinationRules, Workload};
use crate::gateway::istio::virtual_service::{HttpMatchRequest, HttpRoute, VirtualServiceSpec};
use crate::gateway::istio::{Object, Problem};

/// The virtual services that refer to a gateway, in the order in which their rules count: those of the workload's own
/// namespace, those exported to it by name, public ones; the older first.
pub(super) fn bound_to<'o>(
    services: &'o [Object<VirtualServiceSpec>],
    gateway: &str,
    workload: &Workload,
) -> Vec<&'o Object<VirtualServiceSpec>> {
    let refers = |service: &Object<VirtualServiceSpec>| {
        let namespace = &service.metadata.namespace;
        service.spec.gateways.iter().any(|name| reference(name, namespace) == gateway)
    };
    let seen = |service: &'o Object<VirtualServiceSpec>| {
        let visibility = visibility(&service.spec.export_to, &service.metadata.namespace, &workload.namespace)?;
        refers(service).then_some((visibility, service))
    };
    let mut bound: Vec<_> = services.iter().filter_map(seen).collect();
    bound.sort_by_key(|(visibility, _)| *visibility);
    bound.into_iter().map(|(_, service)| service).collect()
}

/// The hosts of a virtual service.
pub(super) fn hosts(service: &Object<VirtualServiceSpec>) -> Vec<Host> {
    service.spec.hosts.iter().map(|host| Host::in_namespace(host, &service.metadata.namespace)).collect()
}

/// A reference to a gateway in an object of `namespace`, as `namespace/name`. `name.namespace` and longer forms with
/// dots are an older notation.
fn reference(name: &str, namespace: &str) -> String {
    match (name.split_once('/'), name.split_once('.')) {
        (Some((".", name)), _) => format!("{namespace}/{name}"),
        (None, Some((name, rest))) => format!("{}/{name}", rest.split('.').next().unwrap_or(rest)),
        (None, None) if name != "mesh" => format!("{namespace}/{name}"),
        _ => name.to_owned(),
    }
}

/// Where rules are followed: a port of a gateway.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'o> {
    /// The gateway, as `namespace/name`.
    pub(super) gateway: &'o str,
    /// The port.
    pub(super) port: u16,
    /// Its pods.
    pub(super) workload: &'o Workload,
    /// The destination rules that they see.
    pub(super) rules: DestinationRules<'o>,
}

impl Place<'_> {
    /// The rules of a virtual service that count here, in order, up to the first that matches everything.
    /// A virtual service with a bad rule has none.
    pub(super) fn entries(&self, service: &Object<VirtualServiceSpec>, problems: &mut Vec<Problem>) -> Vec<Arc<Entry>> {
        let mut entries = Vec::new();
        for route in &service.spec.http {
            if route.delegate.is_some() {
                problems.push(Problem::new("VirtualService", &service.metadata, "delegation is not simulated"));
                continue;
            }
            match self.entries_of(route, &service.metadata.namespace) {
                Ok(more) => entries.extend(more),
                Err(error) => {
                    problems.push(Problem::new("VirtualService", &service.metadata, error));
                    return Vec::new();
                }
            }
            if entries.last().is_some_and(|entry: &Arc<Entry>| entry.conditions.is_catch_all()) {
                break;
            }
        }
        entries
    }

    fn entries_of(&self, route: &HttpRoute, namespace: &str) -> Result<Vec<Arc<Entry>>, BadRule> {
        let version = self.workload.version;
        let around = Surroundings { namespace, port: self.port, rules: self.rules, version };
        let rule = Arc::new(Rule::new(route, &around)?);
        let everything = [HttpMatchRequest::default()];
        let matches = if route.matches.is_empty() { &everything } else { route.matches.as_slice() };
        let mut entries = Vec::new();
        for written in matches.iter().filter(|written| self.counts(written, namespace)) {
            let conditions = Conditions::new(written, version)?;
            let last = conditions.is_catch_all();
            entries.push(Arc::new(Entry { conditions, rule: Arc::clone(&rule) }));
            if last {
                break;
            }
        }
        Ok(entries)
    }

    /// Whether conditions are meant for this place: gateways that they name take the place of the pods' labels.
    fn counts(&self, written: &HttpMatchRequest, namespace: &str) -> bool {
        let here = if written.gateways.is_empty() {
            written.source_labels.iter().all(|(name, value)| self.workload.labels.get(name) == Some(value))
                && (written.source_namespace.is_empty() || written.source_namespace == self.workload.namespace)
        } else {
            written.gateways.iter().any(|name| reference(name, namespace) == self.gateway)
        };
        here && written.port.is_none_or(|port| port == self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::reference;

    #[test]
    fn a_reference_is_a_name_or_a_namespace_with_a_name() {
        assert_eq!(reference("main", "test"), "test/main");
        assert_eq!(reference("./main", "test"), "test/main");
        assert_eq!(reference("istio-system/main", "test"), "istio-system/main");
        assert_eq!(reference("mesh", "test"), "mesh");
    }

    #[test]
    fn the_older_notation_has_dots() {
        assert_eq!(reference("main.istio-system", "test"), "istio-system/main");
        assert_eq!(reference("main.istio-system.svc.cluster.local", "test"), "istio-system/main");
    }
}
