use std::time::Instant;

use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::api::{Api, ListParams};
use kube::discovery::Discovery;
use serde_json::json;

use crate::support::{Cluster, refused};

#[tokio::test]
async fn discovery_finds_the_kinds_and_their_scope() {
    let cluster = Cluster::start().await;
    let discovery = Discovery::new(cluster.client.clone()).run().await.expect("discovery");
    let apps = discovery.get("apps").expect("the group apps");
    let (deployment, _) = apps.recommended_kind("Deployment").expect("deployments");
    assert_eq!((deployment.plural.as_str(), deployment.version.as_str()), ("deployments", "v1"));
    assert!(discovery.get("rbac.authorization.k8s.io").is_some());
    let version = cluster.client.apiserver_version().await.expect("a version");
    assert_eq!((version.major.as_str(), version.minor.as_str()), ("1", "30"));
}

#[tokio::test]
async fn lists_select_by_labels_and_fields() {
    let cluster = Cluster::start().await;
    for (name, app) in [("a", "x"), ("b", "y"), ("c", "x")] {
        let fields = json!({"metadata": {"name": name, "labels": {"app": app}}});
        cluster.create("v1", "ConfigMap", Some("test"), fields).await.expect("created");
    }
    assert_eq!(cluster.names("v1", "ConfigMap", &ListParams::default().labels("app=x")).await, ["a", "c"]);
    assert_eq!(cluster.names("v1", "ConfigMap", &ListParams::default().labels("app notin (x)")).await, ["b"]);
    assert_eq!(cluster.names("v1", "ConfigMap", &ListParams::default().fields("metadata.name=b")).await, ["b"]);
    let refusal = refused(cluster.api("v1", "ConfigMap").list(&ListParams::default().fields("data.x=1")).await);
    let expected = "\"data.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";
    assert_eq!((refusal.code, refusal.message.as_str()), (400, expected));
}

#[tokio::test]
async fn long_lists_are_read_in_parts() {
    let cluster = Cluster::start().await;
    for number in 0..5 {
        let fields = json!({"metadata": {"name": format!("c{number}")}});
        cluster.create("v1", "ConfigMap", Some("test"), fields).await.expect("created");
    }
    let api: Api<ConfigMap> = Api::namespaced(cluster.client.clone(), "test");
    let first = api.list(&ListParams::default().limit(3)).await.expect("a list");
    let token = first.metadata.continue_.expect("more");
    assert_eq!((first.items.len(), first.metadata.remaining_item_count), (3, Some(2)));
    let second = api.list(&ListParams::default().limit(3).continue_token(&token)).await.expect("a list");
    assert_eq!((second.items.len(), second.metadata.continue_), (2, None));
    assert_eq!(second.metadata.resource_version, first.metadata.resource_version);
}

#[tokio::test]
async fn what_is_not_there_is_told_as_the_api_tells_it() {
    let cluster = Cluster::start().await;
    let refusal = refused(cluster.api("apps/v1", "Deployment").get("d").await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (404, "NotFound"));
    assert_eq!(refusal.message, "deployments.apps \"d\" not found");
    assert_eq!(
        refusal.details.map(|details| (details.group, details.kind)),
        Some(("apps".into(), "deployments".into()))
    );
    assert_eq!(refused(cluster.api("v9", "Deployment").get("d").await).code, 404);
    let namespaces: Api<Namespace> = Api::all(cluster.client.clone());
    assert!(namespaces.get_opt("none").await.expect("an answer").is_none());
}

#[tokio::test]
async fn only_metadata_is_sent_when_only_metadata_is_asked_for() {
    let cluster = Cluster::start().await;
    let fields = json!({"metadata": {"name": "c"}, "data": {"k": "v"}});
    cluster.create("v1", "ConfigMap", Some("test"), fields).await.expect("created");
    let one = cluster.api("v1", "ConfigMap").get_metadata("c").await.expect("metadata");
    assert_eq!(one.metadata.name.as_deref(), Some("c"));
    let list = cluster.api("v1", "ConfigMap").list_metadata(&ListParams::default()).await.expect("metadata");
    assert_eq!(list.items.len(), 1);
}

#[tokio::test]
async fn a_thousand_objects_are_listed_fast() {
    let cluster = Cluster::start().await;
    let client = cluster.server.client("loader");
    let api: Api<ConfigMap> = Api::namespaced(client, "test");
    for number in 0..1_000 {
        let mut object = ConfigMap { data: Some([("key".into(), "v".repeat(100))].into()), ..ConfigMap::default() };
        object.metadata.name = Some(format!("c{number:04}"));
        api.create(&Default::default(), &object).await.expect("created");
    }
    let request = || http::Request::get("/api/v1/namespaces/test/configmaps").body(Vec::new()).expect("a request");
    let mut times = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        let text = cluster.server.client("reader").request_text(request()).await.expect("a list");
        times.push(start.elapsed());
        assert!(text.len() > 100_000);
    }
    // Unoptimised code is allowed ten times what the optimised code needs.
    let limit = if cfg!(debug_assertions) { 200 } else { 20 };
    let fastest = times.into_iter().min().expect("times");
    assert!(fastest.as_millis() < limit, "{fastest:?}");
}
