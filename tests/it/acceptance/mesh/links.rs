//! Clusters join and leave a mesh.

use serde_json::json;
use tcmesh::cloud::api::{tcm, tdcc};

use super::super::registration::open_hub;
use super::{MESH, clusters, everywhere, fails_to_apply, link, unwrapped};
use crate::harness::workspace::Workspace;
use crate::harness::world::{QUICK, World};

fn linked(world: &World) -> Vec<String> {
    let mut found: Vec<_> = clusters(world)
        .into_iter()
        .map(|cluster| format!("{} {}", cluster.cluster_id, cluster.link_state().unwrap()))
        .collect();
    found.sort();
    found
}

#[test]
fn clusters_join_side_by_side_and_one_leaves_alone() {
    everywhere(QUICK, |world, workspace| {
        workspace.write("main.tf", MESH);
        workspace.apply();
        let first = link("one", "cls-hub00001", "");
        workspace.write("main.tf", &[MESH, &first, &link("two", "cls-app00002", "")].concat());
        let calls = world.calls();
        workspace.apply();
        workspace.is_settled();
        assert_eq!(world.writes_since(calls), ["tcm:LinkClusterList", "tcm:LinkClusterList"]);
        workspace.write("main.tf", &[MESH, &first].concat());
        let calls = world.calls();
        workspace.apply();
        assert_eq!(world.writes_since(calls), ["tcm:UnlinkCluster"]);
        assert_eq!(linked(world), ["cls-hub00001 LINKED"]);
    });
}

#[test]
fn a_mesh_that_is_busy_is_waited_for_and_nobody_notices() {
    everywhere(QUICK, |world, workspace| {
        let both = [link("one", "cls-hub00001", ""), link("two", "cls-app00002", "")].concat();
        workspace.write("main.tf", &[MESH, &both].concat());
        let busy = json!({"error": {"code": "ResourceInUse", "message": "the mesh is busy"}});
        for nth in [2, 3] {
            world.control("faults", &json!({"match": {"action": "LinkClusterList", "nth": nth}, "fault": busy}));
        }
        workspace.apply();
        assert_eq!(linked(world), ["cls-app00002 LINKED", "cls-hub00001 LINKED"]);
    });
}

#[test]
fn a_link_that_fails_ends_at_once_and_the_next_apply_repairs_it() {
    everywhere(QUICK, |world, workspace| {
        let wrong = "vpc_id = \"vpc-hub00001\"\n  subnet_id = \"subnet-hub00001\"\n  region = \"ap-guangzhou\"";
        workspace.write("main.tf", &[MESH, &link("two", "cls-app00002", wrong)].concat());
        let told = fails_to_apply(workspace);
        assert!(told.contains("Cannot link the cluster cls-app00002 to the mesh"), "{told}");
        assert!(told.contains("is LINK_FAILED: CheckError: cluster is not in vpc-hub00001"), "{told}");
        workspace.write("main.tf", &[MESH, &link("two", "cls-app00002", "")].concat());
        workspace.apply();
        workspace.is_settled();
        assert_eq!(linked(world), ["cls-app00002 LINKED"]);
    });
}

#[test]
fn a_link_that_somebody_else_made_has_to_be_imported() {
    everywhere(QUICK, |world, workspace| {
        workspace.write("main.tf", MESH);
        workspace.apply();
        let mesh_id = workspace.state("tcmesh_mesh.main").unwrap()["id"].as_str().unwrap().to_owned();
        let cluster = tcm::Cluster {
            cluster_id: "cls-hub00001".into(),
            region: "ap-guangzhou".into(),
            role: Some("REMOTE".into()),
            vpc_id: Some("vpc-hub00001".into()),
            subnet_id: Some("subnet-hub00001".into()),
            r#type: Some("TKE".into()),
            ..Default::default()
        };
        let action = tcm::LinkClusterList { mesh_id: mesh_id.clone(), cluster_list: vec![cluster] };
        world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
        world.comes_true(|| linked(world) == ["cls-hub00001 LINKED"]);
        workspace.write("main.tf", &[MESH, &link("one", "cls-hub00001", "")].concat());
        let told = fails_to_apply(workspace);
        assert!(told.contains(&format!("id = \"{mesh_id}#cls-hub00001\"")), "{told}");
        assert!(workspace.state("tcmesh_mesh_cluster.one").is_none(), "it would be unlinked by the next apply");
        // A mesh is not deleted under somebody else's cluster.
        let told = unwrapped(&workspace.fails(&["destroy", "-auto-approve", "-no-color"]));
        assert!(told.contains("Clusters are linked to the mesh") && told.contains("cls-hub00001"), "{told}");
    });
}

/// Opens TDCC in account `a` with a hub, and registers its own second cluster there, which needs no agent.
fn register(world: &World) {
    open_hub(world);
    let cluster = tdcc::RegisteredCluster { cluster_id: "cls-app00002".into(), region: "ap-guangzhou".into() };
    let register = tdcc::RegisterClusters { clusters: vec![cluster] };
    let client = world.client("a");
    world.comes_true(|| world.does(async |scope| client.send(scope, &register).await.is_ok()));
}

const REGISTERED: &str = "cluster_kind = \"REGISTERED\"";

#[test]
fn a_registered_cluster_is_linked_where_its_hub_is() {
    everywhere(QUICK, |world, workspace| {
        register(world);
        workspace.write("main.tf", &[MESH, &link("three", "cls-app00002", REGISTERED)].concat());
        workspace.apply();
        workspace.is_settled();
        let cluster = clusters(world).remove(0);
        assert_eq!((cluster.r#type.as_deref(), cluster.vpc_id.as_deref()), (Some("TDCC"), Some("vpc-hub00001")));
        let state = workspace.state("tcmesh_mesh_cluster.three").unwrap();
        assert_eq!((&state["cluster_kind"], &state["vpc_id"]), (&json!("REGISTERED"), &json!("vpc-hub00001")));
    });
}

#[test]
fn a_registration_that_is_not_there_is_told_before_anything_is_linked() {
    everywhere(QUICK, |world, workspace| {
        workspace.write("main.tf", MESH);
        workspace.apply();
        workspace.write("main.tf", &[MESH, &link("three", "cls-app00002", REGISTERED)].concat());
        let calls = world.calls();
        let told = fails_to_apply(workspace);
        assert!(told.contains("has no registered cluster `cls-app00002`"), "{told}");
        assert_eq!(world.writes_since(calls), [""; 0]);
    });
}

/// A provider block of account `a` that may not call TDCC.
fn without_tdcc(world: &World, workspace: &Workspace) {
    let (id, key) = world.keys("a");
    let required = "terraform {\n  required_providers {\n    tcmesh = { source = \"tcmesh/tcmesh\" }\n  }\n}\n";
    let block = format!(
        "provider \"tcmesh\" {{\n  secret_id = \"{id}\"\n  secret_key = \"{key}\"\n  tdcc {{\n    enabled = false\n  }}\n}}\n"
    );
    workspace.write("providers.tf", &[required, &block].concat());
}

#[test]
fn without_tdcc_the_place_is_asked_for_in_the_plan() {
    everywhere(QUICK, |world, workspace| {
        without_tdcc(world, workspace);
        register(world);
        workspace.write("main.tf", &[MESH, &link("three", "cls-app00002", REGISTERED)].concat());
        let told = unwrapped(&workspace.fails(&["plan", "-no-color"]));
        for name in ["region", "vpc_id", "subnet_id"] {
            assert!(told.contains(&format!("Set `{name}`.")), "{told}");
        }
        let place = "region = \"ap-guangzhou\"\n  vpc_id = \"vpc-hub00001\"\n  subnet_id = \"subnet-hub00001\"";
        let given = [REGISTERED, place].join("\n  ");
        workspace.write("main.tf", &[MESH, &link("three", "cls-app00002", &given)].concat());
        workspace.apply();
        workspace.is_settled();
        let calls = world.look("journal");
        let to_tdcc = calls.as_array().unwrap().iter().filter(|call| call["service"] == "tdcc");
        assert_eq!(to_tdcc.filter(|call| call["action"] == "DescribeExternalClusters").count(), 0);
    });
}

#[test]
fn injection_that_cannot_work_is_warned_of_in_the_plan() {
    everywhere(QUICK, |_, workspace| {
        let plan = |more: &str| {
            workspace.write("main.tf", &[MESH, &link("three", "cls-app00002", more)].concat());
            unwrapped(&workspace.succeeds(&["plan", "-no-color"]))
        };
        let managed = "member_control_plane = \"managed\"\n  auto_injection_namespaces = [\"test\"]";
        assert!(plan(managed).contains("Warning: No sidecar can be injected"));
        let known = format!("{managed}\n  acknowledge_no_injection = true");
        assert!(!plan(&known).contains("Warning: No sidecar"));
        assert!(!plan("member_control_plane = \"managed\"").contains("Warning: No sidecar"));
    });
}
