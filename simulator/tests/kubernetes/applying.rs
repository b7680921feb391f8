use kube::api::PatchParams;
use serde_json::{Value, json};

use crate::support::{Cluster, deployment, refused};

fn config_map(data: &Value) -> Value {
    json!({"metadata": {"name": "c"}, "data": data})
}

#[tokio::test]
async fn two_managers_conflict_until_one_forces() {
    let cluster = Cluster::start().await;
    cluster.apply("a", "v1", "ConfigMap", config_map(&json!({"k": "1"}))).await.expect("applied");
    let refusal = refused(cluster.apply("b", "v1", "ConfigMap", config_map(&json!({"k": "2"}))).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (409, "Conflict"));
    assert_eq!(refusal.message, "Apply failed with 1 conflict: conflict with \"a\": .data.k");
    let causes = refusal.details.expect("details").causes;
    assert_eq!(causes[0].field, ".data.k");

    let force = PatchParams::apply("b").force();
    let forced = cluster.apply_with(&force, "v1", "ConfigMap", config_map(&json!({"k": "2"}))).await.expect("forced");
    assert_eq!(forced.data["data"], json!({"k": "2"}));
    let refusal = refused(cluster.apply("a", "v1", "ConfigMap", config_map(&json!({"k": "1"}))).await);
    assert_eq!(refusal.message, "Apply failed with 1 conflict: conflict with \"b\": .data.k");
}

#[tokio::test]
async fn conflicts_with_several_are_told_by_manager() {
    let cluster = Cluster::start().await;
    cluster.apply("a", "v1", "ConfigMap", config_map(&json!({"x": "1", "y": "1"}))).await.expect("applied");
    cluster.apply("b", "v1", "ConfigMap", config_map(&json!({"z": "1"}))).await.expect("applied");
    let refusal =
        refused(cluster.apply("c", "v1", "ConfigMap", config_map(&json!({"x": "2", "y": "2", "z": "2"}))).await);
    assert_eq!(
        refusal.message,
        "Apply failed with 3 conflicts: conflicts with \"a\":\n- .data.x\n- .data.y\nconflicts with \"b\":\n- .data.z"
    );
}

#[tokio::test]
async fn a_field_goes_when_its_last_manager_drops_it() {
    let cluster = Cluster::start().await;
    cluster.apply("a", "v1", "ConfigMap", config_map(&json!({"x": "1", "y": "1"}))).await.expect("applied");
    cluster.apply("b", "v1", "ConfigMap", config_map(&json!({"y": "1"}))).await.expect("shared");
    let without = cluster.apply("a", "v1", "ConfigMap", config_map(&json!({}))).await.expect("applied");
    assert_eq!(without.data["data"], json!({"y": "1"}));
    let empty = cluster.apply("b", "v1", "ConfigMap", json!({"metadata": {"name": "c"}})).await.expect("applied");
    assert_eq!(empty.data.get("data"), None);
}

#[tokio::test]
async fn a_list_item_that_only_we_own_goes_with_us_and_others_stay() {
    let cluster = Cluster::start().await;
    let service = |ports: Value| json!({"metadata": {"name": "s"}, "spec": {"ports": ports}});
    let ours = json!([{"name": "http", "port": 80}, {"name": "admin", "port": 81}]);
    cluster.apply("us", "v1", "Service", service(ours)).await.expect("applied");
    cluster.apply("them", "v1", "Service", service(json!([{"name": "tls", "port": 443}]))).await.expect("applied");
    let dropped =
        cluster.apply("us", "v1", "Service", service(json!([{"name": "http", "port": 80}]))).await.expect("applied");
    let ports = dropped.data["spec"]["ports"].as_array().expect("ports");
    let numbers: Vec<_> = ports.iter().map(|port| port["port"].as_u64()).collect();
    assert_eq!(numbers, [Some(80), Some(443)]);
}

#[tokio::test]
async fn managed_fields_are_exactly_what_was_applied() {
    let cluster = Cluster::start().await;
    let object = cluster.apply("a", "apps/v1", "Deployment", deployment("d", 1, "i")).await.expect("applied");
    let entries = object.metadata.managed_fields.expect("managed fields");
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].manager.as_deref(), entries[0].operation.as_deref()), (Some("a"), Some("Apply")));
    let fields = entries[0].fields_v1.as_ref().map(|fields| fields.0.clone());
    let expected = json!({"f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": {
        "f:metadata": {"f:labels": {"f:app": {}}},
        "f:spec": {"f:containers": {"k:{\"name\":\"main\"}": {".": {}, "f:name": {}, "f:image": {}}}}}}});
    assert_eq!(fields, Some(expected));
}

#[tokio::test]
async fn applying_the_same_again_writes_nothing() {
    let cluster = Cluster::start().await;
    let first = cluster.apply("a", "apps/v1", "Deployment", deployment("d", 1, "i")).await.expect("applied");
    let second = cluster.apply("a", "apps/v1", "Deployment", deployment("d", 1, "i")).await.expect("applied");
    assert_eq!(first.metadata.resource_version, second.metadata.resource_version);
    assert_eq!(second.metadata.generation, Some(1));
}

#[tokio::test]
async fn a_dry_run_shows_the_result_and_keeps_nothing() {
    let cluster = Cluster::start().await;
    let dry = PatchParams::apply("a").dry_run();
    let shown = cluster.apply_with(&dry, "apps/v1", "Deployment", deployment("d", 1, "i")).await.expect("shown");
    assert_eq!(shown.data["spec"]["strategy"]["type"], "RollingUpdate");
    assert_eq!(refused(cluster.api("apps/v1", "Deployment").get("d").await).code, 404);

    cluster.apply("a", "apps/v1", "Deployment", deployment("d", 1, "i")).await.expect("applied");
    let shown = cluster.apply_with(&dry, "apps/v1", "Deployment", deployment("d", 2, "i")).await.expect("shown");
    assert_eq!(shown.data["spec"]["replicas"], 2);
    let kept = cluster.api("apps/v1", "Deployment").get("d").await.expect("kept");
    assert_eq!(kept.data["spec"]["replicas"], 1);
}

#[tokio::test]
async fn fields_that_do_not_exist_cannot_be_applied() {
    let cluster = Cluster::start().await;
    let mut fields = deployment("d", 1, "i");
    fields["spec"]["colour"] = "red".into();
    let refusal = refused(cluster.apply("a", "apps/v1", "Deployment", fields).await);
    assert_eq!(refusal.code, 500);
    assert_eq!(
        refusal.message,
        "failed to create typed patch object (/d; apps/v1, Kind=Deployment): .spec.colour: field not declared in schema"
    );
}

#[tokio::test]
async fn an_apply_needs_a_manager() {
    let cluster = Cluster::start().await;
    let refusal = refused(cluster.apply_with(&PatchParams::default(), "v1", "ConfigMap", config_map(&json!({}))).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (422, "Invalid"));
    assert!(refusal.message.contains("fieldManager: Required value"), "{}", refusal.message);
}

#[tokio::test]
async fn the_status_is_applied_by_its_subresource_only() {
    let cluster = Cluster::start().await;
    let mut fields = deployment("d", 1, "i");
    fields["status"] = json!({"readyReplicas": 7});
    let object = cluster.apply("a", "apps/v1", "Deployment", fields.clone()).await.expect("applied");
    assert_eq!(object.data["status"], json!({}));
    let api = cluster.api("apps/v1", "Deployment");
    let patch = kube::api::Patch::Apply(crate::support::object("apps/v1", "Deployment", fields));
    let object = api.patch_status("d", &PatchParams::apply("a"), &patch).await.expect("applied");
    assert_eq!(object.data["status"]["readyReplicas"], 7);
    let managed = object.metadata.managed_fields.expect("managed fields");
    assert!(managed.iter().any(|entry| entry.subresource.as_deref() == Some("status")));
}
