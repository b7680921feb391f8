//! What users see of attachments between accounts that did not go as planned.

use std::fs;
use std::path::Path;

use serde_json::json;
use tcmesh::cloud::api::vpc;

use crate::harness::terraform;
use crate::harness::workspace::{Workspace, unwrapped};
use crate::harness::world::World;

const ASKING: &str = "tcmesh_ccn_attachment.member";
const ACCEPTING: &str = "tcmesh_ccn_attachment_accepter.main";

fn example(name: &str) -> String {
    let file = format!("examples/resources/{name}/resource.tf");
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Both sides, applied.
fn accepted<'a>(terraform: &'static terraform::Terraform, world: &'a World) -> (Workspace, &'a World) {
    let workspace = Workspace::new(terraform, world);
    workspace.write("main.tf", &example("tcmesh_ccn_attachment_accepter"));
    workspace.apply();
    (workspace, world)
}

#[test]
fn an_expired_request_is_made_again_and_accepted_in_one_apply() {
    for terraform in terraform::installed() {
        let world = World::start();
        let (workspace, world) = accepted(terraform, &world);
        let state = workspace.state(ACCEPTING).unwrap();
        super::network::ask_again(world, &state);
        world.control("clock", &json!({"advance": "240h"}));
        let plan = workspace.plan();
        let problem = |moment: &str| plan.change(ASKING).unwrap()[moment]["problem"].clone();
        assert_eq!((problem("before"), problem("after")), (json!("EXPIRED"), json!(null)));
        assert_eq!(plan.changes(), [format!("{ASKING}: [\"update\"]"), format!("{ACCEPTING}: [\"update\"]")]);
        workspace.apply();
        workspace.is_settled();
    }
}

#[test]
fn a_rejected_request_names_who_rejected_it_and_is_made_anew_on_demand() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = Workspace::new(terraform, &world);
        workspace.write("main.tf", &example("tcmesh_ccn_attachment"));
        workspace.apply();
        let state = workspace.state(ASKING).unwrap();
        let instances = vec![super::network::instance(&state)];
        let action = vpc::RejectAttachCcnInstances { ccn_id: super::network::ccn(&state), instances };
        world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
        let rejected = "Account 100000000001 has rejected the request";
        assert!(workspace.succeeds(&["plan", "-no-color"]).contains(&format!("Warning: {rejected}")));
        assert!(workspace.fails(&["apply", "-auto-approve", "-no-color"]).contains(&format!("Error: {rejected}")));
        workspace.succeeds(&["apply", "-auto-approve", "-no-color", &format!("-replace={ASKING}")]);
        workspace.is_settled();
        workspace.destroy();
    }
}

#[test]
fn an_attachment_that_fails_is_told_and_the_next_applies_begin_anew() {
    for terraform in terraform::installed() {
        let world = World::start();
        let begun = world.inventory();
        let workspace = Workspace::new(terraform, &world);
        workspace.write("main.tf", &example("tcmesh_ccn_attachment_accepter"));
        let fault = json!({"match": {"action": "AcceptAttachCcnInstances", "nth": 1}, "fault": "fail_state"});
        world.control("faults", &fault);
        let told = unwrapped(&workspace.fails(&["apply", "-auto-approve", "-no-color"]));
        assert!(told.contains("The cloud failed to attach vpc-mem00003"), "{told}");
        assert!(told.contains("It takes the instance out by itself, two hours after that"), "{told}");
        world.control("clock", &json!({"advance": "3h"}));
        workspace.apply();
        workspace.is_settled();
        workspace.destroy();
        world.is_as_before(&begun, "after a failed attachment");
    }
}

#[test]
fn swapped_keys_change_nothing_and_name_both_accounts() {
    for terraform in terraform::installed() {
        let world = World::start();
        let (workspace, world) = accepted(terraform, &world);
        let file = workspace.home().join("providers.tf");
        let blocks = fs::read_to_string(&file).unwrap();
        let [(a_id, a_key), (b_id, b_key)] = ["a", "b"].map(|account| world.keys(account));
        let swap =
            |text: &str, one: &str, other: &str| text.replace(one, "\u{0}").replace(other, one).replace('\u{0}', other);
        workspace.write("providers.tf", &swap(&swap(&blocks, &a_id, &b_id), &a_key, &b_key));
        let calls = world.calls();
        let told = unwrapped(&workspace.fails(&["plan", "-no-color"]));
        let expected = "The object belongs to account 100000000001, but the keys of this provider configuration are of account \
                        100000000002.";
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains("to add"), "{told}");
        assert_eq!(world.writes_since(calls), [""; 0]);
        workspace.write("providers.tf", &blocks);
        workspace.destroy();
    }
}
