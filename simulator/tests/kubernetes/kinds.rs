use std::sync::{Arc, Mutex};

use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::api::{Api, ListParams, Patch, PatchParams};
use serde_json::{Value, json};
use tcmesh_simulator::kubernetes::{ApiError, ApiGroup, Disturbance, Entry, Object, Options, Store, istio};

use crate::support::{Cluster, object, refused};

fn widgets() -> Value {
    let schema = json!({"type": "object", "properties": {
        "spec": {"type": "object", "properties": {"size": {"type": "integer", "default": 3}, "colour": {"type": "string"}}},
        "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}});
    json!({"metadata": {"name": "widgets.example.com"}, "spec": {"group": "example.com", "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"}, "versions": [{"name": "v1", "served": true, "storage": true,
        "schema": {"openAPIV3Schema": schema}, "subresources": {"status": {}}}]}})
}

fn definition() -> Object {
    let object = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", widgets());
    Object::try_from(serde_json::to_value(object).expect("json")).expect("an object")
}

#[tokio::test]
async fn a_definition_serves_its_kind() {
    let cluster = Cluster::start().await;
    let widget = |spec: Value| json!({"metadata": {"name": "w"}, "spec": spec});
    assert_eq!(refused(cluster.create("example.com/v1", "Widget", Some("test"), widget(json!({}))).await).code, 404);
    let created =
        cluster.create("apiextensions.k8s.io/v1", "CustomResourceDefinition", None, widgets()).await.expect("created");
    assert_eq!(created.data["status"]["conditions"][1]["type"], "Established");
    let made = cluster.create("example.com/v1", "Widget", Some("test"), widget(json!({"colour": "red", "x": 1}))).await;
    assert_eq!(made.expect("created").data["spec"], json!({"colour": "red", "size": 3}));
    let wrong = widget(json!({"size": "big"}));
    let refusal = refused(cluster.create("example.com/v1", "Widget", Some("test"), wrong).await);
    assert_eq!(refusal.code, 422);
    let message = "Widget.example.com \"w\" is invalid: spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"";
    assert_eq!(refusal.message, message);
    let strategic = Patch::Strategic(json!({"spec": {"size": 4}}));
    let refusal =
        refused(cluster.api("example.com/v1", "Widget").patch("w", &PatchParams::default(), &strategic).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (415, "UnsupportedMediaType"));
}

#[tokio::test]
async fn an_attached_group_is_shared_and_survives_being_detached() {
    let (one, other) = (Cluster::start().await, Cluster::start().await);
    let group = ApiGroup::from_definitions(&[definition()], Store::new());
    one.server.attach(&group);
    other.server.attach(&group);
    one.apply("a", "example.com/v1", "Widget", json!({"metadata": {"name": "w"}})).await.expect("applied");
    assert_eq!(other.names("example.com/v1", "Widget", &ListParams::default()).await, ["w"]);
    let services = other.cluster_api("apiregistration.k8s.io/v1", "APIService");
    services.get("v1.example.com").await.expect("an APIService");
    other.server.detach("example.com");
    assert_eq!(refused(other.api("example.com/v1", "Widget").get("w").await).code, 404);
    assert_eq!(refused(services.get("v1.example.com").await).code, 404);
    other.server.attach(&group);
    other.api("example.com/v1", "Widget").get("w").await.expect("it is still there");
}

#[tokio::test]
async fn services_get_addresses_and_keep_them() {
    let cluster = Cluster::start().await;
    let fields =
        |name: &str, kind: &str| json!({"metadata": {"name": name}, "spec": {"type": kind, "ports": [{"port": 80}]}});
    let first = cluster.apply("a", "v1", "Service", fields("s", "ClusterIP")).await.expect("applied");
    let address = first.data["spec"]["clusterIP"].clone();
    assert!(address.as_str().is_some_and(|address| address.starts_with("10.96.")), "{address}");
    assert_eq!(first.data["spec"]["ports"], json!([{"port": 80, "protocol": "TCP", "targetPort": 80}]));
    let other = cluster.apply("a", "v1", "Service", fields("t", "NodePort")).await.expect("applied");
    assert_ne!(other.data["spec"]["clusterIP"], address);
    assert!(other.data["spec"]["ports"][0]["nodePort"].is_u64());
    let services: Api<Service> = Api::namespaced(cluster.client.clone(), "test");
    let moved = Patch::Merge(json!({"spec": {"clusterIP": "10.96.9.9", "clusterIPs": ["10.96.9.9"]}}));
    let refusal = refused(services.patch("s", &PatchParams::default(), &moved).await);
    assert!(refusal.message.contains("may not change once set"), "{}", refusal.message);
    let again = cluster.apply("a", "v1", "Service", fields("t", "ClusterIP")).await.expect("applied");
    assert_eq!(again.data["spec"]["ports"][0].get("nodePort"), None);
}

#[tokio::test]
async fn admission_hooks_change_and_refuse_objects() {
    let cluster = Cluster::start().await;
    let label = |review: &mut tcmesh_simulator::kubernetes::Review<'_>| {
        if review.resource == "configmaps" {
            review.object.set("/metadata/labels/added", "yes");
        }
        Ok(())
    };
    cluster.server.add_admission("label", Arc::new(label));
    let made =
        cluster.create("v1", "ConfigMap", Some("test"), json!({"metadata": {"name": "c"}})).await.expect("created");
    assert_eq!(made.metadata.labels.and_then(|labels| labels.get("added").cloned()).as_deref(), Some("yes"));
    cluster.server.add_admission("refuse", Arc::new(|_| Err(ApiError::denied_by("x.example.com", "no"))));
    let refusal = refused(cluster.create("v1", "ConfigMap", Some("test"), json!({"metadata": {"name": "d"}})).await);
    assert_eq!(refusal.message, "admission webhook \"x.example.com\" denied the request: no");
    cluster.server.remove_admission("refuse");
    cluster.create("v1", "ConfigMap", Some("test"), json!({"metadata": {"name": "d"}})).await.expect("created");
}

#[tokio::test]
async fn requests_are_recorded_and_disturbed() {
    let entries = Arc::new(Mutex::new(Vec::new()));
    let journal = Arc::clone(&entries);
    let options = Options {
        journal: Some(Arc::new(move |entry: Entry| journal.lock().expect("the journal").push(entry))),
        faults: Some(Arc::new(|incoming| match incoming.path.rsplit('/').next() {
            Some("refused") => Some(Disturbance::Refuse(ApiError::internal("broken"))),
            Some("lost") => Some(Disturbance::LoseReply),
            _ => None,
        })),
        ..Options::default()
    };
    let cluster = Cluster::start_with(options).await;
    let api: Api<ConfigMap> = Api::namespaced(cluster.client.clone(), "test");
    assert_eq!(refused(api.get("refused").await).code, 500);
    let lost = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "lost"}});
    let reply = api.patch("lost", &PatchParams::apply("a"), &Patch::Apply(lost)).await;
    assert!(!matches!(reply, Ok(_) | Err(kube::Error::Api(_))));
    assert_eq!(cluster.names("v1", "ConfigMap", &ListParams::default()).await, ["lost"]);
    let entries = entries.lock().expect("the journal");
    let recorded = entries.iter().find(|entry| entry.path.contains("/lost")).expect("recorded");
    assert_eq!(
        (recorded.method.as_str(), recorded.user.as_str(), recorded.write, recorded.code),
        ("PATCH", "admin", true, 201)
    );
}

#[tokio::test]
async fn istio_kinds_are_served_by_release_and_checked() {
    let cluster = Cluster::start().await;
    let store = Store::new();
    cluster.server.attach(&istio::group(istio::Release { major: 1, minor: 12 }, Arc::clone(&store)));
    let gateway = json!({"metadata": {"name": "g"}, "spec": {"selector": {"istio": "ingressgateway"}, "servers": [
        {"port": {"number": 80, "name": "HTTP-80", "protocol": "HTTP"}, "hosts": ["*.imroc.cc"]}]}});
    cluster.apply("a", "networking.istio.io/v1alpha3", "Gateway", gateway).await.expect("applied");
    let other = cluster.api("networking.istio.io/v1beta1", "Gateway").get("g").await.expect("the same object");
    assert_eq!(other.types.map(|types| types.api_version).as_deref(), Some("networking.istio.io/v1beta1"));
    assert_eq!(refused(cluster.api("networking.istio.io/v1", "Gateway").get("g").await).code, 404);

    let route = |weight: u32| {
        json!({"metadata": {"name": "v"}, "spec": {"hosts": ["a.imroc.cc"], "http": [{"route": [
        {"destination": {"host": "x"}, "weight": 50}, {"destination": {"host": "y"}, "weight": weight}]}]}})
    };
    let refusal = refused(cluster.apply("a", "networking.istio.io/v1beta1", "VirtualService", route(40)).await);
    assert_eq!(refusal.code, 400);
    let message = "admission webhook \"validation.istio.io\" denied the request: configuration is invalid: total destination weight 90 != 100";
    assert_eq!(refusal.message, message);
    cluster.apply("a", "networking.istio.io/v1beta1", "VirtualService", route(50)).await.expect("applied");

    cluster.server.attach(&istio::group(istio::Release { major: 1, minor: 22 }, store));
    cluster.api("networking.istio.io/v1", "Gateway").get("g").await.expect("served as v1 now");
    cluster.apply("a", "networking.istio.io/v1", "VirtualService", route(40)).await.expect("shares");
    let wrong = json!({"metadata": {"name": "w"}, "spec": {"hosts": "a.imroc.cc"}});
    let refusal = refused(cluster.create("networking.istio.io/v1", "VirtualService", Some("test"), wrong).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (422, "Invalid"));
}
