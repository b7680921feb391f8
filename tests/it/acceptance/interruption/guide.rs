//! The recovery guide, whose commands are run as it has them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tcmesh::provider;
use tcmesh::scope::StopSwitch;

use crate::harness::workspace::{Workspace, unwrapped};
use crate::harness::world::World;

const GUIDE: &str = include_str!("../../../../docs/guides/recovery.md");

/// A stand-in for the vendor's SDK, which speaks with the cloud over TLS only.
const SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/sdk");

/// How often an apply may name further objects to import before it succeeds.
const ROUNDS: usize = 5;

/// The objects in the cloud that carry a mark, by ID, and their names.
pub(super) fn marked(world: &World, workspace: &Workspace) -> BTreeMap<String, String> {
    table(&run(world, workspace, block("What exists")))
}

/// The objects in the state that were created with a mark, by ID, and their addresses.
fn known(world: &World, workspace: &Workspace) -> BTreeMap<String, String> {
    table(&run(world, workspace, block("What the state knows")))
}

/// Follows the guide: imports what only the cloud knows, and then what an apply names.
pub(super) fn is_followed(world: &World, workspace: &Workspace, addresses: &[(&str, &str)]) -> String {
    let known = known(world, workspace);
    let lost = marked(world, workspace).into_keys().filter(|id| !known.contains_key(id));
    let address = |id: &str| addresses.iter().find(|(prefix, _)| id.starts_with(prefix)).unwrap().1.to_owned();
    let mut imports: Vec<_> = lost.map(|id| (address(&id), id)).collect();
    for _ in 0..ROUNDS {
        workspace.write("recovery.tf", &imports.iter().map(|(to, id)| import(to, id)).collect::<String>());
        let applied = workspace.run(&["apply", "-auto-approve", "-no-color"]);
        let text = unwrapped(&String::from_utf8_lossy(&[applied.stdout, applied.stderr].concat()));
        if applied.status.success() {
            return text;
        }
        let errors: Vec<_> = text.split("Error: ").skip(1).collect();
        let named: Vec<_> = errors.iter().filter_map(|error| asked_for(error)).collect();
        assert!(!named.is_empty(), "they name nothing to import: {errors:#?}");
        imports.extend(named);
    }
    panic!("it still fails after {ROUNDS} rounds: {imports:?}");
}

fn import(to: &str, id: &str) -> String {
    format!("import {{\n  to = {to}\n  id = \"{id}\"\n}}\n")
}

/// Address and ID of the object that an error asks to import.
fn asked_for(error: &str) -> Option<(String, String)> {
    let (_, block) = error.split_once("import {")?;
    let id = block.split('"').nth(1)?;
    Some((error.split_once("with ")?.1.split_once(',')?.0.to_owned(), id.to_owned()))
}

/// The shell commands below a heading.
fn block(heading: &str) -> &'static str {
    let (_, section) = GUIDE.split_once(&format!("\n## {heading}\n")).unwrap();
    section.split_once("```shell\n").unwrap().1.split_once("```").unwrap().0
}

/// A folder with the Terraform of the test, where that is not the one on PATH.
fn commands(workspace: &Workspace) -> PathBuf {
    let folder = workspace.home().join("commands");
    fs::create_dir_all(&folder).unwrap();
    let program = Path::new(workspace.command(&[]).get_program()).to_owned();
    if program.is_absolute() {
        let file = folder.join("terraform");
        fs::write(&file, format!("#!/bin/sh\nexec {} \"$@\"\n", program.display())).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o700)).unwrap();
    }
    folder
}

/// Runs a script of the guide with the keys of account `a`.
fn run(world: &World, workspace: &Workspace, script: &str) -> String {
    let terraform = workspace.command(&[]);
    let (id, key) = world.keys("a");
    let mut shell = Command::new("sh");
    shell.args(["-euc", script]).current_dir(workspace.home());
    shell.envs(terraform.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("PATH", format!("{}:{}", commands(workspace).display(), std::env::var("PATH").unwrap()));
    shell.envs([("PYTHONPATH", SDK), ("PYTHONDONTWRITEBYTECODE", "1")]);
    shell.envs([("TENCENTCLOUD_SECRET_ID", id), ("TENCENTCLOUD_SECRET_KEY", key)]);
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{script}:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Rows of two columns.
fn table(text: &str) -> BTreeMap<String, String> {
    text.lines().filter_map(|row| row.split_once('\t')).map(|(id, name)| (id.to_owned(), name.to_owned())).collect()
}

#[test]
fn the_guide_names_every_resource() {
    let server = provider::server(StopSwitch::default());
    let resources = server.registry().schemas().filter(|(kind, ..)| *kind == tcmesh::framework::schema::Kind::Resource);
    let missing: Vec<_> =
        resources.map(|(_, name, _)| format!("`tcmesh_{name}`")).filter(|it| !GUIDE.contains(it)).collect();
    assert_eq!(missing, Vec::<String>::new());
}
