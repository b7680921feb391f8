//! From a probe through the gateway to a service and back.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::terraform::{self, Terraform};
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

/// A mesh with a gateway, a service and its route.
const SERVED: &str = include_str!("served.tf");
/// Data sources that probe it.
const ANSWERS: &str = include_str!("answers.tf");
/// A check that probes it.
const CHECKS: &str = include_str!("checks.tf");

/// A workspace with a host of the mesh, and with probes.
fn served(terraform: &Terraform, world: &World, probes: &str) -> Workspace {
    let workspace = Workspace::new(terraform, world);
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/cross-account-ingress/services");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: test\n---\n";
    let service = fs::read_to_string(services.join("cluster1.yaml")).unwrap();
    workspace.write("cluster1.yaml", &format!("{namespace}{service}"));
    workspace.write("main.tf", SERVED);
    workspace.write("probes.tf", &probes.replace("ENDPOINT", &world.endpoint()));
    workspace
}

#[test]
fn data_tcmesh_route_probe_tells_that_a_host_is_answered_by_its_service() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = served(terraform, &world, ANSWERS);
        let told = workspace.apply();
        assert!(told.contains("failures = \"[] []\""), "{told}");
        workspace.destroy();
    }
}

/// What the state says of the check.
fn check(workspace: &Workspace) -> Value {
    let state = workspace.show();
    let checks = state["checks"].as_array().unwrap();
    checks.iter().find(|check| check["address"]["to_display"] == "check.cluster1").unwrap()["status"].clone()
}

#[test]
fn ephemeral_tcmesh_route_probe_in_a_check_is_recorded_and_leaves_plans_empty() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = served(terraform, &world, CHECKS);
        let told = workspace.apply();
        assert!(!told.contains("Warning: cluster1") && !told.contains("Check block assertion failed"), "{told}");
        assert_eq!(check(&workspace), json!("pass"));
        workspace.is_settled();
        assert!(!workspace.state_file().contains("tcmesh_route_probe"), "a probe is stored nowhere");

        workspace.write("main.tf", &SERVED.replacen("service   = \"cluster1\"", "service   = \"absent\"", 1));
        workspace.write("probes.tf", &CHECKS.replace("ENDPOINT", &world.endpoint()).replace("20s", "1s"));
        // Terraform breaks lines where it likes.
        let told = workspace.apply().split_whitespace().collect::<Vec<_>>().join(" ");
        for expected in [
            "Warning: cluster1.imroc.cc is not answered as expected",
            "answered with status 503 instead of 200",
            "the warning of its probe says why",
        ] {
            assert!(told.contains(expected), "{expected} is not in:\n{told}");
        }
        assert_eq!(check(&workspace), json!("fail"));
        workspace.is_settled();
        workspace.destroy();
    }
}
