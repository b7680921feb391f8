//! A cluster whose pods run, and what an agent is installed with.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::ops::Deref;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use tcmesh::framework::value::Value;
use tcmesh_simulator::controllers::{self, Controllers, NetworkRange, NodeOptions, SimulatedRuntime};
use tcmesh_simulator::kubernetes::{ApiServer, Identity, MASTERS, SystemClock};

use crate::harness::client::Stored;
use crate::routing::support::{World, api};

/// The type under test.
pub(crate) const AGENT: &str = "tcmesh_tdcc_agent";

/// The namespace of every agent.
pub(crate) const NAMESPACE: &str = "clusternet-system";

/// The manifest that the simulated hub hands out.
const MANIFEST: &str = include_str!("../../../simulator/src/services/tdcc/manifest.yaml");

/// The objects of an agent that are in no namespace.
const CLUSTER_WIDE: &[(&str, &str, &str)] = &[
    ("v1", "Namespace", NAMESPACE),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusternet:app:deployer"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusternet:app:deployer"),
];

/// The token in the first manifest.
pub(crate) const TOKEN: &str = "canary.0123456789abcdef";

/// A manifest for a hub, with a token.
pub(crate) fn manifest(hub: &str, token: &str) -> String {
    MANIFEST.replace("PARENT_URL_VALUE", hub).replace("REG_TOKEN_VALUE", token)
}

/// The manifest without the documents that hold `text`.
pub(crate) fn without(manifest: &str, text: &str) -> String {
    let kept: Vec<_> = manifest.split("---\n").filter(|document| !document.contains(text)).collect();
    kept.join("---\n")
}

/// A cluster whose pods run, and a provider whose block has its kubeconfig, no cloud, and no action of TDCC.
pub(crate) struct Member {
    world: World,
    _controllers: Controllers,
}

impl Deref for Member {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Member {
    pub(crate) async fn start() -> Self {
        let world = World::unlinked().await;
        let controllers = run(&world.server);
        let kubeconfig = world.server.kubeconfig(&Identity::new("terraform", &[MASTERS])).unwrap();
        let block = json!({
            "secret_id": "AKID", "secret_key": "key", "region": "ap-guangzhou", "endpoint": "http://127.0.0.1:1",
            "tdcc": {"enabled": false}, "kubernetes": {"kubeconfig": kubeconfig},
        });
        assert_eq!(world.terraform.configure(&world.terraform.provider(block)).await, [""; 0]);
        Self { world, _controllers: controllers }
    }

    /// An agent's configuration.
    pub(crate) fn config(&self, manifest: Option<&str>, version: &str) -> Value {
        let attributes =
            json!({"registration_id": "cls-65r1c5nu", "manifest_wo": manifest, "manifest_version": version});
        self.terraform.config(AGENT, attributes)
    }

    /// An agent that was installed with the first manifest, its configuration, and the manifest.
    pub(crate) async fn installed(&self) -> (Stored, Value, String) {
        let manifest = manifest("https://10.0.1.5:6443", TOKEN);
        let config = self.config(Some(&manifest), "1");
        (self.create(AGENT, &config).await, config, manifest)
    }

    /// Somebody deletes the agent's object of a kind without namespaces.
    pub(crate) async fn delete_cluster_wide(&self, kind: &str) {
        let (api_version, name) =
            CLUSTER_WIDE.iter().find(|(_, known, _)| *known == kind).map(|(v, _, n)| (*v, *n)).unwrap();
        api(&self.server, api_version, kind, None).delete(name, &Default::default()).await.unwrap();
    }

    /// Somebody makes an object of a kind without namespaces.
    pub(crate) async fn make_cluster_wide(&self, object: &Json) {
        let (api_version, kind) = (object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap());
        let object = serde_json::from_value(object.clone()).unwrap();
        api(&self.server, api_version, kind, None).create(&Default::default(), &object).await.unwrap();
    }

    /// What is left of an agent, without what was in its namespace.
    pub(crate) async fn left(&self) -> Vec<String> {
        let mut left = Vec::new();
        for (api_version, kind, name) in CLUSTER_WIDE {
            let found = api(&self.server, api_version, kind, None).get_opt(name).await.unwrap();
            left.extend(found.map(|_| format!("{kind} {name}")));
        }
        left
    }

    /// Whether the cluster has something in the agent's namespace.
    pub(crate) async fn has(&self, api_version: &str, kind: &str, name: &str) -> bool {
        self.live(api_version, kind, NAMESPACE, name).await.is_some()
    }
}

/// Makes the pods of a cluster run.
fn run(server: &ApiServer) -> Controllers {
    let address = Ipv4Addr::new(10, 2, 1, 4);
    Controllers::start(controllers::Options {
        client: server.client("kube-controller-manager"),
        clock: Arc::new(SystemClock),
        ca_pem: server.ca_pem(),
        nodes: vec![NodeOptions { name: "node-1".into(), address, labels: BTreeMap::new() }],
        network: Arc::new(NetworkRange::new("172.18.0.0/24".parse().unwrap())),
        runtime: Arc::new(SimulatedRuntime),
        load_balancers: None,
        foreign_groups: Vec::new(),
    })
}

/// A list of texts in a state.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    let Value::List(items) = value else { panic!("no list: {value:?}") };
    items.iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// The objects of an agent, as `Kind name`.
pub(crate) fn objects(stored: &Stored) -> Vec<String> {
    let Value::List(items) = stored.state.field("objects") else { panic!("no objects") };
    let text = |item: &Value, name: &str| item.field(name).as_str().unwrap().to_owned();
    items.iter().map(|item| format!("{} {}", text(item, "kind"), text(item, "name"))).collect()
}
