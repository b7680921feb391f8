//! What account B may not do to what is account A's.

use serde_json::Value;
use tcmesh::cloud::api::tcm::{DescribeMesh, DescribeMeshList};
use tcmesh::cloud::api::vpc::{AcceptAttachCcnInstances, AttachmentState};

use super::super::network;
use crate::harness::terraform;
use crate::harness::workspace::{Workspace, unwrapped};
use crate::harness::world::World;

const REQUEST: &str = include_str!("../../../../examples/resources/tcmesh_ccn_attachment_accepter/resource.tf");
const ACCEPTER: &str = "resource \"tcmesh_ccn_attachment_accepter\" \"main\" {";

/// Account B's request, which nobody has accepted.
fn asked(world: &World, workspace: &Workspace) -> Value {
    let request = &REQUEST[..REQUEST.find("# Account A, which").unwrap()];
    workspace.write("main.tf", request);
    workspace.apply();
    assert_eq!(network::rows(world, "vpc-mem00003")[0].state, AttachmentState::Pending);
    workspace.state("tcmesh_ccn_attachment.member").unwrap()
}

#[test]
fn account_b_cannot_accept_its_own_request() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = Workspace::new(terraform, &world);
        let state = asked(&world, &workspace);
        let accept =
            AcceptAttachCcnInstances { ccn_id: network::ccn(&state), instances: vec![network::instance(&state)] };
        let refused = world.does(async |scope| world.client("b").send(scope, &accept).await.map(drop)).unwrap_err();
        assert_eq!(refused.code(), Some("ResourceNotFound"), "{refused}");

        workspace.write("main.tf", &REQUEST.replace(ACCEPTER, &format!("{ACCEPTER}\n  provider = tcmesh.member\n")));
        let told = unwrapped(&workspace.fails(&["apply", "-auto-approve", "-no-color"]));
        let expected =
            format!("Account 100000000002 has no CCN `{}`, so it cannot accept requests", network::ccn(&state));
        assert!(told.contains(&expected), "{told}");
        assert_eq!(network::rows(&world, "vpc-mem00003")[0].state, AttachmentState::Pending);
    }
}

#[test]
fn account_b_does_not_see_the_mesh_of_account_a() {
    const MESH: &str = "resource \"tcmesh_mesh\" \"main\" {\n  display_name = \"m\"\n  mesh_version = \"1.18.5\"\n}\n";
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = Workspace::new(terraform, &world);
        workspace.write("main.tf", MESH);
        workspace.apply();
        let mesh_id = workspace.state("tcmesh_mesh.main").unwrap()["id"].as_str().unwrap().to_owned();
        let (client, one) = (world.client("b"), DescribeMesh { mesh_id: mesh_id.clone() });
        let listed = world.does(async |scope| client.send(scope, &DescribeMeshList::default()).await).unwrap();
        assert_eq!(listed.mesh_list.len(), 0);
        let refused = world.does(async |scope| client.send(scope, &one).await.map(drop)).unwrap_err();
        assert_eq!(refused.code(), Some("ResourceNotFound"), "{refused}");

        let other = Workspace::new(terraform, &world);
        other.write("main.tf", &MESH.replace("{\n", "{\n  provider = tcmesh.member\n"));
        let told = unwrapped(&other.fails(&["import", "-no-color", "tcmesh_mesh.main", &mesh_id]));
        assert!(told.contains("Nothing to import There is no such object for this provider's configuration"), "{told}");
        let link = format!(
            "resource \"tcmesh_mesh_cluster\" \"own\" {{\n  provider = tcmesh.member\n  mesh_id = \"{mesh_id}\"\n  cluster_id = \
             \"cls-mem00003\"\n}}\n"
        );
        other.write("main.tf", &link);
        let calls = world.calls();
        let told = unwrapped(&other.fails(&["apply", "-auto-approve", "-no-color"]));
        let expected = format!("account 100000000002: ResourceNotFound: The mesh `{mesh_id}` is not found.");
        assert!(told.contains(&expected), "{told}");
        assert!(world.writes_since(calls).iter().all(|call| call.ends_with(" ResourceNotFound")), "{told}");
    }
}
