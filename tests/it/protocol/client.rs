//! A Terraform with the tests' own provider.

use std::ops::Deref;
use std::sync::Arc;

use tcmesh::framework::value::Value;

use super::super::harness::client as terraform;
pub(crate) use super::super::harness::client::{Planned, Stored, message, timeouts, told, value, with};
use super::provider::{TestProvider, World, server};

/// A Terraform with a provider and its world.
#[derive(Clone)]
pub(crate) struct Terraform {
    terraform: terraform::Terraform<TestProvider>,
    pub(crate) world: Arc<World>,
}

impl Deref for Terraform {
    type Target = terraform::Terraform<TestProvider>;

    fn deref(&self) -> &Self::Target {
        &self.terraform
    }
}

impl Terraform {
    /// A provider that is not configured.
    pub(crate) fn new() -> Self {
        let world = Arc::<World>::default();
        Self { terraform: terraform::Terraform::of(|| server(&world)), world }
    }

    /// A provider that works with account `a`.
    pub(crate) async fn configured() -> Self {
        let terraform = Self::new();
        assert_eq!(terraform.configure(&terraform.settings("a".into())).await, [""; 0]);
        terraform
    }

    /// A provider block with this account.
    pub(crate) fn settings(&self, account: Value) -> Value {
        self.block([("account", account)])
    }

    /// A thing's configuration: a name and these attributes.
    pub(crate) fn thing<const N: usize>(&self, attributes: [(&'static str, Value); N]) -> Value {
        let mut config = self.object("test_thing", attributes);
        if config.field("name").is_null() {
            config = with(config, "name", "n".into());
        }
        config
    }

    /// Creates a thing without a problem.
    pub(crate) async fn create(&self, config: &Value) -> Stored {
        let (stored, told) = self.apply("test_thing", config, &Stored::nothing()).await;
        assert_eq!(told, ["warning: Created"]);
        self.world.take_calls();
        stored
    }
}
