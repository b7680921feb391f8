//! The story with two states: each account has its own root module, and neither has a key of the other.

use std::fs;
use std::path::Path;
use std::thread;

use serde_json::{Value, json};

use crate::harness::terraform::{self, Terraform};
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

/// The root module of an account, whose keys come from the environment.
fn root_module(terraform: &Terraform, world: &World, name: &str, account: &str) -> Workspace {
    let mut workspace = Workspace::bare(terraform, world);
    workspace.copy(&format!("examples/separate-states/{name}"));
    let (id, key) = world.keys(account);
    workspace.set("TENCENTCLOUD_SECRET_ID", &id);
    workspace.set("TENCENTCLOUD_SECRET_KEY", &key);
    workspace
}

fn set(workspace: &Workspace, variables: &Value) {
    workspace.write("story.auto.tfvars.json", &variables.to_string());
}

fn hub_variables(world: &World, member: &Value) -> Value {
    json!({
        "account_id": "100000000001",
        "cluster": {"id": "cls-hub00001", "vpc_id": "vpc-hub00001"},
        "hub": {"zone": "ap-guangzhou-3", "vpc_id": "vpc-hub00001", "subnet_id": "subnet-hub00001"},
        "probe_proxy": world.endpoint(),
        "member": member,
    })
}

/// The member's variables, of which the hub's outputs are a part.
fn member_variables(hub: &Workspace) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/cross-account-ingress/services/cluster3.yaml");
    let output = |name: &str| hub.succeeds(&["output", "-raw", name]);
    json!({
        "account_id": "100000000002",
        "cluster": {"id": "cls-mem00003", "vpc_id": "vpc-mem00003"},
        "hub_account_id": output("account_id"),
        "ccn_id": output("ccn_id"),
        "registration_id": output("registration_id"),
        "manifest_role_arn": "qcs::cam::uin/100000000001:roleName/tdcc-manifest-reader",
        "service": fs::read_to_string(file).unwrap(),
    })
}

#[test]
fn two_accounts_with_a_state_each_build_the_story_side_by_side_and_take_it_down() {
    for terraform in terraform::installed() {
        let world = World::start();
        let before = world.inventory();
        let [hub, member] =
            [("hub", "a"), ("member", "b")].map(|(name, account)| root_module(terraform, &world, name, account));
        set(&hub, &hub_variables(&world, &Value::Null));
        hub.apply();
        set(&member, &member_variables(&hub));
        set(&hub, &hub_variables(&world, &json!({"vpc_id": "vpc-mem00003"})));
        thread::scope(|scope| {
            scope.spawn(|| member.apply());
            hub.apply();
        });
        hub.is_settled();
        member.is_settled();
        assert_eq!(world.ask("cluster3.imroc.cc", "/"), (200, "cluster3".to_owned()));
        set(&hub, &hub_variables(&world, &Value::Null));
        hub.apply();
        member.destroy();
        hub.destroy();
        world.is_as_before(&before, "after both states");
    }
}
