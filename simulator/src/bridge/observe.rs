//! What in a cluster may give the bridge something to do.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::{BoxStream, select_all};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use kube::api::Api;
use kube::{Client, ResourceExt};
use tokio::sync::Notify;

use crate::controllers::watch::keys;
use crate::controllers::work::Key;

/// Tells `wake` of every change of a namespace, or of a part of an ingress gateway, for ever.
pub(super) async fn observe(client: Client, wake: Arc<Notify>) {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let pods: Api<Pod> = Api::all(client.clone());
    let deployments: Api<Deployment> = Api::all(client.clone());
    let services: Api<Service> = Api::all(client);
    let all: Vec<BoxStream<'static, Key>> = vec![
        keys(namespaces, |namespace| Some(Key::of(namespace))),
        keys(pods, of_gateway),
        keys(deployments, of_gateway),
        keys(services, of_gateway),
    ];
    let mut changes = select_all(all);
    while changes.next().await.is_some() {
        wake.notify_one();
    }
}

fn of_gateway<K: kube::Resource>(object: &K) -> Option<Key> {
    (object.labels().get("istio").map(String::as_str) == Some("ingressgateway")).then(|| Key::of(object))
}
