//! The items of the conformance checklist (`docs/conformance.md`) that only real Terraform shows, and no other test does.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tcmesh::provider::ADDRESS;

use crate::harness::terraform::{self, Terraform};
use crate::harness::workspace::{Workspace, first_json};
use crate::harness::world::World;

const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-tcmesh");

const CCN: &str = "resource \"tcmesh_ccn\" \"main\" {\n  name = \"c\"\n}\n";

/// How often an action was called since.
fn called(world: &World, action: &str, since: usize) -> usize {
    let journal = world.look("journal");
    journal.as_array().unwrap().iter().skip(since).filter(|call| call["action"] == action).count()
}

/// The names of what a schema document lists.
fn names(schemas: &Value, kind: &str) -> BTreeSet<String> {
    schemas[kind].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

#[test]
fn item_19_every_version_reads_the_same_schemas() {
    let world = World::start();
    let read = |terraform: &Terraform| {
        let workspace = Workspace::new(terraform, &world);
        let json = first_json(&workspace.succeeds(&["providers", "schema", "-json"]));
        json["provider_schemas"][terraform.provider_address()].clone()
    };
    let server = tcmesh::provider::server(tcmesh::scope::StopSwitch::default());
    let all = server.registry().schemas().count();
    let mut first: Option<Value> = None;
    for terraform in terraform::installed() {
        let schemas = read(terraform);
        let kinds = ["resource_schemas", "data_source_schemas", "ephemeral_resource_schemas"];
        assert_eq!(kinds.iter().map(|kind| names(&schemas, kind).len()).sum::<usize>(), all);
        let first = first.get_or_insert_with(|| schemas.clone());
        for kind in kinds.into_iter().chain(["provider"]) {
            assert_eq!(first[kind], schemas[kind], "{kind}");
        }
    }
}

#[test]
fn item_15_applies_through_the_debug_mode_work_one_after_the_other() {
    for terraform in terraform::installed() {
        let world = World::start();
        let mut process = Command::new(PROVIDER).arg("--debug").stdout(Stdio::piped()).spawn().unwrap();
        // The pipe stays open: a process that cannot write to it ends.
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let line = lines.find(|line| line.contains("TF_REATTACH_PROVIDERS=")).unwrap();
        let mut workspace = Workspace::new(terraform, &world);
        let processes = line.split('\'').nth(1).unwrap();
        workspace.set("TF_REATTACH_PROVIDERS", &processes.replace(ADDRESS, terraform.provider_address()));
        // There is no other way to a provider than the process.
        workspace.write("terraform.rc", "");
        // The process has an environment of its own, without the world's address.
        let blocks = fs::read_to_string(workspace.home().join("providers.tf")).unwrap();
        let endpoint = format!("  endpoint = \"{}\"\n  cluster_endpoint", world.endpoint());
        workspace.write("providers.tf", &blocks.replace("  cluster_endpoint", &endpoint));
        for text in [CCN, ""] {
            workspace.write("main.tf", text);
            workspace.apply();
        }
        assert_eq!((called(&world, "CreateCcn", 0), called(&world, "DeleteCcn", 0)), (1, 1));
        assert!(process.try_wait().unwrap().is_none(), "it ended with a run");
        process.kill().unwrap();
        process.wait().unwrap();
    }
}

#[test]
fn item_61_an_ephemeral_value_is_opened_by_plan_and_apply_and_not_before_it_is_known() {
    let opens = "DescribeClusterKubeconfig";
    // An apply of OpenTofu opens only what something refers to.
    let used = "check \"main\" {\n  assert {\n    condition     = ephemeral.tcmesh_cluster_credentials.main.kubeconfig != null\n    \
        error_message = \"None.\"\n  }\n}\n";
    let of =
        |id: &str| format!("ephemeral \"tcmesh_cluster_credentials\" \"main\" {{\n  cluster_id = {id}\n}}\n{used}");
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = Workspace::new(terraform, &world);
        let source = "resource \"terraform_data\" \"id\" {\n  input = \"cls-hub00001\"\n}\n";
        workspace.write("main.tf", &format!("{source}{}", of("terraform_data.id.output")));
        workspace.plan();
        assert_eq!(called(&world, opens, 0), 0, "it was opened before it was known");
        workspace.apply();
        assert_eq!(called(&world, opens, 0), 1, "it is known in the apply alone");
        let calls = world.calls();
        workspace.write("main.tf", &format!("{source}{}{CCN}", of("\"cls-hub00001\"")));
        workspace.apply();
        assert_eq!(called(&world, opens, calls), 2, "once by the plan and once by the apply");
        assert!(!workspace.state_file().contains("tcmesh_cluster_credentials"), "it is in the state");
    }
}

#[test]
fn item_50_an_object_that_could_not_be_deleted_stays_in_the_state() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = Workspace::new(terraform, &world);
        workspace.write("main.tf", CCN);
        workspace.apply();
        let refused = serde_json::json!({"match": {"action": "DeleteCcn", "nth": 1}, "fault": {"error": {"code": "UnauthorizedOperation"}}});
        world.control("faults", &refused);
        let told = workspace.fails(&["destroy", "-auto-approve", "-no-color"]);
        assert!(told.contains("UnauthorizedOperation"), "{told}");
        assert!(workspace.state("tcmesh_ccn.main").is_some());
        workspace.is_settled();
        workspace.destroy();
    }
}

/// A command line configuration that installs from a mirror below `home`.
fn mirror(workspace: &Workspace, home: &Path) {
    let text =
        format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n", home.display());
    workspace.write("terraform.rc", &text);
}

#[test]
fn a_state_goes_from_one_program_to_any_other() {
    let all = terraform::installed();
    for (from, to) in all.iter().flat_map(|from| all.iter().map(move |to| (from, to))) {
        let world = World::start();
        let mut workspace = Workspace::new(from, &world);
        workspace.write("main.tf", CCN);
        workspace.apply();
        // A plan of the refresh alone also counts what another version writes differently into its state.
        let plans_nothing = ["plan", "-no-color", "-detailed-exitcode"];
        workspace.hand_to(to);
        workspace.succeeds(&plans_nothing);
        workspace.apply();
        workspace.is_settled();
        workspace.hand_to(from);
        workspace.succeeds(&plans_nothing);
        workspace.destroy();
    }
}

#[test]
fn item_69_it_is_installed_from_a_mirror_unpacked_and_packed() {
    let version = env!("CARGO_PKG_VERSION");
    let world = World::start();
    for terraform in terraform::installed() {
        for packed in [false, true] {
            let workspace = Workspace::new(terraform, &world);
            let home = workspace.home().join("mirror");
            let place = home.join(terraform.provider_address());
            let unpacked = place.join(format!("{version}/linux_amd64"));
            fs::create_dir_all(&unpacked).unwrap();
            let file = unpacked.join(format!("terraform-provider-tcmesh_v{version}"));
            fs::copy(PROVIDER, &file).unwrap();
            if packed {
                let archive = place.join(format!("terraform-provider-tcmesh_{version}_linux_amd64.zip"));
                let zip = Command::new("python3").args(["-m", "zipfile", "-c"]).arg(&archive).arg(&file).status();
                assert!(zip.unwrap().success());
                fs::remove_dir_all(place.join(version)).unwrap();
            }
            mirror(&workspace, &home);
            workspace.succeeds(&["init", "-no-color"]);
            assert!(workspace.succeeds(&["validate", "-no-color"]).contains("Success!"), "packed: {packed}");
        }
    }
}
