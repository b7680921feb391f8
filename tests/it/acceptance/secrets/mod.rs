//! No secret is left behind by Terraform: not in the state, a saved plan or the log, and none is printed.

mod needles;
mod surfaces;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use tcmesh_simulator::state::{Role, Trust, Uin};
use tcmesh_simulator::world::{Policy, PolicyEffect, Statement};

use self::needles::Needles;
use self::surfaces::Surfaces;
use super::story::{Story, variables};
use crate::harness::terraform;
use crate::harness::workspace::Workspace;
use crate::harness::world::{QUICK, World};

/// Stands in everything that Terraform leaves behind, so that it is known to be searched.
const CANARY: &str = "canary-planted-8d21f0c3";
const PASSWORD: &str = "canary-password-4f7c1a90";
const WRONG_KEY: &str = "canary-wrong-key-77b0e2d5a1";

/// Every kind of secret that the story makes the simulator give out.
const KINDS: [&str; 5] =
    ["agent token", "key of a client certificate", "secret key", "session token", "token of a cluster"];

/// Where secrets are found nonetheless, and why. Each is Terraform's own doing, and can be avoided.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("plan/tfconfig/m-/providers.tf", "a saved plan holds a copy of the configuration, with the keys written into it"),
    ("plan/tfplan", "a saved plan holds the values of variables, but for those declared `ephemeral`"),
    ("show -json", "shows both to programs, as they are in the saved plan"),
];

/// Terraform in a workspace, and what it leaves behind.
struct Run<'a> {
    workspace: &'a Workspace,
    surfaces: Surfaces,
}

impl<'a> Run<'a> {
    fn new(workspace: &'a Workspace) -> Self {
        Self { workspace, surfaces: Surfaces::default() }
    }

    fn succeeds(&mut self, arguments: &[&str]) {
        self.surfaces.print(arguments, &self.workspace.succeeds(arguments));
        self.surfaces.take(self.workspace);
    }

    fn fails(&mut self, arguments: &[&str]) -> String {
        let told = self.workspace.fails(arguments);
        self.surfaces.print(arguments, &told);
        self.surfaces.take(self.workspace);
        told
    }

    /// Plans, shows the plan in both forms and applies it.
    fn plan_and_apply(&mut self) {
        self.succeeds(&["plan", "-no-color", "-out=first.plan"]);
        self.succeeds(&["show", "-no-color", "first.plan"]);
        self.succeeds(&["show", "-json", "first.plan"]);
        self.succeeds(&["apply", "-no-color", "first.plan"]);
    }

    /// Where the canary is found.
    fn planted(&self) -> BTreeSet<String> {
        let canary = Needles::new([("canary".to_owned(), CANARY.to_owned())]);
        self.surfaces.search(&canary).into_iter().map(|(surface, _)| surface).collect()
    }
}

/// Every secret that a world has given out, and those of the tests, each with what it is.
fn known(world: &World) -> Vec<(String, String)> {
    let issued = world.cloud().issued().all().into_iter().map(|(secret, kind)| (kind.to_owned(), secret));
    let of_tests = [("password", PASSWORD), ("wrong key", WRONG_KEY)];
    issued.chain(of_tests.map(|(kind, secret)| (kind.to_owned(), secret.to_owned()))).collect()
}

/// The IDs of the requests that a world has answered: the provider logs them.
fn requests(world: &World) -> Needles {
    let journal = world.look("journal");
    // Requests to clusters have no ID; every call of the cloud has one.
    let calls = journal.as_array().unwrap().iter().filter(|call| call["service"] != "kubernetes");
    let ids = calls.map(|call| call["request_id"].as_str().unwrap().to_owned());
    Needles::new(ids.map(|id| ("request".to_owned(), id)))
}

fn logged(name: &str) -> (String, String) {
    ("trace.log".to_owned(), name.to_owned())
}

/// A role of account `b` that may do everything there.
fn add_role(world: &World) {
    let all = || vec!["*".to_owned()];
    let everything = Statement { effect: PolicyEffect::Allow, action: all(), resource: all() };
    let policy = Policy { statement: vec![everything], ..Policy::default() };
    let uin = Uin::from("100000000002");
    world.cloud().write(|cloud| {
        let trust = Trust { uins: vec![uin.to_string()], ..Trust::default() };
        let role = Role::new(uin, "terraform", trust, cloud.timing.now);
        cloud.identity.roles.push(Role { policies: BTreeMap::from([("all".to_owned(), policy)]), ..role });
    });
}

/// The story with a role, a password and a kubeconfig that passes through, at the most talkative level of the log.
fn story<'a>(terraform: &terraform::Terraform, world: &'a World) -> Story<'a> {
    add_role(world);
    let mut story = Story::new(terraform, world);
    story.workspace.write("more.tf", include_str!("more.tf"));
    story.workspace.write("role_override.tf", include_str!("role_override.tf"));
    let log = story.workspace.home().join("trace.log");
    story.workspace.set("TF_LOG", "TRACE");
    story.workspace.set("TF_LOG_PATH", log.to_str().unwrap());
    story.workspace.write("password.auto.tfvars.json", &json!({"prometheus_password": PASSWORD}).to_string());
    story
}

#[test]
fn the_whole_story_leaves_no_secret_behind() {
    for terraform in terraform::installed() {
        let world = World::with(QUICK);
        let story = story(terraform, &world);
        let mut run = Run::new(&story.workspace);
        run.plan_and_apply();
        run.succeeds(&["plan", "-no-color", "-out=second.plan"]);
        run.succeeds(&["show", "-json"]);

        // Errors of the API and of the provider are told at length.
        let error = json!({"error": {"code": "UnauthorizedOperation", "message": "as the test says"}});
        world.control("faults", &json!({"match": {"action": "DescribeCcns", "nth": 1}, "fault": error}));
        run.fails(&["plan", "-no-color"]);
        let right = variables(&world.ready());
        let mut wrong = right.clone();
        wrong["member_account"]["secret_key"] = WRONG_KEY.into();
        story.set(&wrong);
        assert!(run.fails(&["plan", "-no-color"]).contains("AuthFailure"));
        story.set(&right);
        run.succeeds(&["destroy", "-auto-approve", "-no-color"]);

        let planted = run.planted();
        for surface in ["terraform.tfstate", "plan/tfplan", "plan/tfstate", "trace.log", "printed", "show -json"] {
            assert!(planted.contains(surface), "{surface} is not searched: {planted:?}");
        }
        assert!(run.surfaces.search(&requests(&world)).contains(&logged("request")), "the provider logs nothing");
        let kinds: BTreeSet<_> = world.cloud().issued().all().into_values().collect();
        assert_eq!(kinds, BTreeSet::from(KINDS), "not every kind of secret was given out");
        assert_eq!(run.surfaces.search(&Needles::new(known(&world))), BTreeSet::new());
    }
}

#[test]
fn what_terraform_itself_keeps_of_keys_is_known() {
    for terraform in terraform::installed() {
        let world = World::start();
        let mut workspace = Workspace::new(terraform, &world);
        let log = workspace.home().join("trace.log");
        workspace.set("TF_LOG", "TRACE");
        workspace.set("TF_LOG_PATH", log.to_str().unwrap());
        workspace.write("main.tf", "variable \"password\" {\n  sensitive = true\n}\n");
        workspace.write("a.auto.tfvars.json", &json!({"password": PASSWORD}).to_string());
        let mut run = Run::new(&workspace);
        run.plan_and_apply();
        run.succeeds(&["destroy", "-auto-approve", "-no-color"]);
        let found = run.surfaces.search(&Needles::new(known(&world)));
        let surfaces: BTreeSet<_> = found.iter().map(|(surface, _)| surface.as_str()).collect();
        assert_eq!(surfaces, EXCEPTIONS.iter().map(|(surface, _)| *surface).collect(), "{found:?}");
    }
}
