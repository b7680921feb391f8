//! A mesh that fails, is replaced, or has secrets.

use serde_json::json;

use super::{MESH, everywhere, fails_to_apply, meshes};
use crate::harness::world::QUICK;

#[test]
fn item_48_a_mesh_that_fails_ends_the_wait_at_once_and_is_not_lost() {
    everywhere(QUICK, |world, workspace| {
        world.control("faults", &json!({"match": {"action": "CreateMesh", "nth": 1}, "fault": "fail_state"}));
        workspace.write("main.tf", MESH);
        let told = fails_to_apply(workspace);
        assert!(told.contains("Cannot create the mesh m"), "{told}");
        assert!(told.contains("is CREATE_FAILED: InstallError: the control plane could not be installed"), "{told}");
        assert!(workspace.state("tcmesh_mesh.main").is_some(), "its ID is kept");
        workspace.apply();
        workspace.is_settled();
        assert_eq!(meshes(world).len(), 1, "the failed one is gone");
    });
}

#[test]
fn another_version_is_another_mesh_and_the_plan_says_so() {
    everywhere(QUICK, |_, workspace| {
        workspace.write("main.tf", MESH);
        workspace.apply();
        workspace.write("main.tf", &MESH.replace("1.18.5", "1.16.5"));
        assert_eq!(workspace.plan().actions("tcmesh_mesh.main"), ["delete", "create"]);
        workspace.apply();
        workspace.is_settled();
    });
}

#[test]
fn a_password_is_stored_nowhere() {
    everywhere(QUICK, |world, workspace| {
        let with = |version: &str, password: &str| {
            let custom = format!(
                "custom {{\n        url = \"http://10.0.0.9:9090\"\n        auth_type = \"basic\"\n        username = \"mesh\"\n        \
                 password_wo = \"{password}\"\n        password_version = \"{version}\"\n      }}"
            );
            MESH.replace("}\n", &format!("  config {{\n    prometheus {{\n      {custom}\n    }}\n  }}\n}}\n"))
        };
        workspace.write("main.tf", &with("1", "canary-one"));
        let mut told = workspace.apply();
        workspace.is_settled();
        let calls = world.calls();
        workspace.write("main.tf", &with("2", "canary-two"));
        // The plan holds the configuration, too: what is planned is elsewhere in it.
        let plan = workspace.plan().json;
        told += &[&plan["resource_changes"], &plan["prior_state"]].map(ToString::to_string).concat();
        told += &workspace.apply();
        assert_eq!(world.writes_since(calls), ["tcm:UnlinkPrometheus", "tcm:LinkPrometheus"]);
        workspace.is_settled();
        told += &workspace.state_file();
        assert!(!told.contains("canary"), "a password is shown");
    });
}
