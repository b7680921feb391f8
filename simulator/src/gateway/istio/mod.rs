//! The Istio objects that a gateway follows, read from their JSON. Members that decide nothing here are ignored.

mod destination_rule;
mod duration;
mod gateway;
pub(super) mod virtual_service;

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(super) use destination_rule::DestinationRuleSpec;
pub(super) use gateway::{GatewaySpec, Server};
use virtual_service::VirtualServiceSpec;

/// The Istio objects of a mesh, of all namespaces, oldest first: where two disagree, the older one counts.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    pub(super) gateways: Vec<Object<GatewaySpec>>,
    pub(super) virtual_services: Vec<Object<VirtualServiceSpec>>,
    pub(super) destination_rules: Vec<Object<DestinationRuleSpec>>,
    pub(super) problems: Vec<Problem>,
}

impl Objects {
    /// Reads objects of the group `networking.istio.io`. Kinds other than `Gateway`, `VirtualService` and
    /// `DestinationRule` are passed over; an object that cannot be read is left out and becomes a [`Problem`] of the
    /// tables that are made.
    pub fn read<'a>(objects: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut read = Self::default();
        for object in objects {
            read.add(object);
        }
        read.gateways.sort_by(|a, b| a.age().cmp(&b.age()));
        read.virtual_services.sort_by(|a, b| a.age().cmp(&b.age()));
        read.destination_rules.sort_by(|a, b| a.age().cmp(&b.age()));
        read
    }

    fn add(&mut self, object: &Value) {
        match object["kind"].as_str() {
            Some("Gateway") => take(object, &mut self.gateways, &mut self.problems),
            Some("VirtualService") => take(object, &mut self.virtual_services, &mut self.problems),
            Some("DestinationRule") => take(object, &mut self.destination_rules, &mut self.problems),
            _ => {}
        }
    }
}

fn take<S: DeserializeOwned>(object: &Value, objects: &mut Vec<Object<S>>, problems: &mut Vec<Problem>) {
    match Object::deserialize(object) {
        Ok(object) => objects.push(object),
        Err(error) => {
            let metadata = Metadata::deserialize(&object["metadata"]).unwrap_or_default();
            let kind = object["kind"].as_str().unwrap_or_default();
            problems.push(Problem::new(kind, &metadata, error));
        }
    }
}

/// An object: where it is and what it says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Object<S> {
    /// Where it is.
    #[serde(default)]
    pub(super) metadata: Metadata,
    /// What it says.
    pub(super) spec: S,
}

impl<S> Object<S> {
    /// The order that Istio gives objects: by creation, then by name.
    fn age(&self) -> (&str, &str, &str) {
        let Metadata { name, namespace, creation_timestamp } = &self.metadata;
        (creation_timestamp, name, namespace)
    }
}

/// Where an object is, and since when.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata {
    /// Its name.
    pub(super) name: String,
    /// Its namespace.
    pub(super) namespace: String,
    /// When it was made, as RFC 3339 in UTC, so that the order of texts is the order of times.
    creation_timestamp: String,
}

/// Something in the objects that a gateway cannot follow, so that it goes on without it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The object, such as `VirtualService test/cluster1`.
    pub object: String,
    /// What is wrong with it.
    pub text: String,
}

impl Problem {
    /// A problem of an object.
    pub(super) fn new(kind: &str, metadata: &Metadata, text: impl fmt::Display) -> Self {
        Self { object: format!("{kind} {}/{}", metadata.namespace, metadata.name), text: text.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Objects;

    #[test]
    fn older_objects_come_first() {
        let gateway = |name: &str, created: &str| json!({ "kind": "Gateway", "metadata": { "name": name, "namespace": "x", "creationTimestamp": created }, "spec": {} });
        let new = gateway("a", "2024-05-01T00:00:01Z");
        let old = gateway("b", "2024-05-01T00:00:00Z");
        let read = Objects::read([&new, &old]);
        let names: Vec<_> = read.gateways.iter().map(|gateway| gateway.metadata.name.as_str()).collect();
        assert_eq!(names, ["b", "a"]);
    }

    #[test]
    fn an_unreadable_object_is_left_out_and_named() {
        let broken = json!({
            "kind": "VirtualService",
            "metadata": { "name": "cluster1", "namespace": "test" },
            "spec": { "http": [{ "timeout": "soon" }] },
        });
        let read = Objects::read([&broken]);
        assert!(read.virtual_services.is_empty());
        assert_eq!(read.problems[0].object, "VirtualService test/cluster1");
        assert!(read.problems[0].text.contains("`soon` is not a duration"));
    }

    #[test]
    fn other_kinds_are_passed_over() {
        let read = Objects::read([&json!({ "kind": "ServiceEntry", "spec": 7 })]);
        assert!(read.problems.is_empty());
    }
}
