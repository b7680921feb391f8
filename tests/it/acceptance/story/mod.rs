//! The whole story of `examples/cross-account-ingress`, as it is there.

mod after;
mod boundaries;
mod breaks;
mod separate_states;
mod unprivileged;
mod whole;
mod without_tdcc;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tcmesh_simulator::Ready;

use crate::harness::terraform::{self, Terraform};
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

const FILES: &str = "examples/cross-account-ingress";

/// The three hosts, each of which its own cluster answers.
const HOSTS: [&str; 3] = ["cluster1", "cluster2", "cluster3"];

/// The story in a world.
pub(super) struct Story<'a> {
    pub(super) world: &'a World,
    pub(super) workspace: Workspace,
}

impl<'a> Story<'a> {
    /// The story with its usual variables; nothing is applied.
    pub(super) fn new(terraform: &Terraform, world: &'a World) -> Self {
        let workspace = Workspace::bare(terraform, world);
        workspace.copy(FILES);
        let story = Self { world, workspace };
        story.set(&variables(&world.ready()));
        story
    }

    /// Sets all variables.
    pub(super) fn set(&self, variables: &Value) {
        self.workspace.write("story.auto.tfvars.json", &variables.to_string());
    }

    /// The status of a request to each of the three hosts. What answers must be the host's own cluster.
    fn statuses(&self) -> [u16; 3] {
        HOSTS.map(|name| {
            let (status, body) = self.world.ask(&format!("{name}.imroc.cc"), "/");
            assert!(status != 200 || body == name, "{name} is answered by {body}");
            status
        })
    }

    /// Waits until the three hosts are answered like this.
    fn comes_to(&self, statuses: [u16; 3], when: &str) {
        let begun = Instant::now();
        while self.statuses() != statuses && begun.elapsed() < Duration::from_secs(10) {}
        assert_eq!(self.statuses(), statuses, "{when}");
    }

    /// The checks that the state has as failed.
    fn failed_checks(&self) -> Vec<String> {
        let state = self.workspace.show();
        let checks = state["checks"].as_array().cloned().unwrap_or_default();
        let failed = checks.iter().filter(|check| check["address"]["kind"] == "check" && check["status"] == "fail");
        let mut names: Vec<_> = failed.map(|check| check["address"]["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }
}

/// Runs a scenario on every Terraform, each in a world of its own.
fn everywhere(description: &str, scenario: impl Fn(&Story<'_>)) {
    for terraform in terraform::installed() {
        let world = World::with(description);
        scenario(&Story::new(terraform, &world));
    }
}

/// The story's variables for a world. Probes go through the simulator.
pub(super) fn variables(ready: &Ready) -> Value {
    let account = |name: &str| {
        let account = &ready.accounts[name];
        json!({"id": account.uin, "secret_id": account.secret_id, "secret_key": account.secret_key})
    };
    let clusters: serde_json::Map<_, _> = ready
        .clusters
        .iter()
        .map(|(id, cluster)| (cluster.name.clone(), json!({"id": id, "vpc_id": cluster.vpc_id})))
        .collect();
    let vpc_id = clusters["cluster1"]["vpc_id"].as_str().unwrap();
    let subnet = &ready.vpcs[vpc_id].subnets[0];
    json!({
        "ingress_account": account("a"),
        "member_account": account("b"),
        "hub": {"zone": subnet.zone, "vpc_id": vpc_id, "subnet_id": subnet.id},
        "clusters": clusters,
        "probe_proxy": ready.endpoint,
        "probe_timeout": "20s",
    })
}
