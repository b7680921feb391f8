//! Objects before anything is said of them. In Go some parts are there even then; whoever creates an object owns what is in
//! them, and not these parts themselves. Null is a list or map that is there and empty.

use serde_json::{Value, json};

use crate::kubernetes::kinds::Kind;
use crate::kubernetes::object::Object;

/// The blank object of a kind.
pub(crate) fn of(kind: &Kind) -> Object {
    let spec = if kind.is_custom { None } else { Some(spec(&kind.plural)) };
    let mut object = Object::new(&kind.api_version(&kind.storage_version), &kind.kind, "");
    object.take("/metadata/name");
    if let Some(spec) = spec {
        object.set("/spec", spec);
        object.set("/status", json!({}));
    }
    object
}

fn spec(plural: &str) -> Value {
    let template = json!({"metadata": {}, "spec": {"containers": null}});
    match plural {
        "pods" => json!({"containers": null}),
        "deployments" => json!({"selector": null, "strategy": {}, "template": template}),
        "statefulsets" | "daemonsets" => json!({"selector": null, "updateStrategy": {}, "template": template}),
        "replicasets" | "jobs" => json!({"selector": null, "template": template}),
        "customresourcedefinitions" => json!({"names": {}, "versions": null}),
        _ => json!({}),
    }
}
