//! Every example is a configuration that Terraform accepts, written as Terraform writes it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::terraform;
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

/// The folders below `examples/` that hold a configuration, each by its path in the project.
fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut open = vec![root.join("examples")];
    while let Some(folder) = open.pop() {
        let entries: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        if entries.iter().any(|path| path.extension().is_some_and(|extension| extension == "tf")) {
            found.push(folder.strip_prefix(root).unwrap().to_owned());
        }
        open.extend(entries.into_iter().filter(|path| path.is_dir()));
    }
    found.sort();
    found
}

/// The example with the provider blocks that it needs: those with `required_providers` bring their own.
fn workspace(terraform: &terraform::Terraform, world: &World, folder: &Path) -> Workspace {
    let whole = ["main.tf", "provider.tf", "versions.tf"].map(|file| fs::read_to_string(folder.join(file)));
    let is_whole = whole.iter().flatten().any(|text| text.contains("required_providers"));
    let workspace = if is_whole { Workspace::bare(terraform, world) } else { Workspace::new(terraform, world) };
    workspace.copy(folder.to_str().unwrap());
    workspace
}

#[test]
fn every_example_is_valid() {
    let world = World::start();
    let folders = folders();
    assert!(folders.len() > 20, "{folders:?}");
    for terraform in terraform::installed() {
        for folder in &folders {
            let workspace = workspace(terraform, &world, folder);
            let told = workspace.succeeds(&["validate", "-no-color"]);
            assert!(told.contains("Success! The configuration is valid"), "{}: {told}", folder.display());
        }
    }
    assert_eq!(world.calls(), 0);
}

#[test]
fn every_example_is_formatted() {
    let world = World::start();
    for terraform in terraform::installed() {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        let check = ["fmt", "-check", "-recursive", examples.to_str().unwrap()];
        Workspace::bare(terraform, &world).succeeds(&check);
    }
}
