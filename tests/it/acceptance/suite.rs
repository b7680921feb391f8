//! The behaviours that every resource must have, on real Terraform: created, planned empty, updated, imported, gone
//! outside, changed outside, deleted twice, created once although the answer was lost.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::terraform;
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

/// Something done in the world to an object, given its attributes in the state.
pub(crate) type Outside = fn(&World, &Value);

/// What the suite must know of a resource. The configuration is its example.
pub(crate) struct Case {
    /// The type, for example `tcmesh_ccn`.
    pub(crate) r#type: &'static str,
    /// The object under test, in the example.
    pub(crate) name: &'static str,
    /// Replacements in the example, one for each mutable attribute.
    pub(crate) updates: &'static [(&'static str, &'static str)],
    /// What an import is, and which attributes it cannot know.
    pub(crate) import: Import,
    /// Removes the object, outside of Terraform.
    pub(crate) vanish: Outside,
    /// Changes the object outside of Terraform, and the attribute that must show it.
    pub(crate) drift: Option<(Outside, &'static str)>,
    /// The call whose answer is lost.
    pub(crate) create: Option<(&'static str, &'static str)>,
    /// How many objects of the type the world holds, for the count after a lost answer.
    pub(crate) count: fn(&World) -> usize,
}

/// What an import of a resource is.
pub(crate) enum Import {
    /// By ID; the plan after it may set these attributes, which only configurations know.
    ById(&'static [&'static str]),
    /// It has none, for this reason.
    #[allow(dead_code, reason = "for resources whose contract has no import")]
    None(&'static str),
}

impl Case {
    fn address(&self) -> String {
        format!("{}.{}", self.r#type, self.name)
    }

    fn example(&self) -> String {
        let file = format!("examples/resources/{}/resource.tf", self.r#type);
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
    }
}

/// Runs the whole suite on every Terraform that is there.
pub(crate) fn run(case: &Case) {
    for terraform in terraform::installed() {
        let world = World::start();
        let begun = world.inventory();
        let workspace = Workspace::new(terraform, &world);
        workspace.write("main.tf", &case.example());
        let mut run = Run { case, world: &world, workspace, text: case.example() };
        run.is_created_and_settled();
        run.is_updated_in_place();
        run.is_imported();
        run.shows_what_changed_outside();
        run.is_created_again_when_gone();
        run.is_deleted_twice();
        world.is_as_before(&begun, case.r#type);
        created_once_although_the_answer_was_lost(case, &Workspace::new(terraform, &world), &world);
        world.is_as_before(&begun, "after a lost answer");
    }
}

struct Run<'a> {
    case: &'a Case,
    world: &'a World,
    workspace: Workspace,
    text: String,
}

impl Run<'_> {
    fn state(&self) -> Value {
        let address = self.case.address();
        self.workspace.state(&address).unwrap_or_else(|| panic!("{address} is not in the state"))
    }

    fn is_created_and_settled(&self) {
        self.workspace.apply();
        self.workspace.is_settled();
    }

    fn is_updated_in_place(&mut self) {
        for (from, to) in self.case.updates {
            assert!(self.text.contains(from), "{}: the example does not hold `{from}`", self.case.r#type);
            self.text = self.text.replacen(from, to, 1);
            self.workspace.write("main.tf", &self.text);
            let plan = self.workspace.plan();
            assert_eq!(plan.actions(&self.case.address()), ["update"], "{}: {from} -> {to}", self.case.r#type);
            self.workspace.apply();
            self.workspace.is_settled();
        }
    }

    fn is_imported(&self) {
        let Import::ById(config_only) = self.case.import else { return };
        let (address, before) = (self.case.address(), self.state());
        let id = before["id"].as_str().unwrap().to_owned();
        self.workspace.succeeds(&["state", "rm", &address]);
        self.workspace.succeeds(&["import", "-no-color", &address, &id]);
        let plan = self.workspace.plan();
        let actions = plan.actions(&address);
        assert!(actions == ["no-op"] || actions == ["update"], "{address} after import: {actions:?}");
        assert_eq!(
            changed(plan.change(&address).unwrap(), config_only),
            Vec::<String>::new(),
            "{address} after import"
        );
        let calls = self.world.calls();
        self.workspace.apply();
        assert_eq!(self.world.writes_since(calls), Vec::<String>::new(), "{address}: the apply after an import writes");
        self.workspace.is_settled();
        if self.workspace.is_at_least(12) {
            self.is_imported_by_identity(&address);
        }
        assert_eq!(self.state(), before, "{address}: the import knows less than the create");
    }

    fn is_imported_by_identity(&self, address: &str) {
        let Some(identity) = identity(&self.workspace.state_file(), self.case.r#type, self.case.name) else { return };
        self.workspace.succeeds(&["state", "rm", address]);
        let identity: Vec<String> = identity
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, v)| !v.is_null())
            .map(|(k, v)| format!("    {k} = {v}\n"))
            .collect();
        let block = format!("import {{\n  to = {address}\n  identity = {{\n{}  }}\n}}\n", identity.concat());
        self.workspace.write("import.tf", &block);
        self.workspace.apply();
        self.workspace.write("import.tf", "");
        self.workspace.is_settled();
    }

    fn shows_what_changed_outside(&self) {
        let Some((change, attribute)) = self.case.drift else { return };
        let address = self.case.address();
        change(self.world, &self.state());
        let plan = self.workspace.plan();
        assert_eq!(plan.actions(&address), ["update"], "{address} after a change outside");
        let planned = plan.change(&address).unwrap();
        assert_ne!(
            planned["before"][attribute], planned["after"][attribute],
            "{address}: `{attribute}` does not show the change"
        );
        self.workspace.apply();
        self.workspace.is_settled();
    }

    fn is_created_again_when_gone(&self) {
        let address = self.case.address();
        (self.case.vanish)(self.world, &self.state());
        assert_eq!(self.workspace.plan().actions(&address), ["create"], "{address} when gone outside");
        self.workspace.apply();
        self.workspace.is_settled();
    }

    fn is_deleted_twice(&self) {
        (self.case.vanish)(self.world, &self.state());
        self.workspace.succeeds(&["destroy", "-auto-approve", "-no-color", "-refresh=false"]);
    }
}

/// The planned changes of attributes that are not only known to configurations.
fn changed(change: &Value, config_only: &[&str]) -> Vec<String> {
    let (before, after) = (&change["before"], &change["after"]);
    let attributes = after.as_object().into_iter().flatten().filter(|(key, value)| before[key] != **value);
    let unexpected = attributes.filter(|(key, _)| *key != "timeouts" && !config_only.contains(&key.as_str()));
    unexpected.map(|(key, value)| format!("{key}: {} -> {value}", before[key])).collect()
}

fn identity(state_file: &str, r#type: &str, name: &str) -> Option<Value> {
    let state: Value = serde_json::from_str(state_file).ok()?;
    let resources = state["resources"].as_array()?;
    let found = resources.iter().find(|resource| resource["type"] == r#type && resource["name"] == name)?;
    Some(found["instances"][0]["identity"].clone()).filter(Value::is_object)
}

fn created_once_although_the_answer_was_lost(case: &Case, workspace: &Workspace, world: &World) {
    let Some((service, action)) = case.create else { return };
    workspace.write("main.tf", &case.example());
    let before = (case.count)(world);
    world.control("faults", &json!({"match": {"service": service, "action": action, "nth": 1}, "fault": "drop_reply"}));
    if !workspace.run(&["apply", "-auto-approve", "-no-color"]).status.success() {
        workspace.apply();
    }
    workspace.is_settled();
    assert_eq!((case.count)(world), before + 1, "{}: made twice, or not at all", case.r#type);
    workspace.destroy();
}
