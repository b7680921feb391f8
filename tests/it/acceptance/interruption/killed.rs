//! A second signal and SIGKILL: what they cut between request and answer is found as the guide says, and imported.

use serde_json::json;

use super::super::registration::open_hub;
use super::super::story::Story;
use super::{Running, guide, kill, writes, writes_of_the_story};
use crate::harness::terraform;
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

/// One object of each kind that carries a mark; the hub is there.
const MARKED: &str = r#"
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

resource "tcmesh_tdcc_registration" "main" {
  hub_id         = "HUB"
  name           = "cluster3"
  cluster_region = "ap-guangzhou"
  hub_endpoint   = "intranet"
}
"#;

const CREATES: [(&str, &str); 3] = [("vpc", "CreateCcn"), ("tcm", "CreateMesh"), ("tdcc", "CreateExternalCluster")];

/// How many requests the faults have met.
fn met(world: &World) -> u64 {
    let faults = world.look("faults");
    faults.as_array().unwrap().iter().map(|fault| fault["matched"].as_u64().unwrap()).sum()
}

/// Kills an apply while all creates are under way; all objects are found and imported.
fn is_recovered(kill: impl Fn(&mut Running)) {
    for terraform in terraform::installed() {
        let world = World::start();
        let hub = open_hub(&world);
        let before = world.rests(|| world.inventory());
        let workspace = Workspace::new(terraform, &world);
        workspace.write("main.tf", &MARKED.replace("HUB", &hub));
        for (service, action) in CREATES {
            let matching = json!({"service": service, "action": action, "nth": 1});
            world.control("faults", &json!({"match": matching, "fault": {"delay": "2s"}}));
        }
        let mut run = Running::apply(&workspace);
        world.comes_true(|| met(&world) == 3);
        kill(&mut run);
        assert!(!run.ends().success(), "{}", run.text());
        world.comes_true(|| run.providers().is_empty());
        // What Terraform wrote down of a create that failed is an object without ID, or none.
        assert!(!workspace.state_file().contains("\"ccn-"), "{}", workspace.state_file());
        world.comes_true(|| guide::marked(&world, &workspace).len() == 3);
        let addresses =
            [("ccn-", "tcmesh_ccn.main"), ("mesh-", "tcmesh_mesh.main"), ("cls-", "tcmesh_tdcc_registration.main")];
        let text = guide::is_followed(&world, &workspace, &addresses);
        assert!(text.contains("3 imported, 0 added, 1 changed, 0 destroyed"), "{text}");
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

/// Kills the story at some moments between its first and its last write; the guide ends it.
fn is_ended(moments: &[usize], kill: impl Fn(&Running)) {
    let installed = terraform::installed();
    let writes_of_all = writes_of_the_story(&installed[0]);
    for (percent, terraform) in moments.iter().zip(installed.iter().cycle()) {
        let world = World::start();
        let before = world.rests(|| world.inventory());
        let workspace = Story::new(terraform, &world).workspace;
        let mut run = Running::apply(&workspace);
        world.comes_true(|| writes(&world) >= writes_of_all * percent / 100);
        kill(&run);
        assert!(!run.ends().success(), "{}", run.text());
        world.comes_true(|| run.providers().is_empty());
        let addresses = [
            ("ccn-", "tcmesh_ccn.main"),
            ("mesh-", "tcmesh_mesh.main"),
            ("cls-", "tcmesh_tdcc_registration.cluster3[0]"),
        ];
        guide::is_followed(&world, &workspace, &addresses);
        workspace.succeeds(&["plan", "-no-color", "-detailed-exitcode"]);
        workspace.destroy();
        world.is_as_before(&before, &format!("killed after {percent} % of the writes"));
    }
}

#[test]
fn after_sigkill_of_terraform_in_the_story_the_guide_ends_it() {
    is_ended(&[30, 70], |run| run.signal("KILL"));
}

#[test]
fn after_sigkill_of_the_provider_in_the_story_the_guide_ends_it() {
    is_ended(&[50, 85], |run| run.providers().into_iter().for_each(|id| kill("KILL", &id.to_string())));
}
