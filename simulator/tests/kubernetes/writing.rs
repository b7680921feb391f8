use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use crate::support::{Cluster, deployment, object, refused};

#[tokio::test]
async fn a_name_is_given_out_once_and_can_be_made_up() {
    let cluster = Cluster::start().await;
    let fields = json!({"metadata": {"name": "c"}});
    cluster.create("v1", "ConfigMap", Some("test"), fields.clone()).await.expect("created");
    let refusal = refused(cluster.create("v1", "ConfigMap", Some("test"), fields).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (409, "AlreadyExists"));
    assert_eq!(refusal.message, "configmaps \"c\" already exists");
    let made_up = cluster.create("v1", "ConfigMap", Some("test"), json!({"metadata": {"generateName": "c-"}})).await;
    let name = made_up.expect("created").metadata.name.expect("a name");
    assert!(name.starts_with("c-") && name.len() == 7, "{name}");
}

#[tokio::test]
async fn an_update_of_an_old_state_is_refused() {
    let cluster = Cluster::start().await;
    let api: Api<ConfigMap> = Api::namespaced(cluster.client.clone(), "test");
    let mut first = ConfigMap::default();
    first.metadata.name = Some("c".into());
    let first = api.create(&PostParams::default(), &first).await.expect("created");
    let mut changed = first.clone();
    changed.data = Some([("k".into(), "v".into())].into());
    api.replace("c", &PostParams::default(), &changed).await.expect("updated");
    let refusal = refused(api.replace("c", &PostParams::default(), &changed).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (409, "Conflict"));
    assert!(
        refusal.message.starts_with("Operation cannot be fulfilled on configmaps \"c\": the object has been modified")
    );
    changed.metadata.resource_version = None;
    changed.metadata.uid = Some("another".into());
    assert_eq!(refused(api.replace("c", &PostParams::default(), &changed).await).code, 409);
}

#[tokio::test]
async fn every_kind_of_patch_changes_its_object() {
    let cluster = Cluster::start().await;
    cluster.apply("a", "apps/v1", "Deployment", deployment("d", 1, "i")).await.expect("applied");
    let api: Api<Deployment> = Api::namespaced(cluster.client.clone(), "test");
    let patch = async |patch: Patch<Value>| api.patch("d", &PatchParams::default(), &patch).await;

    let merged = patch(Patch::Merge(json!({"spec": {"replicas": 2}}))).await.expect("merged");
    assert_eq!(merged.spec.and_then(|spec| spec.replicas), Some(2));
    assert_eq!(merged.metadata.generation, Some(2));

    let container = json!({"spec": {"template": {"spec": {"containers": [{"name": "extra", "image": "j"}]}}}});
    let added = patch(Patch::Strategic(container)).await.expect("merged");
    let containers = added.spec.and_then(|spec| spec.template.spec).expect("a pod spec").containers;
    assert_eq!(containers.len(), 2);

    let operations = json!([{"op": "replace", "path": "/spec/replicas", "value": 5}]);
    let request = http::Request::patch("/apis/apps/v1/namespaces/test/deployments/d")
        .header("content-type", "application/json-patch+json")
        .body(operations.to_string().into_bytes());
    let replaced: Deployment = cluster.client.request(request.expect("a request")).await.expect("patched");
    assert_eq!(replaced.spec.and_then(|spec| spec.replicas), Some(5));
}

#[tokio::test]
async fn invalid_objects_are_refused_with_every_cause() {
    let cluster = Cluster::start().await;
    let mut fields = deployment("d", 1, "");
    fields["spec"]["selector"] = json!({"matchLabels": {"app": "other"}});
    let refusal = refused(cluster.create("apps/v1", "Deployment", Some("test"), fields).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (422, "Invalid"));
    let causes = refusal.details.expect("details").causes;
    let fields: Vec<_> = causes.iter().map(|cause| cause.field.as_str()).collect();
    assert_eq!(fields, ["spec.template.spec.containers[0].image", "spec.template.metadata.labels"]);
    let refusal = refused(cluster.create("v1", "ConfigMap", Some("test"), json!({"metadata": {"name": "A_b"}})).await);
    assert!(refusal.message.starts_with("ConfigMap \"A_b\" is invalid: metadata.name: Invalid value: \"A_b\""));
    let refusal = refused(
        cluster.create("v1", "ConfigMap", Some("test"), json!({"data": {"k": 1}, "metadata": {"name": "c"}})).await,
    );
    assert_eq!((refusal.code, refusal.reason.as_str()), (400, "BadRequest"));
}

#[tokio::test]
async fn immutable_fields_stay() {
    let cluster = Cluster::start().await;
    cluster.apply("a", "apps/v1", "Deployment", deployment("d", 1, "i")).await.expect("applied");
    let mut moved = deployment("d", 1, "i");
    moved["spec"]["selector"]["matchLabels"] = json!({"app": "e"});
    moved["spec"]["template"]["metadata"]["labels"] = json!({"app": "e"});
    let refusal = refused(cluster.apply("a", "apps/v1", "Deployment", moved).await);
    assert!(
        refusal.message.contains("spec.selector: Invalid value") && refusal.message.ends_with("field is immutable")
    );
}

#[tokio::test]
async fn unknown_fields_are_dropped_or_refused_as_asked() {
    let cluster = Cluster::start().await;
    let mut fields = deployment("d", 1, "i");
    fields["spec"]["colour"] = "red".into();
    let path = |validation: &str| format!("/apis/apps/v1/namespaces/test/deployments?fieldValidation={validation}");
    let create = async |validation: &str| {
        let body = serde_json::to_vec(&object("apps/v1", "Deployment", fields.clone())).expect("json");
        let request = http::Request::post(path(validation)).header("content-type", "application/json").body(body);
        cluster.client.request::<Value>(request.expect("a request")).await
    };
    let refusal = refused(create("Strict").await);
    assert_eq!(refusal.code, 400);
    assert!(refusal.message.ends_with("strict decoding error: unknown field \"spec.colour\""), "{}", refusal.message);
    assert_eq!(create("Warn").await.expect("created")["spec"].get("colour"), None);
}

#[tokio::test]
async fn nothing_is_created_in_a_namespace_that_is_not_there() {
    let cluster = Cluster::start().await;
    let refusal = refused(cluster.create("v1", "ConfigMap", Some("none"), json!({"metadata": {"name": "c"}})).await);
    assert_eq!((refusal.code, refusal.message.as_str()), (404, "namespaces \"none\" not found"));
}

#[tokio::test]
async fn the_scale_of_a_deployment_is_read_and_set() {
    let cluster = Cluster::start().await;
    cluster.apply("a", "apps/v1", "Deployment", deployment("d", 1, "i")).await.expect("applied");
    let api: Api<Deployment> = Api::namespaced(cluster.client.clone(), "test");
    let scale = api.get_scale("d").await.expect("a scale");
    assert_eq!(scale.status.and_then(|status| status.selector).as_deref(), Some("app=d"));
    let patch = Patch::Merge(json!({"spec": {"replicas": 3}}));
    api.patch_scale("d", &PatchParams::default(), &patch).await.expect("scaled");
    let refusal = refused(cluster.apply("a", "apps/v1", "Deployment", deployment("d", 1, "i")).await);
    assert!(
        refusal.message.contains("with subresource \"scale\" using apps/v1: .spec.replicas"),
        "{}",
        refusal.message
    );
}
