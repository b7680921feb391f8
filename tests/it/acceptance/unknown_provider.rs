//! Keys that are known only after an apply: the plan makes no call and is no error, the apply completes the configuration, and what
//! exists stays in the state.

use serde_json::json;

use crate::harness::terraform;
use crate::harness::workspace::{Workspace, unwrapped};
use crate::harness::world::World;

/// A provider block whose key is an output of an object that has this trigger.
fn block(world: &World, trigger: &str) -> String {
    let (id, key) = world.keys("a");
    let source = format!(
        "resource \"terraform_data\" \"key\" {{\n  input = \"{key}\"\n  triggers_replace = \"{trigger}\"\n}}\n"
    );
    let keys = format!(
        "  secret_id = \"{id}\"\n  secret_key = terraform_data.key.output\n  cluster_endpoint = \"extranet\"\n"
    );
    format!("{source}provider \"tcmesh\" {{\n{keys}}}\n")
}

const RESOURCES: &str = "resource \"tcmesh_ccn\" \"main\" {\n  name = \"c\"\n}\n\
    resource \"tcmesh_ccn_attachment\" \"main\" {\n  ccn_id = tcmesh_ccn.main.id\n  instance_id = \"vpc-app00002\"\n}\n\
    resource \"tcmesh_manifest\" \"main\" {\n  cluster_id = \"cls-hub00001\"\n  \
      yaml = \"{ apiVersion: v1, kind: Namespace, metadata: { name: n } }\"\n}\n";

const DATA_SOURCE: &str = "data \"tcmesh_caller_identity\" \"main\" {}\n\
    output \"account\" {\n  value = data.tcmesh_caller_identity.main.account_id\n}\n";

const EPHEMERAL: &str = "ephemeral \"tcmesh_cluster_credentials\" \"main\" {\n  cluster_id = \"cls-hub00001\"\n}\n";

/// OpenTofu lets no ephemeral resource of a provider wait by itself: it has to depend on what the key comes from.
const EPHEMERAL_ON_TOFU: &str = "ephemeral \"tcmesh_cluster_credentials\" \"main\" {\n  cluster_id = \"cls-hub00001\"\n  \
    depends_on = [terraform_data.key]\n}\n";

/// A workspace with these resources and a key that is not known before it is applied.
fn workspace(terraform: &terraform::Terraform, world: &World, text: &str) -> Workspace {
    let workspace = Workspace::new(terraform, world);
    workspace.write("providers.tf", &format!("{}{}", workspace.required(), block(world, "1")));
    workspace.write("main.tf", text);
    workspace
}

#[test]
fn item_34_a_plan_makes_no_call_and_the_apply_completes_it() {
    for terraform in terraform::installed() {
        let world = World::start();
        let begun = world.inventory();
        let ephemeral = if terraform.is_tofu { EPHEMERAL_ON_TOFU } else { EPHEMERAL };
        let workspace = workspace(terraform, &world, &[RESOURCES, ephemeral].concat());
        let plan = workspace.plan();
        for address in ["tcmesh_ccn.main", "tcmesh_ccn_attachment.main", "tcmesh_manifest.main"] {
            assert_eq!(plan.actions(address), ["create"], "{address}");
        }
        assert_eq!(world.calls(), 0, "the plan made a call");
        workspace.apply();
        workspace.is_settled();
        workspace.destroy();
        world.is_as_before(&begun, "after the destroy");
    }
}

#[test]
fn what_exists_stays_when_the_key_becomes_unknown_and_the_apply_changes_nothing_of_it() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = workspace(terraform, &world, RESOURCES);
        workspace.apply();
        let ids = || {
            ["tcmesh_ccn.main", "tcmesh_ccn_attachment.main", "tcmesh_manifest.main"]
                .map(|a| workspace.state(a).unwrap())
        };
        let (before, calls) = (ids(), world.calls());
        workspace.write("providers.tf", &format!("{}{}", workspace.required(), block(&world, "2")));
        let told = workspace.succeeds(&["plan", "-no-color"]);
        assert!(unwrapped(&told).contains("Objects were not refreshed"), "{told}");
        let plan = workspace.plan();
        assert_eq!(plan.changes(), ["terraform_data.key: [\"delete\",\"create\"]"]);
        assert_eq!(world.calls(), calls, "the plan made a call");
        workspace.apply();
        assert_eq!(ids(), before, "something was lost from the state");
        assert_eq!(world.writes_since(calls), [""; 0]);
        workspace.is_settled();
    }
}

#[test]
fn a_change_that_is_planned_without_the_key_is_applied_with_it() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = workspace(terraform, &world, RESOURCES);
        workspace.apply();
        let calls = world.calls();
        workspace.write("providers.tf", &format!("{}{}", workspace.required(), block(&world, "2")));
        workspace.write("main.tf", &RESOURCES.replace("name = \"c\"", "name = \"d\""));
        assert_eq!(workspace.plan().actions("tcmesh_ccn.main"), ["update"]);
        workspace.apply();
        assert_eq!(world.writes_since(calls), ["vpc:ModifyCcnAttribute"]);
        workspace.is_settled();
    }
}

#[test]
fn a_data_source_that_needs_the_key_in_the_plan_is_one_clear_error_and_one_that_can_wait_is_none() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = workspace(terraform, &world, DATA_SOURCE);
        let told = unwrapped(&workspace.fails(&["plan", "-no-color"]));
        assert_eq!(told.matches("Error: ").count(), 1, "{told}");
        assert!(told.contains("Error: Provider configuration is not known yet"), "{told}");
        assert!(told.contains("in data \"tcmesh_caller_identity\" \"main\""), "{told}");
        assert!(told.contains("`depends_on`"), "{told}");
        assert_eq!(world.calls(), 0);
        let waiting = DATA_SOURCE.replace("{}", "{\n  depends_on = [terraform_data.key]\n}");
        workspace.write("main.tf", &waiting);
        workspace.apply();
        let json = workspace.succeeds(&["output", "-json", "account"]);
        assert_eq!(json.trim(), json!("100000000001").to_string());
    }
}
