//! Tables: what command lines print for people.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Call;
use crate::kubernetes::object::Object;

/// A column: its name, and what it shows of an object.
type Column = (&'static str, fn(&Object) -> Value);

fn columns(plural: &str) -> &'static [Column] {
    match plural {
        "pods" => &[
            ("Ready", ready_containers),
            ("Status", pod_status),
            ("Restarts", restarts),
            ("IP", pod_ip),
            ("Node", node),
        ],
        "deployments" => &[("Ready", ready_replicas), ("Up-to-date", updated), ("Available", available)],
        "replicasets" => &[("Desired", desired), ("Current", current), ("Ready", ready)],
        "statefulsets" => &[("Ready", ready_replicas)],
        "services" => {
            &[("Type", service_type), ("Cluster-IP", cluster_ip), ("External-IP", external_ip), ("Port(s)", ports)]
        }
        "namespaces" => &[("Status", phase)],
        "nodes" => &[("Status", node_status), ("Version", node_version)],
        _ => &[],
    }
}

/// The table that shows objects: name, the columns of their kind, age.
pub(super) fn table(call: &Call<'_>, metadata: &Value, objects: &[Arc<Object>]) -> Value {
    let columns = columns(&call.kind().plural);
    let names = columns.iter().map(|(name, _)| *name);
    let definitions: Vec<_> = std::iter::once("Name").chain(names).chain(["Age"]).map(definition).collect();
    let rows: Vec<_> = objects.iter().map(|object| row(call, columns, object)).collect();
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "columnDefinitions": definitions, "rows": rows})
}

fn definition(name: &str) -> Value {
    let format = if name == "Name" { "name" } else { "" };
    json!({"name": name, "type": "string", "format": format, "description": "", "priority": 0})
}

fn row(call: &Call<'_>, columns: &[Column], object: &Object) -> Value {
    let mut cells = vec![Value::from(object.name())];
    cells.extend(columns.iter().map(|(_, show)| show(object)));
    cells.push(age(call, object).into());
    let metadata = object.at("/metadata").cloned().unwrap_or_default();
    json!({"cells": cells, "object": {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}})
}

fn age(call: &Call<'_>, object: &Object) -> String {
    let created = object.text("/metadata/creationTimestamp").parse().unwrap_or_else(|_| call.server.clock.now());
    let seconds = call.server.clock.now().duration_since(created).as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7_200 => format!("{}m", seconds / 60),
        7_200..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

fn number(object: &Object, pointer: &str) -> i64 {
    object.integer(pointer).unwrap_or(0)
}

fn ready_containers(pod: &Object) -> Value {
    let ready = pod.list("/status/containerStatuses").iter().filter(|status| status["ready"] == true).count();
    format!("{ready}/{}", pod.list("/spec/containers").len()).into()
}

fn pod_status(pod: &Object) -> Value {
    let waiting =
        pod.list("/status/containerStatuses").iter().find_map(|status| status["state"]["waiting"]["reason"].as_str());
    let phase = if pod.is_terminating() { "Terminating" } else { pod.text("/status/phase") };
    waiting.unwrap_or(phase).into()
}

fn restarts(pod: &Object) -> Value {
    let counts = pod.list("/status/containerStatuses").iter().filter_map(|status| status["restartCount"].as_i64());
    counts.sum::<i64>().into()
}

fn pod_ip(pod: &Object) -> Value {
    pod.text("/status/podIP").into()
}

fn node(pod: &Object) -> Value {
    pod.text("/spec/nodeName").into()
}

fn ready_replicas(object: &Object) -> Value {
    format!("{}/{}", number(object, "/status/readyReplicas"), number(object, "/spec/replicas")).into()
}

fn updated(object: &Object) -> Value {
    number(object, "/status/updatedReplicas").into()
}

fn available(object: &Object) -> Value {
    number(object, "/status/availableReplicas").into()
}

fn desired(object: &Object) -> Value {
    number(object, "/spec/replicas").into()
}

fn current(object: &Object) -> Value {
    number(object, "/status/replicas").into()
}

fn ready(object: &Object) -> Value {
    number(object, "/status/readyReplicas").into()
}

fn service_type(service: &Object) -> Value {
    service.text("/spec/type").into()
}

fn cluster_ip(service: &Object) -> Value {
    service.text("/spec/clusterIP").into()
}

fn external_ip(service: &Object) -> Value {
    let ingress = service.list("/status/loadBalancer/ingress").first();
    let address = ingress.and_then(|ingress| ingress["ip"].as_str().or(ingress["hostname"].as_str()));
    let waits = service.text("/spec/type") == "LoadBalancer";
    address.unwrap_or(if waits { "<pending>" } else { "<none>" }).into()
}

fn ports(service: &Object) -> Value {
    let show = |port: &Value| {
        let node = port["nodePort"].as_i64().map(|number| format!(":{number}")).unwrap_or_default();
        format!("{}{node}/{}", port["port"], port["protocol"].as_str().unwrap_or_default())
    };
    let shown: Vec<_> = service.list("/spec/ports").iter().map(show).collect();
    shown.join(",").into()
}

fn phase(object: &Object) -> Value {
    object.text("/status/phase").into()
}

fn node_status(node: &Object) -> Value {
    let is_ready = |condition: &Value| condition["type"] == "Ready" && condition["status"] == "True";
    let ready = node.list("/status/conditions").iter().any(is_ready);
    if ready { "Ready" } else { "NotReady" }.into()
}

fn node_version(node: &Object) -> Value {
    node.text("/status/nodeInfo/kubeletVersion").into()
}
