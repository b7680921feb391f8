//! What in a cluster may give the bridge something to do.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::{BoxStream, select_all};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, Pod, Secret, Service};
use kube::api::Api;
use kube::{Client, ResourceExt};
use tokio::sync::Notify;

use crate::agents;
use crate::controllers::watch::keys;
use crate::controllers::work::Key;

/// Tells `wake` of every change of a namespace, of a part of an ingress gateway, or of an agent, for ever.
pub(super) async fn observe(client: Client, wake: Arc<Notify>) {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let pods: Api<Pod> = Api::all(client.clone());
    let deployments: Api<Deployment> = Api::all(client.clone());
    let secrets: Api<Secret> = Api::namespaced(client.clone(), agents::NAMESPACE);
    let services: Api<Service> = Api::all(client);
    let all: Vec<BoxStream<'static, Key>> = vec![
        keys(namespaces, |namespace| Some(Key::of(namespace))),
        keys(pods, |pod| of_gateway(pod).or_else(|| of_agent(pod))),
        keys(secrets, |secret| Some(Key::of(secret))),
        keys(deployments, of_gateway),
        keys(services, of_gateway),
    ];
    let mut changes = select_all(all);
    while changes.next().await.is_some() {
        wake.notify_one();
    }
}

fn of_gateway(object: &impl ResourceExt) -> Option<Key> {
    labelled(object, ("istio", "ingressgateway"))
}

fn of_agent(pod: &Pod) -> Option<Key> {
    labelled(pod, agents::POD_LABEL)
}

fn labelled(object: &impl ResourceExt, (name, value): (&str, &str)) -> Option<Key> {
    object.labels().get(name).is_some_and(|it| it == value).then(|| Key::of(object))
}
