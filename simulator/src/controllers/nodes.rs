//! Nodes: what pods run on, and which pods may.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Node, PodSpec, Taint, Toleration};
use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::{Client, ResourceExt};
use serde_json::json;

use super::writes;

/// The taint that an API server gives to new nodes.
const NOT_READY: &str = "node.kubernetes.io/not-ready";

/// A node of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeOptions {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// Its labels, beside those that every node has.
    pub labels: BTreeMap<String, String>,
}

/// Makes the node known to the cluster, ready for pods; one that is known already stays.
///
/// # Errors
/// What the API refuses.
pub(super) async fn register(client: &Client, options: &NodeOptions, time: &str) -> kube::Result<()> {
    let api: Api<Node> = Api::all(client.clone());
    if api.get_opt(&options.name).await?.is_some() {
        return Ok(());
    }
    let version = client.apiserver_version().await?.git_version;
    let mut labels = options.labels.clone();
    for (name, value) in [
        ("kubernetes.io/hostname", options.name.as_str()),
        ("kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
    ] {
        labels.insert(name.to_owned(), value.to_owned());
    }
    let mut node = Node::default();
    node.metadata.name = Some(options.name.clone());
    node.metadata.labels = Some(labels);
    let mut node = api.create(&PostParams::default(), &node).await?;
    // Text, numbers and lists of them, in the shape of the type.
    node.status = serde_json::from_value(status(options, &version, time)).ok();
    let node = writes::status(&api, node).await?;
    make_ready(&api, &node).await
}

/// New nodes repel pods until somebody sees that they are ready; here that is so at once.
async fn make_ready(api: &Api<Node>, node: &Node) -> kube::Result<()> {
    let taints = node.spec.iter().flat_map(|spec| spec.taints.iter().flatten());
    let (not_ready, others): (Vec<_>, Vec<_>) = taints.partition(|taint| taint.key == NOT_READY);
    if not_ready.is_empty() {
        return Ok(());
    }
    let patch = Patch::Merge(json!({"spec": {"taints": others}}));
    api.patch(&node.name_any(), &PatchParams::default(), &patch).await.map(drop)
}

fn status(options: &NodeOptions, version: &str, time: &str) -> serde_json::Value {
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({"type": kind, "status": status, "reason": reason, "message": message, "lastHeartbeatTime": time,
            "lastTransitionTime": time})
    };
    let resources = json!({"cpu": "8", "memory": "16Gi", "pods": "110", "ephemeral-storage": "100Gi"});
    json!({
        "addresses": [{"type": "InternalIP", "address": options.address}, {"type": "Hostname", "address": options.name}],
        "capacity": resources, "allocatable": resources,
        "conditions": [
            condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        ],
        "nodeInfo": {"architecture": "amd64", "operatingSystem": "linux", "kubeletVersion": version,
            "kubeProxyVersion": version, "containerRuntimeVersion": "containerd://1.7.0", "osImage": "simulated",
            "kernelVersion": "5.4.0", "machineID": "", "systemUUID": "", "bootID": ""},
    })
}

/// Whether a node takes new pods at all.
pub(super) fn is_schedulable(node: &Node) -> bool {
    let is_cordoned = node.spec.as_ref().is_some_and(|spec| spec.unschedulable == Some(true));
    let conditions = node.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let is_ready = conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True");
    !is_cordoned && is_ready
}

/// Whether a pod may run on a node, by the node's labels and taints. Affinity is not modelled.
pub(super) fn selects(pod: &PodSpec, node: &Node) -> bool {
    let labels = node.labels();
    let is_selected = pod.node_selector.iter().flatten().all(|(name, value)| labels.get(name) == Some(value));
    let taints = node.spec.iter().flat_map(|spec| spec.taints.iter().flatten());
    let repels = |taint: &&Taint| taint.effect != "PreferNoSchedule";
    let tolerated = |taint: &Taint| pod.tolerations.iter().flatten().any(|toleration| tolerates(toleration, taint));
    is_selected && taints.into_iter().filter(repels).all(tolerated)
}

fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let effect = toleration.effect.as_deref().unwrap_or_default();
    let key = toleration.key.as_deref().unwrap_or_default();
    let is_any_value = toleration.operator.as_deref() == Some("Exists");
    (effect.is_empty() || effect == taint.effect)
        && (key.is_empty() && is_any_value || key == taint.key)
        && (is_any_value
            || toleration.value.as_deref().unwrap_or_default() == taint.value.as_deref().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_taints_decide_where_a_pod_may_run() {
        let node: Node = serde_json::from_value(json!({"metadata": {"name": "n", "labels": {"zone": "a"}},
            "spec": {"taints": [{"key": "k", "value": "v", "effect": "NoSchedule"}]}}))
        .expect("a node");
        let may = |spec: serde_json::Value| selects(&serde_json::from_value(spec).expect("a spec"), &node);
        assert!(!may(json!({"containers": []})));
        assert!(may(json!({"containers": [], "tolerations": [{"operator": "Exists"}]})));
        let tolerant = json!([{"key": "k", "value": "v", "effect": "NoSchedule"}]);
        assert!(may(json!({"containers": [], "tolerations": tolerant, "nodeSelector": {"zone": "a"}})));
        assert!(!may(json!({"containers": [], "tolerations": tolerant, "nodeSelector": {"zone": "b"}})));
    }
}
