use kube::api::{DeleteParams, ListParams, Patch, PatchParams, Preconditions, PropagationPolicy};
use serde_json::json;

use crate::support::{Cluster, deployment, refused};

#[tokio::test]
async fn an_object_without_finalizers_goes_at_once() {
    let cluster = Cluster::start().await;
    cluster.create("v1", "ConfigMap", Some("test"), json!({"metadata": {"name": "c"}})).await.expect("created");
    let deleted = cluster.api("v1", "ConfigMap").delete("c", &DeleteParams::default()).await.expect("deleted");
    assert!(deleted.right().is_some_and(|status| status.is_success()));
    assert_eq!(refused(cluster.api("v1", "ConfigMap").delete("c", &DeleteParams::default()).await).code, 404);
}

#[tokio::test]
async fn an_object_waits_for_its_finalizers_and_takes_no_new_ones() {
    let cluster = Cluster::start().await;
    let api = cluster.api("v1", "ConfigMap");
    let fields = json!({"metadata": {"name": "c", "finalizers": ["example.com/held"]}});
    cluster.create("v1", "ConfigMap", Some("test"), fields).await.expect("created");
    let object = api.delete("c", &DeleteParams::default()).await.expect("asked").left().expect("it is still there");
    assert!(object.metadata.deletion_timestamp.is_some());

    let finalizers = |list: &[&str]| Patch::Merge(json!({"metadata": {"finalizers": list}}));
    let more = api.patch("c", &PatchParams::default(), &finalizers(&["example.com/held", "example.com/late"])).await;
    assert!(refused(more).message.contains("no new finalizers can be added if the object is being deleted"));
    api.patch("c", &PatchParams::default(), &finalizers(&[])).await.expect("released");
    assert_eq!(refused(api.get("c").await).code, 404);
}

#[tokio::test]
async fn a_delete_can_say_which_object_it_means() {
    let cluster = Cluster::start().await;
    let api = cluster.api("v1", "ConfigMap");
    cluster.create("v1", "ConfigMap", Some("test"), json!({"metadata": {"name": "c"}})).await.expect("created");
    let preconditions = Preconditions { uid: Some("another".into()), resource_version: None };
    let params = DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() };
    let refusal = refused(api.delete("c", &params).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (409, "Conflict"));
    api.get("c").await.expect("it is still there");
    api.delete("c", &DeleteParams::default().dry_run()).await.expect("a dry run");
    api.get("c").await.expect("it is still there");
}

#[tokio::test]
async fn the_propagation_policy_becomes_a_finalizer() {
    let cluster = Cluster::start().await;
    let api = cluster.api("apps/v1", "Deployment");
    for (name, policy, finalizer) in
        [("f", PropagationPolicy::Foreground, "foregroundDeletion"), ("o", PropagationPolicy::Orphan, "orphan")]
    {
        cluster.apply("a", "apps/v1", "Deployment", deployment(name, 1, "i")).await.expect("applied");
        let params = DeleteParams { propagation_policy: Some(policy), ..DeleteParams::default() };
        let object = api.delete(name, &params).await.expect("asked").left().expect("it is still there");
        assert_eq!(object.metadata.finalizers, Some(vec![finalizer.to_owned()]));
    }
}

#[tokio::test]
async fn a_selection_is_deleted_together() {
    let cluster = Cluster::start().await;
    for (name, app) in [("a", "x"), ("b", "y"), ("c", "x")] {
        let fields = json!({"metadata": {"name": name, "labels": {"app": app}}});
        cluster.create("v1", "ConfigMap", Some("test"), fields).await.expect("created");
    }
    let selected = ListParams::default().labels("app=x");
    cluster.api("v1", "ConfigMap").delete_collection(&DeleteParams::default(), &selected).await.expect("deleted");
    assert_eq!(cluster.names("v1", "ConfigMap", &ListParams::default()).await, ["b"]);
}

#[tokio::test]
async fn a_namespace_without_controllers_stays_and_takes_nothing_new() {
    let cluster = Cluster::start().await;
    cluster.cluster_api("v1", "Namespace").delete("test", &DeleteParams::default()).await.expect("asked");
    let refusal = refused(cluster.create("v1", "ConfigMap", Some("test"), json!({"metadata": {"name": "c"}})).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (403, "Forbidden"));
    let expected =
        "configmaps \"c\" is forbidden: unable to create new content in namespace test because it is being terminated";
    assert_eq!(refusal.message, expected);
    let namespace = cluster.cluster_api("v1", "Namespace").get("test").await.expect("it is still there");
    assert_eq!(namespace.data["status"]["phase"], "Terminating");
}
