//! Ephemeral resources on real Terraform. The configurations are the files in `examples/`.

use std::fs;
use std::path::Path;

use crate::harness::terraform;
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

fn example(name: &str) -> String {
    let file = format!("examples/ephemeral-resources/{name}/ephemeral-resource.tf");
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// A provider block that has its cluster from the credentials, and a namespace there.
const GIVEN: &str = r#"
provider "tcmesh" {
  alias      = "given"
  secret_id  = "AKID"
  secret_key = "key"

  kubernetes {
    kubeconfig = ephemeral.tcmesh_cluster_credentials.cluster1.kubeconfig
  }
}

resource "tcmesh_manifest" "namespace" {
  provider = tcmesh.given
  yaml     = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: given\n"
}
"#;

#[test]
fn ephemeral_tcmesh_cluster_credentials_let_another_provider_block_in_and_are_stored_nowhere() {
    for terraform in terraform::installed() {
        let world = World::start();
        let before = world.inventory();
        let workspace = Workspace::new(terraform, &world);
        workspace.write("main.tf", &[&example("tcmesh_cluster_credentials"), GIVEN].concat());
        workspace.apply();
        workspace.is_settled();
        let state = workspace.state_file();
        assert!(!state.contains("client-key") && !state.contains("PRIVATE KEY"), "a key is in the state");
        workspace.destroy();
        world.is_as_before(&before, "after the namespace");
    }
}

/// The agent takes the manifest, as a write-only argument.
const AGENT: &str = r#"
resource "tcmesh_tdcc_agent" "cluster3" {
  provider         = tcmesh.member
  cluster_id       = "cls-mem00003"
  registration_id  = tcmesh_tdcc_registration.cluster3.id
  manifest_wo      = ephemeral.tcmesh_tdcc_agent_manifest.cluster3.manifest
  manifest_version = "1"
}
"#;

#[test]
fn ephemeral_tcmesh_tdcc_agent_manifest_goes_to_the_agent_and_is_stored_nowhere() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = Workspace::new(terraform, &world);
        workspace.write("main.tf", &[&example("tcmesh_tdcc_agent_manifest"), AGENT].concat());
        workspace.apply();
        workspace.is_settled();
        let state = workspace.state_file();
        assert!(state.contains("manifest_hash") && !state.contains("regToken"), "the manifest is in the state");
        workspace.destroy();
    }
}
