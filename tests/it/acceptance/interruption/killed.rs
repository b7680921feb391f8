//! A second signal and SIGKILL: what they cut between request and answer is found by its mark and imported.

use std::fmt::Write as _;

use serde_json::json;
use tcmesh::cloud::api::Filter;
use tcmesh::cloud::api::tcm::DescribeMeshList;
use tcmesh::cloud::api::vpc::DescribeCcns;
use tcmesh::cloud::mark::KEY;
use tcmesh::cloud::page;

use super::{Running, kill};
use crate::harness::terraform;
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

const TWO_OBJECTS: &str = r#"
resource "tcmesh_ccn" "main" {
  name = "hub"
}

resource "tcmesh_mesh" "main" {
  display_name = "hub"
  mesh_version = "1.18.5"

  config {
    istio {
      outbound_traffic_policy = "ALLOW_ANY"
    }
  }
}
"#;

/// The IDs of all marked CCNs and meshes of account `a`: the recovery query of the guide.
fn marked(world: &World) -> [Vec<String>; 2] {
    let client = world.client("a");
    world.does(async |scope| {
        let filters = Some(vec![Filter::new("tag-key", KEY)]);
        let ccns = page::all(scope, &client, DescribeCcns { filters, ..DescribeCcns::default() }).await.unwrap();
        let meshes = page::all(scope, &client, DescribeMeshList::default()).await.unwrap();
        let meshes =
            meshes.into_iter().filter(|mesh| mesh.tag_list.iter().any(|tag| tag.key == KEY)).map(|mesh| mesh.mesh_id);
        [ccns.into_iter().map(|ccn| ccn.ccn_id).collect(), meshes.collect()]
    })
}

/// How many requests the faults have met.
fn met(world: &World) -> u64 {
    let faults = world.look("faults");
    faults.as_array().unwrap().iter().map(|fault| fault["matched"].as_u64().unwrap()).sum()
}

/// Kills an apply while both creates are under way; both objects are found and imported.
fn is_recovered(kill: impl Fn(&mut Running)) {
    for terraform in terraform::installed() {
        let world = World::start();
        let before = world.inventory();
        let workspace = Workspace::new(terraform, &world);
        workspace.write("main.tf", TWO_OBJECTS);
        for (service, action) in [("vpc", "CreateCcn"), ("tcm", "CreateMesh")] {
            let matching = json!({"service": service, "action": action, "nth": 1});
            world.control("faults", &json!({"match": matching, "fault": {"delay": "2s"}}));
        }
        let mut run = Running::apply(&workspace);
        world.comes_true(|| met(&world) == 2);
        kill(&mut run);
        assert!(!run.ends().success(), "{}", run.text());
        world.comes_true(|| run.providers().is_empty());
        world.comes_true(|| marked(&world).iter().all(|ids| ids.len() == 1));
        let mut imports = String::new();
        for (name, ids) in ["tcmesh_ccn", "tcmesh_mesh"].iter().zip(marked(&world)) {
            let _ = writeln!(imports, "import {{\n  to = {name}.main\n  id = \"{}\"\n}}", ids[0]);
        }
        // What Terraform wrote down of a create that failed is an object without ID, or none.
        assert!(!workspace.state_file().contains("\"ccn-"), "{}", workspace.state_file());
        workspace.write("recovery.tf", &imports);
        let text = workspace.apply();
        assert!(text.contains("2 imported, 0 added, 0 changed, 0 destroyed"), "{text}");
        workspace.is_settled();
        workspace.destroy();
        world.is_as_before(&before, "after the recovery");
    }
}

#[test]
fn what_a_second_ctrl_c_cuts_is_found_by_its_mark_and_imported() {
    is_recovered(|run| {
        run.signal_all("INT");
        run.prints("Interrupt received");
        run.signal_all("INT");
    });
}

#[test]
fn what_sigkill_of_the_provider_cuts_is_found_by_its_mark_and_imported() {
    is_recovered(|run| run.providers().into_iter().for_each(|id| kill("KILL", &id.to_string())));
}

#[test]
fn what_sigkill_of_terraform_cuts_is_found_by_its_mark_and_imported_and_the_provider_ends() {
    is_recovered(|run| run.signal("KILL"));
}
