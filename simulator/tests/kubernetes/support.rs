//! A server for one test, and clients of it.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use k8s_openapi::api::core::v1::Service;
use kube::api::{Api, DynamicObject, ListParams, Patch, PatchParams, WatchEvent, WatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::{ApiResource, GroupVersionKind, Status};
use kube::{Client, Config};
use serde_json::{Value, json};
use tcmesh_simulator::controllers::{
    self, Controllers, HttpAnswer, HttpRequest, LoadBalancers, NetworkRange, NodeOptions, SimulatedRuntime,
};
use tcmesh_simulator::kubernetes::{ApiServer, Identity, MASTERS, Options, SystemClock};

/// A server and a client of it that may do everything.
pub(crate) struct Cluster {
    /// The server.
    pub(crate) server: ApiServer,
    /// The client, over TLS.
    pub(crate) client: Client,
}

impl Cluster {
    /// A server with the namespace `test`.
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// A server with the namespace `test`, set up as given.
    pub(crate) async fn start_with(options: Options) -> Self {
        let server = ApiServer::start(options).expect("the server starts");
        let client = client(&server, &Identity::new("admin", &[MASTERS])).await;
        let cluster = Self { server, client };
        cluster.create("v1", "Namespace", None, json!({"metadata": {"name": "test"}})).await.expect("a namespace");
        cluster
    }

    /// A client with a certificate of a user without any group.
    pub(crate) async fn client_of(&self, user: &str) -> Client {
        client(&self.server, &Identity::new(user, &[])).await
    }

    /// The objects of a kind, in the namespace `test` unless the kind has none.
    pub(crate) fn api(&self, api_version: &str, kind: &str) -> Api<DynamicObject> {
        api(&self.client, api_version, kind, Some("test"))
    }

    /// The objects of a kind that has no namespaces.
    pub(crate) fn cluster_api(&self, api_version: &str, kind: &str) -> Api<DynamicObject> {
        api(&self.client, api_version, kind, None)
    }

    /// Creates an object from its fields.
    pub(crate) async fn create(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
        fields: Value,
    ) -> kube::Result<DynamicObject> {
        api(&self.client, api_version, kind, namespace)
            .create(&Default::default(), &object(api_version, kind, fields))
            .await
    }

    /// Applies fields as a manager, in the namespace `test`.
    pub(crate) async fn apply(
        &self,
        manager: &str,
        api_version: &str,
        kind: &str,
        fields: Value,
    ) -> kube::Result<DynamicObject> {
        self.apply_with(&PatchParams::apply(manager), api_version, kind, fields).await
    }

    /// Applies fields as parameters say, in the namespace `test`.
    pub(crate) async fn apply_with(
        &self,
        params: &PatchParams,
        api_version: &str,
        kind: &str,
        fields: Value,
    ) -> kube::Result<DynamicObject> {
        let object = object(api_version, kind, fields);
        let name = object.metadata.name.clone().expect("a name");
        self.api(api_version, kind).patch(&name, params, &Patch::Apply(&object)).await
    }

    /// The names of the objects of a kind in the namespace `test`.
    pub(crate) async fn names(&self, api_version: &str, kind: &str, params: &ListParams) -> Vec<String> {
        let list = self.api(api_version, kind).list(params).await.expect("a list");
        list.items.into_iter().filter_map(|item| item.metadata.name).collect()
    }
}

/// A client with a certificate of somebody.
pub(crate) async fn client(server: &ApiServer, identity: &Identity) -> Client {
    client_from(&server.kubeconfig(identity).expect("a kubeconfig")).await
}

/// A client with a kubeconfig.
pub(crate) async fn client_from(kubeconfig: &str) -> Client {
    let kubeconfig = Kubeconfig::from_yaml(kubeconfig).expect("a kubeconfig");
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.expect("a config");
    Client::try_from(config).expect("a client")
}

/// The objects of a kind by its names.
pub(crate) fn api(client: &Client, api_version: &str, kind: &str, namespace: Option<&str>) -> Api<DynamicObject> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    match namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    }
}

/// An object of a kind from its other fields.
pub(crate) fn object(api_version: &str, kind: &str, mut fields: Value) -> DynamicObject {
    fields["apiVersion"] = api_version.into();
    fields["kind"] = kind.into();
    serde_json::from_value(fields).expect("an object")
}

/// The refusal of a request.
pub(crate) fn refused<T: Debug>(result: kube::Result<T>) -> Status {
    match result.expect_err("a refusal") {
        kube::Error::Api(status) => *status,
        other => panic!("not refused by the API: {other}"),
    }
}

/// A deployment's fields.
pub(crate) fn deployment(name: &str, replicas: u32, image: &str) -> Value {
    json!({"metadata": {"name": name}, "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": image}]}}}})
}

/// A cluster whose controllers run.
pub(crate) struct LiveCluster {
    /// The server and its client.
    pub(crate) cluster: Cluster,
    /// The controllers.
    pub(crate) controllers: Controllers,
}

impl LiveCluster {
    /// A cluster of one node, with the namespace `test`, in which pods can be made.
    pub(crate) async fn start() -> Self {
        let cluster = Cluster::start().await;
        let live = Self { controllers: Self::controllers(&cluster), cluster };
        live.until("v1", "ServiceAccount", "default", |_| true).await;
        live
    }

    /// The cluster as it was at its start, with new controllers.
    pub(crate) async fn reset(self) -> Self {
        drop(self.controllers);
        self.cluster.server.reset();
        self.cluster.create("v1", "Namespace", None, json!({"metadata": {"name": "test"}})).await.expect("a namespace");
        let live = Self { controllers: Self::controllers(&self.cluster), cluster: self.cluster };
        live.until("v1", "ServiceAccount", "default", |_| true).await;
        live
    }

    fn controllers(cluster: &Cluster) -> Controllers {
        Controllers::start(controllers::Options {
            client: cluster.server.client("kube-controller-manager"),
            clock: Arc::new(SystemClock),
            ca_pem: cluster.server.ca_pem(),
            nodes: vec![NodeOptions {
                name: "node-1".into(),
                address: Ipv4Addr::new(10, 0, 1, 4),
                labels: BTreeMap::from([("zone".into(), "a".into())]),
            }],
            network: Arc::new(NetworkRange::new("172.16.0.0/24".parse().expect("a network"))),
            runtime: Arc::new(SimulatedRuntime),
            load_balancers: Some(Arc::new(OneAddress)),
            foreign_groups: vec!["networking.istio.io".into()],
        })
    }

    /// Waits until an object in the namespace `test` (or of the cluster) is as wanted.
    pub(crate) async fn until(
        &self,
        api_version: &str,
        kind: &str,
        name: &str,
        wanted: impl Fn(&DynamicObject) -> bool,
    ) -> DynamicObject {
        let found = self.watch(api_version, kind, name, |object| object.filter(|object| wanted(object)).cloned()).await;
        found.unwrap_or_else(|last| panic!("{kind} {name} did not become as wanted; it is {last:#?}"))
    }

    /// Waits until an object in the namespace `test` (or of the cluster) is gone.
    pub(crate) async fn until_gone(&self, api_version: &str, kind: &str, name: &str) {
        let gone = self.watch(api_version, kind, name, |object| object.is_none().then_some(())).await;
        gone.unwrap_or_else(|last| panic!("{kind} {name} is still there: {last:#?}"));
    }

    async fn watch<T>(
        &self,
        api_version: &str,
        kind: &str,
        name: &str,
        pick: impl Fn(Option<&DynamicObject>) -> Option<T>,
    ) -> Result<T, Option<DynamicObject>> {
        let is_in_namespace = !matches!(kind, "Namespace" | "Node" | "CustomResourceDefinition");
        let api = api(&self.cluster.client, api_version, kind, is_in_namespace.then_some("test"));
        let list = api.list_metadata(&Default::default()).await.expect("a list");
        let mut last = api.get_opt(name).await.expect("an answer");
        if let Some(picked) = pick(last.as_ref()) {
            return Ok(picked);
        }
        let params = WatchParams::default().fields(&format!("metadata.name={name}"));
        let version = list.metadata.resource_version.expect("a version");
        let mut events = pin!(api.watch(&params, &version).await.expect("a watch"));
        let limit = tokio::time::sleep(Duration::from_secs(20));
        let mut limit = pin!(limit);
        loop {
            tokio::select! {
                event = events.try_next() => match event.expect("an event").expect("the watch goes on") {
                    WatchEvent::Added(object) | WatchEvent::Modified(object) => last = Some(object),
                    WatchEvent::Deleted(_) => last = None,
                    _ => {}
                },
                () = &mut limit => return Err(last),
            }
            if let Some(picked) = pick(last.as_ref()) {
                return Ok(picked);
            }
        }
    }

    /// The pods with a label, by name.
    pub(crate) async fn pods(&self, selector: &str) -> Vec<DynamicObject> {
        let list = self.cluster.api("v1", "Pod").list(&ListParams::default().labels(selector)).await.expect("a list");
        list.items
    }

    /// What a pod's address answers to a `GET` on a port.
    pub(crate) fn get(&self, address: &str, port: u16, path: &str) -> Option<HttpAnswer> {
        let request = HttpRequest { port, method: "GET".into(), path: path.into() };
        self.controllers.workloads().answer(address.parse().expect("an address"), &request)
    }
}

/// Gives every service the same address.
struct OneAddress;

impl LoadBalancers for OneAddress {
    fn ensure(&self, _: &Service) -> Option<IpAddr> {
        Some(IpAddr::from([203, 0, 113, 7]))
    }

    fn release(&self, _: &str, _: &str) {}
}

/// The text at a JSON pointer below an object's own fields.
pub(crate) fn text<'a>(object: &'a DynamicObject, pointer: &str) -> &'a str {
    object.data.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The status of a condition of an object.
pub(crate) fn condition<'a>(object: &'a DynamicObject, kind: &str) -> Option<&'a Value> {
    object.data["status"]["conditions"].as_array()?.iter().find(|condition| condition["type"] == kind)
}
