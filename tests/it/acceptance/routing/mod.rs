//! Gateways, host routes, manifests and probes on real Terraform.

mod data_path;
mod given_cluster;

use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::GroupVersionKind;
use serde_json::{Value, json};

use super::suite::{self, Case, Import};
use crate::harness::world::World;

/// The cluster of the examples.
const CLUSTER: &str = "cls-hub00001";
const ISTIO: &str = "networking.istio.io/v1beta1";

/// The objects of a kind in the cluster of the examples.
async fn objects(world: &World, api_version: &str, kind: &str, namespace: &str) -> Api<DynamicObject> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    let client = world.kubernetes(CLUSTER).await;
    if namespace.is_empty() {
        Api::all_with(client, &resource)
    } else {
        Api::namespaced_with(client, namespace, &resource)
    }
}

fn text<'a>(state: &'a Value, name: &str) -> &'a str {
    state[name].as_str().unwrap()
}

/// Deletes an object, and waits until it is gone.
fn remove(world: &World, api_version: &str, kind: &str, namespace: &str, name: &str) {
    let gone = || async {
        let api = objects(world, api_version, kind, namespace).await;
        let _ = api.delete(name, &DeleteParams::background()).await;
        api.get_opt(name).await.unwrap().is_none()
    };
    world.comes_true(|| world.block_on(gone()));
}

/// Somebody else takes away the labels that an object was given.
fn unlabel(world: &World, api_version: &str, kind: &str, state: &Value) {
    let patch = Patch::Merge(json!({"metadata": {"labels": null}}));
    let params = PatchParams { field_manager: Some("kubectl-label".into()), ..PatchParams::default() };
    world.block_on(async {
        let api = objects(world, api_version, kind, text(state, "namespace")).await;
        api.patch(text(state, "name"), &params, &patch).await.unwrap();
    });
}

fn count(world: &World, api_version: &str, kind: &str) -> usize {
    world.block_on(async {
        objects(world, api_version, kind, "").await.list(&ListParams::default()).await.unwrap().items.len()
    })
}

#[test]
fn tcmesh_gateway_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_gateway",
        name: "main",
        updates: &[
            ("team = \"network\"", "team = \"platform\""),
            ("hosts = [\"*.imroc.cc\"]", "hosts = [\"*.imroc.cc\", \"test/www.example.com\"]"),
            ("mode            = \"SIMPLE\"", "mode            = \"MUTUAL\"\n      min_protocol_version = \"TLSV1_2\""),
        ],
        import: Import::ById(&["force_conflicts"]),
        vanish: |world, state| remove(world, ISTIO, "Gateway", text(state, "namespace"), text(state, "name")),
        drift: Some((|world, state| unlabel(world, ISTIO, "Gateway", state), "labels")),
        create: None,
        count: |world| count(world, ISTIO, "Gateway"),
    });
}

#[test]
fn tcmesh_host_route_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_host_route",
        name: "shop",
        updates: &[
            ("weight    = 90", "weight    = 50"),
            ("timeout = \"5s\"", "timeout = \"10s\""),
            ("prefix = \"/cart/\"", "exact = \"/cart\""),
            ("retry_on        = [\"5xx\", \"reset\"]", "retry_on        = [\"503\"]"),
            ("x-served-by = \"storefront\"", "x-served-by = \"shop\""),
        ],
        import: Import::ById(&["force_conflicts"]),
        vanish: |world, state| remove(world, ISTIO, "VirtualService", text(state, "namespace"), text(state, "name")),
        drift: Some((|world, state| unlabel(world, ISTIO, "VirtualService", state), "labels")),
        create: None,
        count: |world| count(world, ISTIO, "VirtualService"),
    });
}

#[test]
fn tcmesh_manifest_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_manifest",
        name: "web",
        updates: &[
            ("replicas: 2", "replicas: 1"),
            ("port: 80\n", "port: 8080\n"),
            ("rollout = true", "rollout = false"),
        ],
        import: Import::ById(&["yaml", "force_conflicts", "wait"]),
        vanish: |world, _| {
            remove(world, "apps/v1", "Deployment", "shop", "web");
            remove(world, "v1", "Namespace", "", "shop");
        },
        drift: Some((|world, _| remove(world, "v1", "Service", "shop", "web"), "drift")),
        create: None,
        count: |world| count(world, "apps/v1", "Deployment"),
    });
}
