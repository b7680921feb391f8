//! Nothing needs root: where the runner is root, simulator, Terraform and provider run as a user without rights.

use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::{env, fs};

use tempfile::TempDir;

use super::{FILES, variables};
use crate::harness::terraform::{self, Terraform};
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

/// The user and the group `nobody`.
const NOBODY: u32 = 65534;
const ROOT: u32 = 0;

#[test]
fn the_networks_are_joined_by_a_user_without_rights() {
    match user() {
        ROOT => again_as_nobody("the_networks_are_joined_by_a_user_without_rights"),
        _ => terraform::installed().iter().for_each(joins_the_networks),
    }
}

/// Who runs this process.
fn user() -> u32 {
    fs::metadata("/proc/self").unwrap().uid()
}

/// Runs one test of this program as `nobody`, in a folder of that user's own.
fn again_as_nobody(test: &str) {
    let home = TempDir::new().unwrap();
    chown(home.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    let module = module_path!().split_once("::").unwrap().1;
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", &format!("{module}::{test}"), "--nocapture"]);
    command.uid(NOBODY).gid(NOBODY).current_dir(home.path()).env("HOME", home.path()).env("TMPDIR", home.path());
    match command.output() {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            eprintln!("not run: the story without root's rights (nobody but root may read this folder)");
        }
        output => {
            let output = output.unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            let told = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success() && text.contains("1 passed"), "{told}");
        }
    }
}

/// The story's network, with what account B asks and account A accepts.
fn joins_the_networks(terraform: &Terraform) {
    let world = World::start();
    let before = world.inventory();
    let workspace = Workspace::bare(terraform, &world);
    for name in ["network.tf", "variables.tf", "versions.tf"] {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(FILES).join(name);
        workspace.write(name, &fs::read_to_string(file).unwrap());
    }
    workspace.write("story.auto.tfvars.json", &variables(&world.ready()).to_string());
    workspace.apply();
    workspace.is_settled();
    let accepter = workspace.state("tcmesh_ccn_attachment_accepter.member").unwrap();
    assert_eq!(accepter["state"], "ACTIVE");
    workspace.destroy();
    world.is_as_before(&before, "after the story's network");
}
