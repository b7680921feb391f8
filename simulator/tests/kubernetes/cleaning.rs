use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use serde_json::{Value, json};
use tcmesh_simulator::kubernetes::{Store, istio};

use crate::support::{LiveCluster, condition, deployment, refused};

async fn rolled_out(live: &LiveCluster, name: &str, replicas: u32) {
    live.cluster.apply("us", "apps/v1", "Deployment", deployment(name, replicas, "web")).await.expect("applied");
    live.until("apps/v1", "Deployment", name, |object| object.data["status"]["readyReplicas"] == replicas).await;
}

async fn owned(live: &LiveCluster, name: &str, owner: &kube::api::DynamicObject, blocks: bool) {
    let owner = json!({"apiVersion": "v1", "kind": "ConfigMap", "name": owner.metadata.name, "uid": owner.metadata.uid, "blockOwnerDeletion": blocks});
    let fields = json!({"metadata": {"name": name, "ownerReferences": [owner]}});
    live.cluster.create("v1", "ConfigMap", Some("test"), fields).await.expect("created");
}

#[tokio::test]
async fn a_namespace_ends_with_everything_in_it() {
    let live = LiveCluster::start().await;
    rolled_out(&live, "d", 2).await;
    let fields = json!({"metadata": {"name": "s"}, "spec": {"selector": {"app": "d"}, "ports": [{"port": 80}]}});
    live.cluster.apply("us", "v1", "Service", fields).await.expect("applied");
    live.cluster.cluster_api("v1", "Namespace").delete("test", &DeleteParams::default()).await.expect("asked");
    live.until_gone("v1", "Namespace", "test").await;
    for (version, kind) in [
        ("v1", "Pod"),
        ("v1", "ConfigMap"),
        ("v1", "Service"),
        ("v1", "Endpoints"),
        ("apps/v1", "ReplicaSet"),
        ("apps/v1", "Deployment"),
    ] {
        assert_eq!(live.cluster.names(version, kind, &ListParams::default()).await, Vec::<String>::new(), "{kind}");
    }
    live.cluster.create("v1", "Namespace", None, json!({"metadata": {"name": "test"}})).await.expect("made again");
    rolled_out(&live, "d", 1).await;
}

#[tokio::test]
async fn a_namespace_waits_for_finalizers_and_names_them() {
    let live = LiveCluster::start().await;
    let held = json!({"metadata": {"name": "c", "finalizers": ["example.com/held"]}});
    live.cluster.create("v1", "ConfigMap", Some("test"), held).await.expect("created");
    live.cluster.cluster_api("v1", "Namespace").delete("test", &DeleteParams::default()).await.expect("asked");
    let remaining =
        |namespace: &kube::api::DynamicObject| condition(namespace, "NamespaceFinalizersRemaining").is_some();
    let waiting = live.until("v1", "Namespace", "test", remaining).await;
    let message =
        condition(&waiting, "NamespaceFinalizersRemaining").and_then(|it| it["message"].as_str()).unwrap_or_default();
    assert!(message.contains("example.com/held in 1 resource instances"), "{message}");
    let release = Patch::Merge(json!({"metadata": {"finalizers": []}}));
    live.cluster.api("v1", "ConfigMap").patch("c", &PatchParams::default(), &release).await.expect("released");
    live.until_gone("v1", "Namespace", "test").await;
}

#[tokio::test]
async fn dependents_end_with_their_owner() {
    let live = LiveCluster::start().await;
    rolled_out(&live, "d", 2).await;
    let set = live.cluster.names("apps/v1", "ReplicaSet", &ListParams::default()).await.remove(0);
    live.cluster.api("apps/v1", "Deployment").delete("d", &DeleteParams::background()).await.expect("asked");
    live.until_gone("apps/v1", "ReplicaSet", &set).await;
    for pod in live.pods("app=d").await {
        live.until_gone("v1", "Pod", &pod.metadata.name.expect("a name")).await;
    }
}

#[tokio::test]
async fn an_owner_deleted_in_the_foreground_goes_last() {
    let live = LiveCluster::start().await;
    let owner = live
        .cluster
        .create("v1", "ConfigMap", Some("test"), json!({"metadata": {"name": "o"}}))
        .await
        .expect("created");
    owned(&live, "d", &owner, true).await;
    let held = Patch::Merge(json!({"metadata": {"finalizers": ["example.com/held"]}}));
    let api = live.cluster.api("v1", "ConfigMap");
    api.patch("d", &PatchParams::default(), &held).await.expect("held");
    api.delete("o", &DeleteParams::foreground()).await.expect("asked");
    live.until("v1", "ConfigMap", "d", |object| object.metadata.deletion_timestamp.is_some()).await;
    api.get("o").await.expect("the owner waits");
    let release = Patch::Merge(json!({"metadata": {"finalizers": []}}));
    api.patch("d", &PatchParams::default(), &release).await.expect("released");
    live.until_gone("v1", "ConfigMap", "o").await;
}

#[tokio::test]
async fn orphans_outlive_their_owner() {
    let live = LiveCluster::start().await;
    let owner = live
        .cluster
        .create("v1", "ConfigMap", Some("test"), json!({"metadata": {"name": "o"}}))
        .await
        .expect("created");
    owned(&live, "d", &owner, true).await;
    live.cluster.api("v1", "ConfigMap").delete("o", &DeleteParams::orphan()).await.expect("asked");
    live.until_gone("v1", "ConfigMap", "o").await;
    let orphan = live.cluster.api("v1", "ConfigMap").get("d").await.expect("it is still there");
    assert_eq!(orphan.metadata.owner_references.unwrap_or_default(), []);
}

#[tokio::test]
async fn an_object_of_an_owner_that_never_was_is_garbage() {
    let live = LiveCluster::start().await;
    let mut nobody = live
        .cluster
        .create("v1", "ConfigMap", Some("test"), json!({"metadata": {"name": "o"}}))
        .await
        .expect("created");
    nobody.metadata.uid = Some("00000000-0000-4000-8000-000000000000".into());
    owned(&live, "d", &nobody, false).await;
    live.until_gone("v1", "ConfigMap", "d").await;
}

#[tokio::test]
async fn a_definition_ends_with_the_objects_of_its_kind() {
    let live = LiveCluster::start().await;
    let schema = json!({"openAPIV3Schema": {"type": "object"}});
    let definition = json!({"metadata": {"name": "widgets.example.com"}, "spec": {"group": "example.com", "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [{"name": "v1", "served": true, "storage": true, "schema": schema}]}});
    live.cluster
        .create("apiextensions.k8s.io/v1", "CustomResourceDefinition", None, definition)
        .await
        .expect("created");
    live.cluster
        .create("example.com/v1", "Widget", Some("test"), json!({"metadata": {"name": "w"}}))
        .await
        .expect("created");
    let definitions = live.cluster.cluster_api("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    definitions.delete("widgets.example.com", &DeleteParams::default()).await.expect("asked");
    live.until_gone("apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.example.com").await;
    assert_eq!(refused(live.cluster.api("example.com/v1", "Widget").get("w").await).code, 404);
}

#[tokio::test]
async fn the_objects_of_a_foreign_group_outlive_the_namespace() {
    let live = LiveCluster::start().await;
    let release = istio::Release { major: 1, minor: 18 };
    live.cluster.server.attach(&istio::group(release, Store::new()));
    let route: Value = json!([{"route": [{"destination": {"host": "s"}}]}]);
    let fields = json!({"metadata": {"name": "v"}, "spec": {"hosts": ["a.example.com"], "http": route}});
    live.cluster.apply("us", "networking.istio.io/v1beta1", "VirtualService", fields).await.expect("applied");
    live.cluster.cluster_api("v1", "Namespace").delete("test", &DeleteParams::default()).await.expect("asked");
    live.until_gone("v1", "Namespace", "test").await;
    live.cluster.api("networking.istio.io/v1beta1", "VirtualService").get("v").await.expect("it is still there");
}

#[tokio::test]
async fn a_cluster_works_again_after_a_reset() {
    let live = LiveCluster::start().await;
    rolled_out(&live, "d", 2).await;
    let live = live.reset().await;
    assert_eq!(live.cluster.names("apps/v1", "Deployment", &ListParams::default()).await, Vec::<String>::new());
    rolled_out(&live, "d", 1).await;
    assert_eq!(live.pods("app=d").await.len(), 1);
}
