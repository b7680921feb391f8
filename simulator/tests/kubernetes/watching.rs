use std::pin::pin;

use futures_util::{Stream, StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, DeleteParams, Patch, PatchParams, WatchEvent, WatchParams};
use serde_json::{Value, json};

use crate::support::Cluster;

async fn create(cluster: &Cluster, name: &str, label: &str) {
    let fields = json!({"metadata": {"name": name, "labels": {"app": label}}});
    cluster.create("v1", "ConfigMap", Some("test"), fields).await.expect("created");
}

fn config_maps(cluster: &Cluster) -> Api<ConfigMap> {
    Api::namespaced(cluster.client.clone(), "test")
}

/// The next event, as its kind and the object's name.
async fn next(
    stream: &mut (impl Stream<Item = kube::Result<WatchEvent<ConfigMap>>> + Unpin),
) -> (&'static str, String) {
    let event = stream.try_next().await.expect("an event").expect("the watch goes on");
    let name = |object: ConfigMap| object.metadata.name.unwrap_or_default();
    match event {
        WatchEvent::Added(object) => ("added", name(object)),
        WatchEvent::Modified(object) => ("modified", name(object)),
        WatchEvent::Deleted(object) => ("deleted", name(object)),
        WatchEvent::Bookmark(bookmark) => ("bookmark", bookmark.metadata.resource_version),
        WatchEvent::Error(status) => ("error", format!("{} {}", status.code, status.reason)),
    }
}

#[tokio::test]
async fn a_watch_tells_every_change_and_can_be_resumed() {
    let cluster = Cluster::start().await;
    let api = config_maps(&cluster);
    let start = api.list(&Default::default()).await.expect("a list").metadata.resource_version.expect("a version");
    create(&cluster, "a", "x").await;
    let seen = api.get("a").await.expect("the object").metadata.resource_version.expect("a version");
    api.patch("a", &PatchParams::default(), &Patch::Merge(json!({"data": {"k": "v"}}))).await.expect("patched");
    api.delete("a", &DeleteParams::default()).await.expect("deleted");

    let mut all = pin!(api.watch(&WatchParams::default(), &start).await.expect("a watch"));
    for kind in ["added", "modified", "deleted"] {
        assert_eq!(next(&mut all).await, (kind, "a".into()));
    }
    let mut resumed = pin!(api.watch(&WatchParams::default(), &seen).await.expect("a watch"));
    assert_eq!(next(&mut resumed).await, ("modified", "a".into()));
    create(&cluster, "b", "x").await;
    assert_eq!(next(&mut resumed).await, ("deleted", "a".into()));
    assert_eq!(next(&mut resumed).await, ("added", "b".into()));
}

#[tokio::test]
async fn a_watch_without_a_version_begins_with_what_there_is() {
    let cluster = Cluster::start().await;
    create(&cluster, "a", "x").await;
    let api = config_maps(&cluster);
    let mut stream = pin!(api.watch(&WatchParams::default(), "0").await.expect("a watch"));
    assert_eq!(next(&mut stream).await, ("added", "a".into()));
    let params = WatchParams::default().initial_events();
    let mut stream = pin!(api.watch(&params, "").await.expect("a watch"));
    assert_eq!(next(&mut stream).await, ("added", "a".into()));
    assert_eq!(next(&mut stream).await.0, "bookmark");
}

#[tokio::test]
async fn an_object_enters_and_leaves_a_selection() {
    let cluster = Cluster::start().await;
    let api = config_maps(&cluster);
    let mut stream = pin!(api.watch(&WatchParams::default().labels("app=x"), "0").await.expect("a watch"));
    create(&cluster, "a", "y").await;
    let label = |value: &str| Patch::<Value>::Merge(json!({"metadata": {"labels": {"app": value}}}));
    api.patch("a", &PatchParams::default(), &label("x")).await.expect("patched");
    assert_eq!(next(&mut stream).await, ("added", "a".into()));
    api.patch("a", &PatchParams::default(), &label("z")).await.expect("patched");
    assert_eq!(next(&mut stream).await, ("deleted", "a".into()));
}

#[tokio::test]
async fn a_watch_from_too_long_ago_is_told_to_list_again() {
    let cluster = Cluster::start().await;
    let api: Api<ConfigMap> = Api::namespaced(cluster.server.client("writer"), "test");
    create(&cluster, "a", "x").await;
    let long_ago = api.get("a").await.expect("the object").metadata.resource_version.expect("a version");
    for number in 0..1_100 {
        let patch = Patch::Merge(json!({"data": {"number": number.to_string()}}));
        api.patch("a", &PatchParams::default(), &patch).await.expect("patched");
    }
    let api = config_maps(&cluster);
    let mut stream = pin!(api.watch(&WatchParams::default(), &long_ago).await.expect("a watch"));
    assert_eq!(next(&mut stream).await, ("error", "410 Expired".into()));
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_watch_ends_after_its_time() {
    let cluster = Cluster::start().await;
    let api = config_maps(&cluster);
    let mut stream = pin!(api.watch(&WatchParams::default().timeout(1), "0").await.expect("a watch"));
    assert_eq!(next(&mut stream).await.0, "bookmark");
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_reset_ends_watches_and_leaves_a_new_cluster_behind() {
    let cluster = Cluster::start().await;
    let api = config_maps(&cluster);
    let list = api.list(&Default::default()).await.expect("a list");
    let version = list.metadata.resource_version.expect("a version");
    let mut stream = pin!(api.watch(&WatchParams::default(), &version).await.expect("a watch"));
    cluster.server.reset();
    assert_eq!(next(&mut stream).await, ("error", "410 Expired".into()));
    let namespaces = cluster.cluster_api("v1", "Namespace").list(&Default::default()).await.expect("a list");
    assert_eq!(namespaces.items.len(), 4);
}
