//! The mesh, its clusters, and the gateway into it.

mod failures;
mod gateways;
mod links;

use serde_json::Value;
use tcmesh::cloud::api::tcm::{self, Cluster, ClusterConfig, IngressGateway};

use super::suite::{self, Case, Import};
use crate::harness::terraform;
use crate::harness::workspace::{Workspace, unwrapped};
use crate::harness::world::World;

/// A mesh to link clusters to.
const MESH: &str = "resource \"tcmesh_mesh\" \"main\" {\n  display_name = \"m\"\n  mesh_version = \"1.18.5\"\n}\n";

/// A cluster of the mesh, with more arguments.
fn link(name: &str, cluster_id: &str, more: &str) -> String {
    format!(
        "resource \"tcmesh_mesh_cluster\" \"{name}\" {{\n  mesh_id = tcmesh_mesh.main.id\n  cluster_id = \"{cluster_id}\"\n  {more}\n}}\n"
    )
}

/// Runs a scenario on every Terraform, each in a world of its own.
fn everywhere(description: &str, scenario: impl Fn(&World, &Workspace)) {
    for terraform in terraform::installed() {
        let world = World::with(description);
        scenario(&world, &Workspace::new(terraform, &world));
    }
}

/// Applies, which must fail; answers what it printed, without the frames of its lines.
fn fails_to_apply(workspace: &Workspace) -> String {
    unwrapped(&workspace.fails(&["apply", "-auto-approve", "-no-color"]))
}

fn text(state: &Value, name: &str) -> String {
    state[name].as_str().unwrap().to_owned()
}

fn meshes(world: &World) -> Vec<tcm::Mesh> {
    world.does(async |scope| world.client("a").send(scope, &tcm::DescribeMeshList::default()).await).unwrap().mesh_list
}

fn clusters(world: &World) -> Vec<Cluster> {
    meshes(world).into_iter().flat_map(|mesh| mesh.cluster_list).collect()
}

fn gateways(cluster: &Cluster) -> Vec<IngressGateway> {
    cluster.config.clone().unwrap().ingress_gateway_list.unwrap_or_default()
}

fn delete_mesh(world: &World, state: &Value) {
    let action = tcm::DeleteMesh { mesh_id: text(state, "id"), ..Default::default() };
    world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
    world.comes_true(|| meshes(world).is_empty());
}

fn rename_mesh(world: &World, state: &Value) {
    let (mesh_id, display_name) = (text(state, "id"), Some("renamed".to_owned()));
    let action = tcm::ModifyMesh { mesh_id, display_name, ..Default::default() };
    world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
}

#[test]
fn tcmesh_mesh_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_mesh",
        name: "main",
        updates: &[
            ("\"cross-account-ingress\"", "\"other\""),
            ("\"ALLOW_ANY\"", "\"REGISTRY_ONLY\""),
            ("[\"169.254.0.0/16\"]", "[\"10.9.0.0/16\", \"169.254.0.0/16\"]"),
            ("hold_application_until_proxy_starts = true", "hold_proxy_until_application_ends = true"),
            ("sampling = 1.5", "sampling = 10"),
            ("encoding      = \"JSON\"", "encoding      = \"TEXT\""),
            ("cpu    = \"50m\"", "cpu    = \"60m\""),
            (
                "    sidecar_resources",
                "    prometheus {\n      vpc_id    = \"vpc-hub00001\"\n      subnet_id = \"subnet-hub00001\"\n    }\n\n    sidecar_resources",
            ),
        ],
        import: Import::ById(&[]),
        vanish: delete_mesh,
        drift: Some((rename_mesh, "display_name")),
        create: Some(("tcm", "CreateMesh")),
        count: |world| meshes(world).len(),
    });
}

pub(super) fn unlink(world: &World, state: &Value) {
    let cluster_id = text(state, "cluster_id");
    let action = tcm::UnlinkCluster { mesh_id: text(state, "mesh_id"), cluster_id: cluster_id.clone() };
    world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
    world.comes_true(|| clusters(world).iter().all(|cluster| cluster.cluster_id != cluster_id));
}

/// Sends the one cluster of the one mesh with a change.
fn modify(world: &World, change: impl FnOnce(&mut ClusterConfig)) {
    let mesh = meshes(world).remove(0);
    let mut cluster = mesh.cluster_list[0].clone();
    change(cluster.config.as_mut().unwrap());
    let action = tcm::ModifyMesh { mesh_id: mesh.mesh_id, cluster_list: Some(vec![cluster]), ..Default::default() };
    world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
}

fn inject_elsewhere(world: &World, _: &Value) {
    modify(world, |config| config.auto_injection_namespace_list = Some(vec!["elsewhere".into()]));
}

#[test]
fn tcmesh_mesh_cluster_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_mesh_cluster",
        name: "main",
        updates: &[("[\"test\"]", "[]"), ("[]", "[\"other\", \"test\"]")],
        import: Import::ById(&["acknowledge_no_injection", "role"]),
        vanish: unlink,
        drift: Some((inject_elsewhere, "auto_injection_namespaces")),
        create: Some(("tcm", "LinkClusterList")),
        count: |world| clusters(world).len(),
    });
}

fn remove_gateways(world: &World, _: &Value) {
    modify(world, |config| config.ingress_gateway_list = Some(vec![]));
}

fn narrow(world: &World, _: &Value) {
    modify(world, |config| {
        let gateway = &mut config.ingress_gateway_list.as_mut().unwrap()[0];
        gateway.load_balancer.as_mut().unwrap().internet_max_bandwidth_out = Some(1);
    });
}

#[test]
fn tcmesh_ingress_gateway_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_ingress_gateway",
        name: "main",
        updates: &[
            ("internet_max_bandwidth_out = 10", "internet_max_bandwidth_out = 20"),
            ("replicas = 2", "replicas = 3"),
            ("replicas = 3", "replicas = 3\n    resources {\n      limits {\n        cpu = \"1\"\n      }\n    }"),
        ],
        import: Import::ById(&[]),
        vanish: remove_gateways,
        drift: Some((narrow, "load_balancer")),
        create: Some(("tcm", "ModifyMesh")),
        count: |world| clusters(world).iter().map(|cluster| gateways(cluster).len()).sum(),
    });
}
