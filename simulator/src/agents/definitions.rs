//! The hub's kinds: requests to be taken in, and the clusters that were.

use serde_json::{Value, json};

use crate::kubernetes::{ApiGroup, Object, Store};

/// The group of the hub's kinds, with a store of its own.
pub(crate) fn group() -> ApiGroup {
    let definitions = [
        definition("ClusterRegistrationRequest", "clusterregistrationrequests", "clsrr", "Cluster"),
        definition("ManagedCluster", "managedclusters", "mcls", "Namespaced"),
    ];
    let objects: Vec<Object> = definitions.into_iter().filter_map(|value| Object::try_from(value).ok()).collect();
    ApiGroup::from_definitions(&objects, Store::new())
}

fn definition(kind: &str, plural: &str, short: &str, scope: &str) -> Value {
    let anything = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    let schema = json!({ "type": "object", "properties": { "spec": anything, "status": anything } });
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{plural}.clusters.clusternet.io") },
        "spec": {
            "group": "clusters.clusternet.io",
            "scope": scope,
            "names": { "plural": plural, "kind": kind, "shortNames": [short] },
            "versions": [{
                "name": "v1beta1",
                "served": true,
                "storage": true,
                "subresources": { "status": {} },
                "schema": { "openAPIV3Schema": schema },
            }],
        },
    })
}
