//! A simulated cloud with its clusters.

use serde_json::{Value as Json, json};
use tcmesh::framework::value::Value;
use tcmesh::provider::{self, Tcmesh};
use tcmesh::scope::StopSwitch;
use tcmesh_simulator::state::Uin;
use tcmesh_simulator::world::World as Description;
use tcmesh_simulator::{Handle, Options, Simulator};

use crate::harness::client::{Stored, Terraform};

/// The member's cluster in the story's world.
pub(crate) const MEMBER: &str = "cls-mem00003";

/// A cloud.
pub(crate) struct Cloud {
    pub(crate) handle: Handle,
}

impl Cloud {
    /// The story's world, in which every asynchronous step takes 20 ms, with more settings.
    pub(crate) async fn start(settings: &str) -> Self {
        // Installed once; a second time is refused, which does no harm.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let description = format!("extends: cross-account\nwaits: {{ default: 20ms }}\n{settings}");
        let handle = Simulator::start(Description::parse(&description).unwrap(), Options::default()).await.unwrap();
        Self { handle }
    }

    /// A provider with the keys of an account, and more attributes of its block.
    pub(crate) async fn terraform(&self, account: &str, attributes: Json) -> Terraform<Tcmesh> {
        let terraform = Terraform::of(|| provider::server(StopSwitch::default()));
        let ready = self.handle.ready();
        let keys = &ready.accounts[account];
        let mut block = json!({"secret_id": keys.secret_id, "secret_key": keys.secret_key, "region": "ap-guangzhou",
            "endpoint": self.handle.endpoint(), "cluster_endpoint": "extranet"});
        block.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
        assert_eq!(terraform.configure(&terraform.provider(block)).await, [""; 0], "{}", terraform.details());
        terraform
    }

    /// Takes the member's cluster away from its account, as if it were deleted.
    pub(crate) fn delete_member(&self) {
        self.handle.cloud().write(|cloud| {
            cloud.clusters.owned_mut(&Uin::from("100000000002"), MEMBER).unwrap().owner = Uin::from("1");
        });
    }
}

/// Applies a configuration that must be accepted without a word.
pub(crate) async fn create(terraform: &Terraform<Tcmesh>, type_name: &str, config: Json) -> (Stored, Value) {
    let config = terraform.config(type_name, config);
    let (stored, told) = terraform.apply(type_name, &config, &Stored::nothing()).await;
    assert_eq!(told, [""; 0], "{}", terraform.details());
    let (read, told) = terraform.read(type_name, &stored).await;
    assert_eq!((&read.state, told), (&stored.state, vec![]), "a refresh finds nothing");
    assert_eq!(terraform.plan(type_name, &config, &read).await.state, read.state, "a plan finds nothing");
    (stored, config)
}
