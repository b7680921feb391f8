//! From a probe through the gateway to a service and back.

use std::fs;
use std::path::Path;

use crate::harness::terraform;
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

/// A mesh with a gateway, a service, its route, and probes.
const SERVED: &str = include_str!("served.tf");

#[test]
fn a_host_is_answered_by_its_service_through_the_gateway() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = Workspace::new(terraform, &world);
        let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/cross-account-ingress/services");
        let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: test\n---\n";
        let service = fs::read_to_string(services.join("cluster1.yaml")).unwrap();
        workspace.write("cluster1.yaml", &format!("{namespace}{service}"));
        workspace.write("main.tf", &SERVED.replace("ENDPOINT", &world.endpoint()));
        let told = workspace.apply();
        assert!(told.contains("failures = \"[] []\""), "{told}");
        workspace.destroy();
    }
}
