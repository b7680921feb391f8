//! The recovery guide, whose commands are run as it has them.

use std::collections::BTreeMap;
use std::fs;
use std::marker::PhantomData;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;
use serde_json::{Map, Value, json};
use tcmesh::cloud::action::{Action, Effect};
use tcmesh::cloud::api::tcm::DescribeMeshList;
use tcmesh::cloud::api::tdcc::DescribeExternalClusters;
use tcmesh::cloud::api::vpc::DescribeCcns;
use tcmesh::provider;
use tcmesh::scope::StopSwitch;

use crate::harness::workspace::{Workspace, unwrapped};
use crate::harness::world::World;

const GUIDE: &str = include_str!("../../../../docs/guides/recovery.md");

/// How often an apply may name further objects to import before it succeeds.
const ROUNDS: usize = 5;

/// The objects in the cloud that carry a mark, by ID, and their names.
pub(super) fn marked(world: &World, workspace: &Workspace) -> BTreeMap<String, String> {
    let commands = commands(workspace);
    answer::<DescribeCcns>(world, &commands, &parameters("tccli vpc DescribeCcns"));
    answer::<DescribeMeshList>(world, &commands, &parameters("tccli tcm DescribeMeshList"));
    answer::<DescribeExternalClusters>(world, &commands, &json!({}));
    table(&run(workspace, &commands, block("What exists")))
}

/// The objects in the state that were created with a mark, by ID, and their addresses.
fn known(workspace: &Workspace) -> BTreeMap<String, String> {
    table(&run(workspace, &commands(workspace), block("What the state knows")))
}

/// Follows the guide: imports what only the cloud knows, and then what an apply names.
pub(super) fn is_followed(world: &World, workspace: &Workspace, addresses: &[(&str, &str)]) -> String {
    let known = known(workspace);
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

/// The parameters with which the guide calls an action.
fn parameters(command: &str) -> Value {
    let (_, line) = block("What exists").split_once(&format!("{command} ")).unwrap();
    let arguments = line.split(" |").next().unwrap().split("--").filter_map(|argument| argument.split_once(' '));
    let parameters = arguments.filter(|(name, _)| *name != "region").map(|(name, value)| {
        let value = value.trim().trim_matches('\'');
        (name.to_owned(), serde_json::from_str(value).unwrap())
    });
    Value::Object(parameters.collect::<Map<_, _>>())
}

/// A request with parameters in the guide's words.
#[derive(Serialize)]
#[serde(transparent)]
struct InItsWords<A>(Value, #[serde(skip)] PhantomData<fn() -> A>);

impl<A: Action> Action for InItsWords<A> {
    const SERVICE: &'static str = A::SERVICE;
    const VERSION: &'static str = A::VERSION;
    const NAME: &'static str = A::NAME;
    const EFFECT: Effect = A::EFFECT;
    type Response = Value;
}

/// Puts the cloud's answer to account `a` where the stand-in for the cloud's command line finds it.
fn answer<A: Action>(world: &World, commands: &Path, parameters: &Value) {
    let request = InItsWords::<A>(parameters.clone(), PhantomData);
    let answer = world.does(async |scope| world.client("a").send(scope, &request).await).unwrap();
    fs::write(commands.join(format!("{}.{}.json", A::SERVICE, A::NAME)), answer.to_string()).unwrap();
}

/// A folder with stand-ins for the cloud's command line and its SDK, which speak with the cloud over TLS only, and with the
/// Terraform of the test where it is not the one on PATH.
fn commands(workspace: &Workspace) -> PathBuf {
    let folder = workspace.home().join("commands");
    fs::create_dir_all(&folder).unwrap();
    let terraform = Path::new(workspace.command(&[]).get_program()).to_owned();
    let terraform = terraform.is_absolute().then(|| ("terraform", format!("exec {} \"$@\"", terraform.display())));
    let stand_ins = [("tccli", "$1.$2.json"), ("python3", "tdcc.DescribeExternalClusters.json")];
    let stand_ins = stand_ins.map(|(name, answer)| (name, format!("cat \"$(dirname \"$0\")/{answer}\"")));
    for (name, script) in stand_ins.into_iter().chain(terraform) {
        let file = folder.join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o700)).unwrap();
    }
    folder
}

fn run(workspace: &Workspace, commands: &Path, script: &str) -> String {
    let terraform = workspace.command(&[]);
    let mut shell = Command::new("sh");
    shell.args(["-euc", script]).current_dir(workspace.home());
    shell.envs(terraform.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("PATH", format!("{}:{}", commands.display(), std::env::var("PATH").unwrap()));
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
