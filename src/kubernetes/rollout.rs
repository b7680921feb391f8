//! When a workload has rolled out, and what keeps it from doing so.

use std::fmt;

use serde_json::Value;

use super::{Cluster, Error, ObjectReference};
use crate::scope::Scope;
use crate::wait::Probe;

/// Whether a workload runs as its manifest says; other kinds have rolled out when they exist.
pub fn rolled_out(live: &Value) -> Probe<()> {
    let number = |path: &str| live.pointer(path).and_then(Value::as_i64);
    let count = |path: &str| number(path).unwrap_or(0);
    if number("/status/observedGeneration").is_some_and(|seen| seen < count("/metadata/generation")) {
        return Probe::Pending("the change is not seen by its controller yet".into());
    }
    let (wanted, updated, ready) = match live["kind"].as_str() {
        Some("Deployment") => (
            number("/spec/replicas").unwrap_or(1),
            count("/status/updatedReplicas"),
            count("/status/availableReplicas"),
        ),
        Some("StatefulSet") => {
            (number("/spec/replicas").unwrap_or(1), count("/status/updatedReplicas"), count("/status/readyReplicas"))
        }
        Some("DaemonSet") => (
            number("/status/desiredNumberScheduled").unwrap_or(1),
            count("/status/updatedNumberScheduled"),
            count("/status/numberAvailable"),
        ),
        Some("Job") => {
            let wanted = number("/spec/completions").unwrap_or(1);
            (wanted, wanted, count("/status/succeeded"))
        }
        _ => return Probe::Done(()),
    };
    if updated >= wanted && ready >= wanted && count("/status/replicas") <= updated.max(wanted) {
        return Probe::Done(());
    }
    Probe::Pending(format!("{ready} of {wanted} ready, {updated} updated"))
}

/// What keeps a pod from running. As text: `pod web-1: ImagePullBackOff: back-off pulling image`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodProblem {
    /// The pod's name.
    pub pod: String,
    /// The reason in one word, as the cluster says it.
    pub reason: String,
    /// The cluster's words; they may be empty.
    pub message: String,
}

impl PodProblem {
    /// Whether an image cannot be had, which hardly passes by itself (the reasons are those of the kubelet).
    pub fn is_of_image(&self) -> bool {
        ["ErrImageNeverPull", "ErrImagePull", "ImagePullBackOff", "InvalidImageName"].contains(&self.reason.as_str())
    }
}

impl fmt::Display for PodProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "pod {}: {}", self.pod, self.reason)?;
        if self.message.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.message) }
    }
}

/// What the pods of a workload complain about; empty when nothing is known.
///
/// # Errors
/// As for reads.
pub async fn pod_problems(cluster: &Cluster, scope: &Scope, workload: &Value) -> Result<Vec<PodProblem>, Error> {
    let labels = workload.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    let selector: Vec<String> =
        labels.into_iter().flatten().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
    if selector.is_empty() {
        return Ok(Vec::new());
    }
    let pods = ObjectReference {
        api_version: "v1".into(),
        kind: "Pod".into(),
        namespace: workload["metadata"]["namespace"].as_str().map(Into::into),
        name: String::new(),
    };
    Ok(cluster.list(scope, &pods, &selector.join(",")).await?.iter().filter_map(problem).collect())
}

fn problem(pod: &Value) -> Option<PodProblem> {
    let name = pod["metadata"]["name"].as_str()?;
    let containers = pod.pointer("/status/containerStatuses").and_then(Value::as_array);
    let waiting = containers.into_iter().flatten().find_map(|container| {
        let state = container["state"].as_object()?;
        state.get("waiting").or_else(|| state.get("terminated")).filter(|state| state["reason"].is_string()).cloned()
    });
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
    let unmet =
        || conditions.into_iter().flatten().find(|c| c["status"] == "False" && c["reason"].is_string()).cloned();
    let cause = waiting.or_else(unmet)?;
    let message = cause["message"].as_str().unwrap_or_default();
    Some(PodProblem { pod: name.into(), reason: cause["reason"].as_str()?.into(), message: message.into() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_deployment_has_rolled_out_when_the_new_pods_are_available_and_the_old_ones_gone() {
        let deployment = |status: Value| json!({"kind": "Deployment", "metadata": {"generation": 2}, "spec": {"replicas": 2}, "status": status});
        let ready = json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2});
        assert_eq!(rolled_out(&deployment(ready)), Probe::Done(()));
        let unseen = json!({"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2});
        assert!(matches!(rolled_out(&deployment(unseen)), Probe::Pending(_)));
        let old_left = json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 2, "availableReplicas": 2});
        assert!(matches!(rolled_out(&deployment(old_left)), Probe::Pending(_)));
        assert_eq!(
            rolled_out(&deployment(json!({"observedGeneration": 2}))),
            Probe::Pending("0 of 2 ready, 0 updated".into())
        );
    }

    #[test]
    fn a_config_map_needs_no_rollout() {
        assert_eq!(rolled_out(&json!({"kind": "ConfigMap"})), Probe::Done(()));
    }

    #[test]
    fn a_pod_tells_why_it_waits() {
        let pod = json!({"metadata": {"name": "a-1"}, "status": {"containerStatuses": [
            {"state": {"waiting": {"reason": "ImagePullBackOff", "message": "back-off pulling image"}}}]}});
        let found = problem(&pod).unwrap();
        assert_eq!(found.to_string(), "pod a-1: ImagePullBackOff: back-off pulling image");
        assert!(found.is_of_image());
        let unscheduled = json!({"metadata": {"name": "a-2"}, "status": {"conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}]}});
        let found = problem(&unscheduled).unwrap();
        assert_eq!(found.to_string(), "pod a-2: Unschedulable: 0/3 nodes are available");
        assert!(!found.is_of_image());
    }
}
