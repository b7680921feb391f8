//! Pods.

use serde_json::{Value, json};

use super::pod_spec;
use crate::kubernetes::errors::{ApiError, Cause};
use crate::kubernetes::kinds::{Behaviour, Surroundings};
use crate::kubernetes::object::Object;
use crate::kubernetes::store::{Key, Resource};

/// The behaviour of pods.
#[derive(Debug)]
pub(super) struct Pods;

impl Behaviour for Pods {
    fn set_defaults(&self, pod: &mut Object) {
        pod.set_if_absent("/spec/enableServiceLinks", true);
        if let Some(spec) = pod.as_value_mut().get_mut("spec") {
            pod_spec::set_defaults(spec);
            set_requests(spec);
        }
    }

    fn prepare(&self, around: &Surroundings<'_>, pod: &mut Object, old: Option<&Object>) -> Result<(), ApiError> {
        if old.is_some() {
            return Ok(());
        }
        set_account(around, pod)?;
        pod.set_if_absent("/spec/priority", 0);
        pod.set_if_absent("/spec/preemptionPolicy", "PreemptLowerPriority");
        tolerate_lost_nodes(pod);
        let class = service_class(pod);
        pod.set("/status", json!({"phase": "Pending", "qosClass": class}));
        Ok(())
    }

    fn validate(&self, pod: &Object, old: Option<&Object>) -> Vec<Cause> {
        let mut causes = pod_spec::faults(pod.at("/spec").unwrap_or(&Value::Null), "spec");
        if old.is_some_and(|old| Some(&without_mutable(pod, old)) != old.at("/spec")) {
            let detail = "pod updates may not change fields other than `spec.containers[*].image`,\
                `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing \
                tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
            causes.push(Cause::forbidden("spec", detail));
        }
        causes
    }

    fn is_shown_when_gone(&self) -> bool {
        true
    }

    fn takes_time(&self) -> bool {
        true
    }

    fn grace_seconds(&self, pod: &Object) -> u32 {
        let is_scheduled = !pod.text("/spec/nodeName").is_empty();
        let has_ended = matches!(pod.text("/status/phase"), "Succeeded" | "Failed");
        let seconds = pod.integer("/spec/terminationGracePeriodSeconds").unwrap_or(30);
        if is_scheduled && !has_ended { seconds.try_into().unwrap_or(0) } else { 0 }
    }
}

/// What is limited is also requested, unless something else is.
fn set_requests(spec: &mut Value) {
    for container in spec.get_mut("containers").and_then(Value::as_array_mut).into_iter().flatten() {
        let limits = container.pointer("/resources/limits").and_then(Value::as_object).cloned();
        for (name, limit) in limits.into_iter().flatten() {
            let request = &mut container["resources"]["requests"][name];
            if request.is_null() {
                *request = limit;
            }
        }
    }
}

/// The admission of service accounts: a pod runs as one of its namespace's.
fn set_account(around: &Surroundings<'_>, pod: &mut Object) -> Result<(), ApiError> {
    pod.set_if_absent("/spec/serviceAccountName", "default");
    let account = pod.text("/spec/serviceAccountName").to_owned();
    let namespace = pod.namespace();
    if around.store.get(&Resource::new("", "serviceaccounts"), &Key::new(namespace, &account)).is_none() {
        let because =
            format!("error looking up service account {namespace}/{account}: serviceaccount {account:?} not found");
        let message = format!("pods {:?} is forbidden: {because}", pod.name());
        return Err(ApiError::forbidden("", "pods", pod.name(), message));
    }
    pod.set("/spec/serviceAccount", account);
    Ok(())
}

/// The admission of default tolerations: a pod stays five minutes on a node that is lost.
fn tolerate_lost_nodes(pod: &mut Object) {
    let mut tolerations = pod.list("/spec/tolerations").to_vec();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        if !tolerations.iter().any(|toleration| toleration["key"] == key) {
            tolerations
                .push(json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}));
        }
    }
    pod.set("/spec/tolerations", tolerations);
}

/// The quality-of-service class (API reference, Pod `status.qosClass`).
fn service_class(pod: &Object) -> &'static str {
    let containers = pod.list("/spec/containers");
    let amount = |container: &Value, which: &str, name: &str| container["resources"][which][name].clone();
    let is_guaranteed = |container: &Value| {
        ["cpu", "memory"].iter().all(|name| {
            let limit = amount(container, "limits", name);
            !limit.is_null() && amount(container, "requests", name) == limit
        })
    };
    let is_best_effort = |container: &Value| container["resources"].as_object().is_none_or(serde_json::Map::is_empty);
    match () {
        () if containers.iter().all(is_best_effort) => "BestEffort",
        () if containers.iter().all(is_guaranteed) => "Guaranteed",
        () => "Burstable",
    }
}

/// The spec of `pod`, with everything that may change as it was in `old`.
fn without_mutable(pod: &Object, old: &Object) -> Value {
    let mut spec = Object::new("", "", "");
    spec.copy_field("spec", Some(pod));
    for list in ["containers", "initContainers"] {
        let containers = spec.as_value_mut()["spec"].get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for (container, before) in containers.zip(old.list(&format!("/spec/{list}"))) {
            container["image"] = before["image"].clone();
        }
    }
    for field in ["/spec/activeDeadlineSeconds", "/spec/tolerations", "/spec/terminationGracePeriodSeconds"] {
        match old.at(field) {
            Some(before) => spec.set(field, before.clone()),
            None => drop(spec.take(field)),
        }
    }
    spec.take("/spec").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(image: &str) -> Object {
        let mut pod = Object::new("v1", "Pod", "p");
        pod.set("/spec/containers", json!([{"name": "c", "image": image}]));
        pod
    }

    #[test]
    fn a_pods_image_may_change_and_little_else() {
        let old = pod("a");
        assert!(Pods.validate(&pod("b"), Some(&old)).is_empty());
        let mut renamed = pod("a");
        renamed.set("/spec/hostNetwork", true);
        assert_eq!(Pods.validate(&renamed, Some(&old)).len(), 1);
    }

    #[test]
    fn limits_are_requests_and_make_the_class() {
        let mut limited = pod("a");
        limited.set(
            "/spec/containers",
            json!([{"name": "c", "image": "i", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}]),
        );
        Pods.set_defaults(&mut limited);
        assert_eq!(service_class(&limited), "Guaranteed");
        assert_eq!(service_class(&pod("a")), "BestEffort");
    }

    #[test]
    fn only_a_pod_that_runs_is_given_time() {
        let mut running = pod("a");
        assert_eq!(Pods.grace_seconds(&running), 0);
        running.set("/spec/nodeName", "n");
        assert_eq!(Pods.grace_seconds(&running), 30);
    }
}
