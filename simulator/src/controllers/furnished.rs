//! When a new cluster has what its controllers give to every cluster.

use std::collections::BTreeSet;
use std::pin::pin;

use futures_util::StreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Node};
use kube::api::{Api, ListParams};
use kube::{Client, ResourceExt};

use super::nodes::is_schedulable;
use super::service_accounts::CERTIFICATE;
use super::watch::{Change, Watchable, watch};

/// Waits until a cluster has so many nodes that take pods, and each of its namespaces what every namespace is given.
pub async fn furnished(client: &Client, nodes: usize) {
    let ready = |node: &Node| is_schedulable(node).then(|| node.name_any());
    let mut seen = BTreeSet::new();
    until(Api::<Node>::all(client.clone()), |node| {
        seen.extend(ready(node));
        seen.len() >= nodes
    })
    .await;
    let namespaces = Api::<Namespace>::all(client.clone()).list_metadata(&ListParams::default()).await;
    let mut bare: BTreeSet<_> = namespaces.into_iter().flatten().map(|namespace| namespace.name_any()).collect();
    until(Api::<ConfigMap>::all(client.clone()), |map| {
        if map.name_any() == CERTIFICATE {
            bare.remove(&map.namespace().unwrap_or_default());
        }
        bare.is_empty()
    })
    .await;
}

/// Shows every object to `is_enough` until it says so.
async fn until<K: Watchable>(api: Api<K>, mut is_enough: impl FnMut(&K) -> bool) {
    let mut changes = pin!(watch(api));
    while let Some(change) = changes.next().await {
        if matches!(&change, Change::Applied(object) if is_enough(object)) {
            return;
        }
    }
}
