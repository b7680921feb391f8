//! Which labels a subset's pods have, by the destination rules that count for a gateway.

use std::collections::BTreeMap;

use super::hosts::Host;
use super::visibility::{Visibility, visibility};
use crate::gateway::istio::{DestinationRuleSpec, Object};

/// The namespace whose rules count everywhere (Istio's default, which TCM keeps).
const ROOT_NAMESPACE: &str = "istio-system";

/// Labels of pods.
pub(super) type Labels = BTreeMap<String, String>;

/// The destination rules of a mesh, as seen from a gateway's namespace.
#[derive(Clone, Copy, Debug)]
pub(super) struct DestinationRules<'o> {
    rules: &'o [Object<DestinationRuleSpec>],
    viewer: &'o str,
}

impl<'o> DestinationRules<'o> {
    /// The rules as seen from the namespace `viewer`.
    pub(super) fn new(rules: &'o [Object<DestinationRuleSpec>], viewer: &'o str) -> Self {
        Self { rules, viewer }
    }

    /// The labels of a subset of the service `host`, if a rule that counts names it.
    ///
    /// Rules are looked for in the gateway's namespace, then in the service's, then in the root namespace; where the
    /// gateway is in the root namespace, only its private rules come first. The first place that has a rule for the
    /// host decides, with its most specific host; rules of the same host there form one, the older first.
    pub(super) fn labels(&self, host: &Host, subset: &str) -> Option<Labels> {
        let places = [
            self.of_the_gateway(),
            self.of_namespace(host.service_namespace()),
            self.of_namespace(Some(ROOT_NAMESPACE)),
        ];
        let rules = places.into_iter().map(|rules| closest(rules, host)).find(|rules| !rules.is_empty())?;
        let named = rules.iter().flat_map(|rule| &rule.spec.subsets).find(|known| known.name == subset)?;
        Some(named.labels.clone())
    }

    fn of_the_gateway(&self) -> Vec<&'o Object<DestinationRuleSpec>> {
        let in_root = self.viewer == ROOT_NAMESPACE;
        self.seen_in(self.viewer, |visibility| !in_root || visibility == Visibility::Own)
    }

    fn of_namespace(&self, namespace: Option<&str>) -> Vec<&'o Object<DestinationRuleSpec>> {
        namespace.map(|namespace| self.seen_in(namespace, |_| true)).unwrap_or_default()
    }

    fn seen_in(&self, namespace: &str, counts: impl Fn(Visibility) -> bool) -> Vec<&'o Object<DestinationRuleSpec>> {
        let seen = |rule: &&Object<DestinationRuleSpec>| {
            rule.metadata.namespace == namespace
                && visibility(&rule.spec.export_to, namespace, self.viewer).is_some_and(&counts)
        };
        self.rules.iter().filter(seen).collect()
    }
}

/// Of some rules those with the most specific host that covers `host`.
fn closest<'o>(rules: Vec<&'o Object<DestinationRuleSpec>>, host: &Host) -> Vec<&'o Object<DestinationRuleSpec>> {
    let host_of = |rule: &Object<DestinationRuleSpec>| Host::in_namespace(&rule.spec.host, &rule.metadata.namespace);
    let covering = rules.iter().map(|rule| host_of(rule)).filter(|known| known.covers(host));
    let Some(closest) = covering.max_by_key(Host::closeness) else { return Vec::new() };
    rules.into_iter().filter(|rule| host_of(rule) == closest).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{DestinationRules, Host, Labels};
    use crate::gateway::istio::Objects;

    fn rule(namespace: &str, host: &str, export_to: &[&str], versions: &[(&str, &str)]) -> Value {
        let subsets: Vec<_> =
            versions.iter().map(|(name, version)| json!({ "name": name, "labels": { "version": version } })).collect();
        json!({
            "kind": "DestinationRule",
            "metadata": { "namespace": namespace },
            "spec": { "host": host, "subsets": subsets, "exportTo": export_to },
        })
    }

    fn version(rules: &[Value], viewer: &str, subset: &str) -> Option<String> {
        let objects = Objects::read(rules);
        let host = Host::new("web.test.svc.cluster.local");
        let labels: Option<Labels> = DestinationRules::new(&objects.destination_rules, viewer).labels(&host, subset);
        labels.map(|labels| labels["version"].clone())
    }

    #[test]
    fn a_rule_of_the_services_namespace_counts() {
        let rules = [rule("test", "web", &[], &[("v1", "1")])];
        assert_eq!(version(&rules, "istio-system", "v1").as_deref(), Some("1"));
        assert_eq!(version(&rules, "istio-system", "v2"), None);
    }

    #[test]
    fn a_rule_of_the_gateways_namespace_comes_first() {
        let rules = [
            rule("test", "web", &[], &[("v1", "1")]),
            rule("edge", "web.test.svc.cluster.local", &[], &[("v1", "edge")]),
        ];
        assert_eq!(version(&rules, "edge", "v1").as_deref(), Some("edge"));
        assert_eq!(version(&rules, "istio-system", "v1").as_deref(), Some("1"));
    }

    #[test]
    fn a_public_rule_of_the_root_namespace_comes_last() {
        let rules = [rule("istio-system", "*.svc.cluster.local", &[], &[("v1", "root")])];
        assert_eq!(version(&rules, "istio-system", "v1").as_deref(), Some("root"));
        let rules = [rules[0].clone(), rule("test", "web", &[], &[("v1", "1")])];
        assert_eq!(version(&rules, "istio-system", "v1").as_deref(), Some("1"));
    }

    #[test]
    fn a_private_rule_of_the_gateways_namespace_comes_first_even_in_the_root() {
        let rules = [
            rule("istio-system", "web.test.svc.cluster.local", &["."], &[("v1", "root")]),
            rule("test", "web", &[], &[("v1", "1")]),
        ];
        assert_eq!(version(&rules, "istio-system", "v1").as_deref(), Some("root"));
    }

    #[test]
    fn a_rule_that_is_not_exported_does_not_count() {
        assert_eq!(version(&[rule("test", "web", &["."], &[("v1", "1")])], "istio-system", "v1"), None);
    }

    #[test]
    fn the_most_specific_host_decides_alone() {
        let rules = [
            rule("test", "*.test.svc.cluster.local", &[], &[("v1", "wild"), ("v2", "wild")]),
            rule("test", "web.test.svc.cluster.local", &[], &[("v1", "exact")]),
        ];
        assert_eq!(version(&rules, "istio-system", "v1").as_deref(), Some("exact"));
        assert_eq!(version(&rules, "istio-system", "v2"), None);
    }

    #[test]
    fn rules_of_the_same_host_add_up_and_the_older_one_names_first() {
        let rules =
            [rule("test", "web", &[], &[("v1", "1")]), rule("test", "web", &[], &[("v1", "other"), ("v2", "2")])];
        assert_eq!(version(&rules, "istio-system", "v1").as_deref(), Some("1"));
        assert_eq!(version(&rules, "istio-system", "v2").as_deref(), Some("2"));
    }
}
