//! A running world for a test, and its clusters.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client as KubeClient, Config, ResourceExt};
use serde_json::{Value, json};
use tcmesh_simulator::state::Cloud;
use tcmesh_simulator::world::World;
use tcmesh_simulator::{Handle, Options, Simulator};

use crate::client::{Client, control};

pub(crate) const CLUSTER1: &str = "cls-hub00001";
pub(crate) const CLUSTER2: &str = "cls-app00002";
pub(crate) const CLUSTER3: &str = "cls-mem00003";

/// A simulator and the two accounts of the story.
pub(crate) struct Running {
    pub(crate) handle: Handle,
    pub(crate) a: Client,
    pub(crate) b: Client,
}

/// The story's world, in which only the test moves the clock; `change` bends it first.
pub(crate) async fn start_with(change: impl FnOnce(&mut World)) -> Running {
    let text = "extends: cross-account\nclock: { mode: explicit }\nwaits: { default: 2s }";
    let mut world = World::parse(text).unwrap();
    change(&mut world);
    let handle = Simulator::start(world, Options::default()).await.unwrap();
    let ready = handle.ready();
    let client = |name: &str| {
        let account = &ready.accounts[name];
        Client::new(&ready.endpoint, &account.secret_id, &account.secret_key)
    };
    Running { a: client("a"), b: client("b"), handle }
}

/// The story's world, in which only the test moves the clock.
pub(crate) async fn start() -> Running {
    start_with(|_| ()).await
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

    pub(crate) fn look<T>(&self, look: impl FnOnce(&Cloud) -> T) -> T {
        self.handle.cloud().read(look)
    }

    /// The objects of all clusters by their names.
    pub(crate) async fn objects(&self) -> Value {
        self.control("GET", "state", Value::Null).await.1["kubernetes"].take()
    }

    /// A cluster, through the kubeconfig of the ready file.
    pub(crate) async fn cluster(&self, id: &str) -> Cluster {
        let file = self.handle.ready().clusters[id].kubeconfig.clone().unwrap();
        Cluster::of(&std::fs::read_to_string(file).unwrap()).await
    }
}

/// A cluster as somebody sees it.
pub(crate) struct Cluster(KubeClient);

impl Cluster {
    /// Over TLS, with a kubeconfig.
    pub(crate) async fn of(kubeconfig: &str) -> Self {
        let kubeconfig = Kubeconfig::from_yaml(kubeconfig).unwrap();
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
        Self(KubeClient::try_from(config).unwrap())
    }

    /// The objects of a kind: in a namespace, or, where that is empty, of the cluster.
    pub(crate) fn api(&self, api_version: &str, kind: &str, namespace: &str) -> Api<DynamicObject> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        match namespace {
            "" => Api::all_with(self.0.clone(), &resource),
            namespace => Api::namespaced_with(self.0.clone(), namespace, &resource),
        }
    }

    /// Applies an object.
    pub(crate) async fn apply(&self, object: &Value) -> kube::Result<DynamicObject> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let api = self.api(text("/apiVersion"), text("/kind"), text("/metadata/namespace"));
        api.patch(text("/metadata/name"), &PatchParams::apply("tests"), &Patch::Apply(object)).await
    }

    /// The names of the objects of a kind.
    pub(crate) async fn names(&self, api_version: &str, kind: &str, namespace: &str) -> Vec<String> {
        let list = self.api(api_version, kind, namespace).list(&Default::default()).await.unwrap();
        list.iter().map(ResourceExt::name_any).collect()
    }
}

/// A namespace.
pub(crate) fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

/// Looks until it sees what is wanted, which must be soon.
pub(crate) async fn until<T: Debug + PartialEq, F: Future<Output = T>>(wanted: T, mut look: impl FnMut() -> F) {
    let mut last = None;
    let looking = async {
        while last.as_ref() != Some(&wanted) {
            last = Some(look().await);
        }
    };
    if tokio::time::timeout(Duration::from_secs(20), looking).await.is_err() {
        panic!("it did not become {wanted:?}; it is {last:?}");
    }
}
