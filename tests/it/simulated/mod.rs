//! The provider's service in process, against the simulator: for what takes many small cases, and details that command
//! lines hide.

mod attachments;
mod container_networks;
mod dns;

use serde_json::json;
use tcmesh::framework::value::Value;
use tcmesh::provider::{self, Tcmesh};
use tcmesh::scope::StopSwitch;

use crate::harness::client::{Stored, Terraform, timeouts, with};
use crate::harness::world::World;

/// The provider with the keys of one account of a world.
pub(crate) struct Account<'a> {
    pub(crate) world: &'a World,
    terraform: Terraform<Tcmesh>,
}

impl<'a> Account<'a> {
    /// The keys of the account with this name in the world.
    pub(crate) fn of(world: &'a World, account: &str) -> Self {
        let terraform = Terraform::of(|| provider::server(StopSwitch::default()));
        let (id, key) = world.keys(account);
        let block = terraform.block([
            ("endpoint", world.endpoint().as_str().into()),
            ("region", "ap-guangzhou".into()),
            ("secret_id", id.as_str().into()),
            ("secret_key", key.as_str().into()),
        ]);
        assert_eq!(world.block_on(terraform.configure(&block)), [""; 0]);
        Self { world, terraform }
    }

    /// A configuration with these attributes and nothing else.
    pub(crate) fn object<const N: usize>(&self, type_name: &str, attributes: [(&'static str, Value); N]) -> Value {
        self.terraform.object(type_name, attributes)
    }

    /// A configuration of JSON, with blocks.
    pub(crate) fn config(&self, type_name: &str, attributes: serde_json::Value) -> Value {
        self.terraform.config(type_name, attributes)
    }

    /// Creates what is not there, else updates; answers what is in the state then, and what was told.
    pub(crate) fn apply(&self, type_name: &str, config: &Value, prior: &Stored) -> (Stored, Vec<String>) {
        self.world.block_on(self.terraform.apply(type_name, config, prior))
    }

    /// Creates, which must succeed.
    pub(crate) fn create(&self, type_name: &str, config: &Value) -> Stored {
        let (stored, told) = self.apply(type_name, config, &Stored::nothing());
        let errors: Vec<_> = told.iter().filter(|told| told.starts_with("error")).collect();
        assert!(errors.is_empty() && !stored.state.is_null(), "{type_name}: {told:?}");
        stored
    }

    /// Asks the provider to stop what runs now.
    pub(crate) fn stop(&self) {
        self.world.block_on(self.terraform.stop());
    }

    /// Reads what is in the state again, without an error.
    pub(crate) fn refresh(&self, type_name: &str, prior: &Stored) -> Stored {
        let (stored, told) = self.world.block_on(self.terraform.read(type_name, prior));
        assert_eq!(told, [""; 0], "{type_name}");
        stored
    }

    /// What is told of a plan.
    pub(crate) fn plan(&self, type_name: &str, config: &Value, prior: &Stored) -> Vec<String> {
        self.world.block_on(self.terraform.plan(type_name, config, prior)).diagnostics
    }

    /// Destroys; answers what is still in the state, and what was told.
    pub(crate) fn destroy(&self, type_name: &str, prior: &Stored) -> (Stored, Vec<String>) {
        self.world.block_on(self.terraform.destroy(type_name, prior))
    }
}

/// The configuration with operations of one kind, such as `create`, that give up after half a second.
pub(crate) fn impatient(config: Value, operation: &str) -> Value {
    with(config, "timeouts", timeouts([(operation, "500ms")]))
}

/// Makes the steps that the next request of an action begins never end (`stuck_state`) or fail (`fail_state`).
pub(crate) fn next_step(world: &World, action: &str, fault: &str) {
    world.control("faults", &json!({"match": {"action": action, "nth": 1}, "fault": fault}));
}
