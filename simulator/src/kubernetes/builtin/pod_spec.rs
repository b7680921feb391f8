//! What pods and the templates of pods have in common.

use std::collections::HashSet;

use serde_json::Value;

use crate::kubernetes::errors::Cause;
use crate::kubernetes::names::label_fault;

/// Sets the defaults of a pod's spec that depend on other fields.
pub(super) fn set_defaults(spec: &mut Value) {
    alias(spec, "serviceAccountName", "serviceAccount");
    let host_network = spec["hostNetwork"] == true;
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            if container["imagePullPolicy"].is_null() {
                container["imagePullPolicy"] = pull_policy(container["image"].as_str().unwrap_or_default()).into();
            }
            if host_network {
                set_host_ports(container);
            }
        }
    }
}

/// A deprecated field and its successor show the same.
fn alias(spec: &mut Value, name: &str, deprecated: &str) {
    if !spec[name].is_null() {
        spec[deprecated] = spec[name].clone();
    } else if !spec[deprecated].is_null() {
        spec[name] = spec[deprecated].clone();
    }
    if let Some(map) = spec.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
}

fn set_host_ports(container: &mut Value) {
    for port in container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        if port["hostPort"].is_null() {
            port["hostPort"] = port["containerPort"].clone();
        }
    }
}

/// Without a tag, or with the tag `latest`, an image is always pulled.
fn pull_policy(image: &str) -> &'static str {
    let name = image.rsplit('/').next().unwrap_or_default();
    let is_latest = !image.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest");
    if is_latest { "Always" } else { "IfNotPresent" }
}

/// What is wrong with a pod's spec that stands at `path`.
pub(super) fn faults(spec: &Value, path: &str) -> Vec<Cause> {
    let volumes: HashSet<&str> = items(spec, "volumes").filter_map(|volume| volume["name"].as_str()).collect();
    let mut names = HashSet::new();
    let mut causes = Vec::new();
    for list in ["initContainers", "containers"] {
        for (index, container) in items(spec, list).enumerate() {
            let path = format!("{path}.{list}[{index}]");
            causes.extend(container_faults(container, &path, &volumes));
            let name = container["name"].as_str().unwrap_or_default();
            if !names.insert(name) {
                causes.push(Cause::duplicate(format!("{path}.name"), &container["name"]));
            }
        }
    }
    if spec.get("containers").is_none() {
        causes.push(Cause::required(format!("{path}.containers"), ""));
    }
    causes
}

fn items<'a>(value: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    value.get(list).and_then(Value::as_array).into_iter().flatten()
}

fn container_faults(container: &Value, path: &str, volumes: &HashSet<&str>) -> Vec<Cause> {
    let mut causes = Vec::new();
    let name = container["name"].as_str().unwrap_or_default();
    if let Some(fault) = label_fault(name).filter(|_| !name.is_empty()) {
        causes.push(Cause::invalid(format!("{path}.name"), &container["name"], fault));
    }
    if container["image"].as_str().unwrap_or_default().is_empty() {
        causes.push(Cause::required(format!("{path}.image"), ""));
    }
    for (index, mount) in items(container, "volumeMounts").enumerate() {
        if !mount["name"].as_str().is_some_and(|name| volumes.contains(name)) {
            causes.push(Cause::not_found(format!("{path}.volumeMounts[{index}].name"), &mount["name"]));
        }
    }
    for (index, port) in items(container, "ports").enumerate() {
        let number = &port["containerPort"];
        if *number == 0 {
            causes.push(Cause::required(format!("{path}.ports[{index}].containerPort"), ""));
        } else if number.as_i64().is_some_and(|number| !(1..=65_535).contains(&number)) {
            let field = format!("{path}.ports[{index}].containerPort");
            causes.push(Cause::invalid(field, number, "must be between 1 and 65535, inclusive"));
        }
    }
    causes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn images_without_a_fixed_tag_are_always_pulled() {
        for (image, policy) in [
            ("nginx", "Always"),
            ("nginx:latest", "Always"),
            ("nginx:1.25", "IfNotPresent"),
            ("registry:5000/nginx", "Always"),
            ("nginx@sha256:0123", "IfNotPresent"),
        ] {
            assert_eq!(pull_policy(image), policy, "{image}");
        }
    }

    #[test]
    fn mounts_name_volumes_and_containers_have_their_own_names() {
        let spec = json!({"volumes": [{"name": "v"}], "containers": [
            {"name": "a", "image": "i", "volumeMounts": [{"name": "v"}, {"name": "w"}]},
            {"name": "a", "image": "i", "ports": [{"containerPort": 0}]}]});
        assert_eq!(faults(&spec, "spec").len(), 3);
    }
}
