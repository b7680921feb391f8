//! A running world for a test.

use std::sync::Arc;

use serde_json::{Value, json};
use tcmesh_simulator::cluster_access::{ClusterAccess, NoClusters};
use tcmesh_simulator::state::Cloud;
use tcmesh_simulator::world::{Policy, PolicyEffect, Secret, Statement, User, World};
use tcmesh_simulator::{Handle, Options, Simulator};

use crate::client::{Client, control};

pub(crate) const HUB: &str = "vpc-hub00001";
pub(crate) const MEMBER: &str = "vpc-mem00003";
pub(crate) const REGION: &str = "ap-guangzhou";

/// A simulator and the two accounts of the story.
pub(crate) struct Running {
    pub(crate) handle: Handle,
    pub(crate) a: Client,
    pub(crate) b: Client,
}

/// The story's world with a clock that only the test moves; `change` bends it first.
pub(crate) async fn start_with(change: impl FnOnce(&mut World)) -> Running {
    let text = "extends: cross-account\nclock: { mode: explicit }\nwaits: { default: 2s }";
    let mut world = World::parse(text).unwrap();
    change(&mut world);
    start_world(world).await
}

/// The story's world with a clock that only the test moves.
pub(crate) async fn start() -> Running {
    start_with(|_| ()).await
}

pub(crate) async fn start_world(world: World) -> Running {
    with_access(world, Arc::new(NoClusters)).await
}

/// A world whose clusters are served by `clusters`.
pub(crate) async fn with_access(world: World, clusters: Arc<dyn ClusterAccess>) -> Running {
    let handle = Simulator::start(world, Options { clusters: Some(clusters), ..Options::default() }).await.unwrap();
    let ready = handle.ready();
    let client = |name: &str| {
        let account = &ready.accounts[name];
        Client::new(&ready.endpoint, &account.secret_id, &account.secret_key)
    };
    Running { a: client("a"), b: client("b"), handle }
}

/// A sub-user who may do `actions`, and how a test signs as it.
pub(crate) fn user(account: &str, name: &str, actions: &[&str]) -> (User, impl Fn(&Running) -> Client) {
    let statement = Statement {
        effect: PolicyEffect::Allow,
        action: actions.iter().map(|it| (*it).to_owned()).collect(),
        resource: vec!["*".into()],
    };
    let user = User {
        account: account.into(),
        name: name.into(),
        uin: "200000000001".into(),
        secret_id: "AKIDuser".into(),
        secret_key: Secret::new("key of the user"),
        policy: Policy { version: "2.0".into(), statement: vec![statement] },
    };
    (user, |running| Client::new(&running.handle.endpoint(), "AKIDuser", "key of the user"))
}

impl Running {
    /// Moves the clock by so much world time.
    pub(crate) async fn advance(&self, span: &str) {
        let (status, _) = self.control("POST", "clock", json!({ "advance": span })).await;
        assert_eq!(status, 200);
    }

    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        control(&self.handle.endpoint(), method, path, &body).await
    }

    pub(crate) async fn fault(&self, rule: Value) {
        let (status, answer) = self.control("POST", "faults", rule).await;
        assert_eq!(status, 200, "{answer}");
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&Cloud) -> T) -> T {
        self.handle.cloud().read(look)
    }
}
