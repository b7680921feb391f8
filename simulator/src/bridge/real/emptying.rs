//! Taking out of a real cluster what an earlier world left in it, so that a world begins as it is described.

use std::time::Duration;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Node, Pod, Secret, Service};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use kube::api::{Api, ListParams};
use kube::{Client, Resource, ResourceExt};
use serde::de::DeserializeOwned;

use crate::controllers::writes::delete;

/// What every cluster has.
const SYSTEM: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];
/// The label of the roles that a server makes itself.
const BOOTSTRAPPED: &str = "kubernetes.io/bootstrapping";
const PAUSE: Duration = Duration::from_millis(100);

/// Deletes everything but what a new cluster has and its node `node`, and waits until it is gone.
///
/// # Errors
/// What the cluster refuses.
pub(super) async fn empty(client: &Client, node: &str) -> kube::Result<()> {
    let nodes: Api<Node> = Api::all(client.clone());
    delete_but(&nodes, |it| it.name_any() == node).await?;
    delete_but(&Api::<ClusterRoleBinding>::all(client.clone()), is_bootstrapped).await?;
    delete_but(&Api::<ClusterRole>::all(client.clone()), is_bootstrapped).await?;
    empty_default(client).await?;
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let is_system = |it: &Namespace| SYSTEM.contains(&it.name_any().as_str());
    delete_but(&namespaces, is_system).await?;
    while !namespaces.list(&ListParams::default()).await?.items.iter().all(is_system) {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// The namespace `default` cannot be deleted.
async fn empty_default(client: &Client) -> kube::Result<()> {
    delete_but(&Api::<Deployment>::default_namespaced(client.clone()), |_| false).await?;
    delete_but(&Api::<StatefulSet>::default_namespaced(client.clone()), |_| false).await?;
    delete_but(&Api::<DaemonSet>::default_namespaced(client.clone()), |_| false).await?;
    delete_but(&Api::<Job>::default_namespaced(client.clone()), |_| false).await?;
    delete_but(&Api::<Pod>::default_namespaced(client.clone()), |_| false).await?;
    delete_but(&Api::<Secret>::default_namespaced(client.clone()), |_| false).await?;
    delete_but(&Api::<ConfigMap>::default_namespaced(client.clone()), |it| it.name_any().starts_with("kube-")).await?;
    delete_but(&Api::<Service>::default_namespaced(client.clone()), |it| it.name_any() == "kubernetes").await
}

fn is_bootstrapped(object: &impl ResourceExt) -> bool {
    object.labels().contains_key(BOOTSTRAPPED)
}

async fn delete_but<K>(api: &Api<K>, stays: impl Fn(&K) -> bool) -> kube::Result<()>
where
    K: Resource + Clone + DeserializeOwned + std::fmt::Debug,
{
    for object in api.list(&ListParams::default()).await?.items.iter().filter(|it| !stays(it)) {
        delete(api, &object.name_any()).await?;
    }
    Ok(())
}
