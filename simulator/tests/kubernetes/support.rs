//! A server for one test, and clients of it.

use std::fmt::Debug;

use kube::api::{Api, DynamicObject, ListParams, Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::{ApiResource, GroupVersionKind, Status};
use kube::{Client, Config};
use serde_json::{Value, json};
use tcmesh_simulator::kubernetes::{ApiServer, Identity, MASTERS, Options};

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
