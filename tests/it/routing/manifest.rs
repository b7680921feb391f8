//! Manifests: applied, read, drifting, pruned and deleted.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tcmesh::framework::value::Value;
use tcmesh_simulator::kubernetes::{ApiError, Disturbance, Identity, Options};

use super::support::{World, at, cluster, terraform};
use crate::harness::client::{Stored, by_id, with};

const MANIFEST: &str = "tcmesh_manifest";

/// The first service of the story, with its namespace.
const SERVICE: &str = concat!(
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf, namespace: shop}\ndata: {a: '1'}\n---\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {app: web}}\n",
    "spec:\n  replicas: 1\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n",
    "    spec: {containers: [{name: web, image: 'nginx:1', resources: {limits: {cpu: '0.5', memory: 1024Mi}}}]}\n---\n",
    "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n",
    "spec: {selector: {app: web}, ports: [{port: 80, name: http}]}\n",
);

const IDENTIFIER: &str = "v1/Namespace//shop,v1/ConfigMap/shop/conf,v1/Service/shop/web,apps/v1/Deployment/shop/web";

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf, namespace: test}\ndata: {a: '1'}\n";

fn config(world: &World, yaml: &str) -> Value {
    world.terraform.config(MANIFEST, json!({"yaml": yaml}))
}

async fn with_manifest(yaml: &str) -> (World, Value, Stored) {
    let world = World::unlinked().await;
    let config = config(&world, yaml);
    let stored = world.create(MANIFEST, &config).await;
    (world, config, stored)
}

fn drift(stored: &Stored) -> Vec<&str> {
    let Value::List(lines) = at(stored, "drift") else { panic!("no list") };
    lines.iter().map(|line| line.as_str().unwrap()).collect()
}

async fn deployment(world: &World) -> Json {
    world.live("apps/v1", "Deployment", "shop", "web").await.unwrap()
}

#[tokio::test]
async fn documents_are_applied_in_the_order_of_their_needs_and_settle() {
    let (world, _, stored) = with_manifest(SERVICE).await;
    let names = (0..4).map(|index| at(&stored, &format!("objects.{index}.kind")).as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["Namespace", "ConfigMap", "Service", "Deployment"]);
    assert!(at(&stored, "objects.0.namespace").is_null());
    assert_eq!(at(&stored, "id"), &IDENTIFIER.into());
    assert_eq!(deployment(&world).await["spec"]["strategy"]["type"], "RollingUpdate", "defaults are no drift");
}

#[tokio::test]
async fn a_plan_asks_no_cluster() {
    let (world, _, stored) = with_manifest(SERVICE).await;
    world.server.stop();
    let changed = config(&world, CONFIG);
    assert_eq!(world.terraform.plan(MANIFEST, &changed, &stored).await.diagnostics, [""; 0]);
    assert_eq!(world.terraform.plan(MANIFEST, &changed, &Stored::nothing()).await.diagnostics, [""; 0]);
    assert_eq!(world.take_requests(), 0);
}

#[tokio::test]
async fn what_is_wrong_with_a_manifest_is_told_when_it_is_validated() {
    let world = World::unlinked().await;
    let told = world.terraform.validate(MANIFEST, &config(&world, "kind: ConfigMap\n"), true).await;
    assert_eq!(told, ["error: Invalid value @yaml"]);
    assert!(world.terraform.details().contains("document 1 of the manifest: `apiVersion` is missing"));
}

#[tokio::test]
async fn another_spelling_of_the_same_objects_is_no_change() {
    let (world, _, stored) = with_manifest(CONFIG).await;
    let spelled =
        "# a comment\nkind: ConfigMap\napiVersion: v1\nmetadata:\n  namespace: test\n  name: conf\ndata:\n  a: \"1\"\n";
    let planned = world.terraform.plan(MANIFEST, &config(&world, spelled), &stored).await;
    assert_eq!(planned.state, stored.state);
}

#[tokio::test]
async fn drift_is_told_by_object_and_path_and_put_right_where_nobody_else_holds_it() {
    let (world, config, stored) = with_manifest(SERVICE).await;
    let patch = json!({"spec": {"replicas": 3}, "metadata": {"labels": {"app": null, "added": "x"}}});
    world.change("apps/v1", "Deployment", "shop", "web", patch).await;
    world.api("v1", "ConfigMap", "shop").delete("conf", &Default::default()).await.unwrap();
    let (read, told) = world.terraform.read(MANIFEST, &stored).await;
    assert_eq!(told, [""; 0]);
    let expected = [
        "ConfigMap shop/conf: absent",
        "Deployment shop/web: metadata.labels.app = absent",
        "Deployment shop/web: spec.replicas = 3",
    ];
    assert_eq!(drift(&read), expected);
    let planned = world.terraform.plan(MANIFEST, &config, &read).await;
    assert_eq!(planned.state.field("drift"), &Value::List(vec![]));

    let (kept, told) = world.terraform.apply(MANIFEST, &config, &read).await;
    assert_eq!(told, ["error: Cannot apply the Deployment shop/web"]);
    assert!(
        world.terraform.details().contains("`.spec.replicas` (held by `kubectl-edit`)"),
        "{}",
        world.terraform.details()
    );
    assert_eq!(drift(&kept), expected[1..], "the rest is put right");

    world.update(MANIFEST, &with(config, "force_conflicts", true.into()), &kept).await;
    let found = deployment(&world).await;
    assert_eq!(
        (found["spec"]["replicas"].as_i64(), &found["metadata"]["labels"]),
        (Some(1), &json!({"app": "web", "added": "x"}))
    );
}

#[tokio::test]
async fn a_value_that_the_cluster_always_writes_differently_is_no_drift() {
    let world = World::unlinked().await;
    world.server.add_admission(
        "pinner",
        Arc::new(|review| {
            let mut object = review.object.as_value().clone();
            if review.resource == "deployments" {
                object["spec"]["template"]["spec"]["containers"][0]["image"] =
                    "mirror.example.com/nginx@sha256:1".into();
            }
            *review.object = object.try_into().unwrap();
            Ok(())
        }),
    );
    let config = config(&world, SERVICE);
    let stored = world.create(MANIFEST, &config).await;
    assert_eq!(drift(&stored), [""; 0]);
    world.change("apps/v1", "Deployment", "shop", "web", json!({"spec": {"replicas": 2}})).await;
    assert_eq!(drift(&world.terraform.read(MANIFEST, &stored).await.0), ["Deployment shop/web: spec.replicas = 2"]);
}

#[tokio::test]
async fn without_dry_runs_a_difference_is_told_as_it_seems() {
    let (world, _, stored) = with_manifest(CONFIG).await;
    world.change("v1", "ConfigMap", "test", "conf", json!({"data": {"a": "2"}})).await;
    world.disturb("PATCH", Disturbance::Refuse(ApiError::bad_request("no dry runs here")));
    let (read, told) = world.terraform.read(MANIFEST, &stored).await;
    assert_eq!((drift(&read), told), (vec!["ConfigMap test/conf: data.a = \"2\""], vec![]));
}

#[tokio::test]
async fn a_secret_shows_that_it_changed_and_not_to_what() {
    let yaml = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: test}\nstringData: {password: a}\n";
    let (world, _, stored) = with_manifest(yaml).await;
    world.change("v1", "Secret", "test", "s", json!({"data": {"password": "aHVudGVyMg=="}})).await;
    assert_eq!(drift(&world.terraform.read(MANIFEST, &stored).await.0), ["Secret test/s: data.password = (sensitive)"]);
}

#[tokio::test]
async fn what_a_changed_manifest_does_not_hold_any_more_is_deleted() {
    let (world, _, stored) = with_manifest(&format!("{SERVICE}---\n{CONFIG}")).await;
    let config = config(&world, SERVICE);
    let planned = world.terraform.plan(MANIFEST, &config, &stored).await;
    assert_eq!((planned.state.field("objects"), planned.requires_replace.len()), (&Value::Unknown, 0));
    let updated = world.update(MANIFEST, &config, &stored).await;
    assert!(world.live("v1", "ConfigMap", "test", "conf").await.is_none());
    assert_eq!(updated.state.field("id"), stored.state.field("id"));
}

#[tokio::test]
async fn the_same_object_in_another_version_of_its_api_is_not_deleted() {
    let world = World::unlinked().await;
    let defined = |version: &str| {
        format!(
            "{DEFINITION}---\napiVersion: example.com/{version}\nkind: Widget\nmetadata: {{name: w, namespace: test}}\nspec: {{size: 1}}\n"
        )
    };
    let stored = world.create(MANIFEST, &config(&world, &defined("v1"))).await;
    let uid = world.live("example.com/v1", "Widget", "test", "w").await.unwrap()["metadata"]["uid"].clone();
    let updated = world.update(MANIFEST, &config(&world, &defined("v2")), &stored).await;
    assert_eq!(at(&updated, "objects.1.api_version"), &"example.com/v2".into());
    assert_eq!(world.live("example.com/v2", "Widget", "test", "w").await.unwrap()["metadata"]["uid"], uid);
}

const DEFINITION: &str = concat!(
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}\n",
    "spec:\n  group: example.com\n  scope: Namespaced\n  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}\n",
    "  versions:\n",
    "  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}\n",
    "  - {name: v2, served: true, storage: false, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}\n",
);

#[tokio::test]
async fn a_kind_and_its_first_object_are_applied_at_once_and_deleted_in_reverse() {
    let world = World::unlinked().await;
    let yaml = format!(
        "apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: w}}\nspec: {{size: 1}}\n---\n{DEFINITION}"
    );
    let stored = world.create(MANIFEST, &config(&world, &yaml)).await;
    assert_eq!(
        at(&stored, "objects.1.namespace"),
        &"default".into(),
        "only the cluster knew that the kind has namespaces"
    );
    assert!(world.live("example.com/v1", "Widget", "default", "w").await.is_some());
    world.take_writes();
    let (gone, told) = world.terraform.destroy(MANIFEST, &stored).await;
    assert_eq!((gone.state, told), (Value::Null, vec![]));
    let expected = [
        "DELETE /apis/example.com/v1/namespaces/default/widgets/w",
        "DELETE /apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com",
    ];
    assert_eq!(world.take_writes(), expected);
}

#[tokio::test]
async fn a_kind_that_the_cluster_does_not_know_is_an_error() {
    let world = World::unlinked().await;
    let yaml = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: test}\n";
    let (_, told) = world.terraform.apply(MANIFEST, &config(&world, yaml), &Stored::nothing()).await;
    assert_eq!(told, ["error: Cannot apply the Widget test/w"]);
    assert!(world.terraform.details().contains("serves nothing of that kind"), "{}", world.terraform.details());
}

#[tokio::test]
async fn a_failure_in_the_middle_is_repaired_by_the_next_apply() {
    let (world, _, stored) = with_manifest(&format!("{SERVICE}---\n{CONFIG}")).await;
    let changed = config(&world, &SERVICE.replace("a: '1'", "a: '2'"));
    world.disturb("DELETE", Disturbance::Refuse(ApiError::bad_request("not now")));
    let (kept, told) = world.terraform.apply(MANIFEST, &changed, &stored).await;
    assert_eq!(told, ["error: Cannot delete the ConfigMap test/conf"]);
    let (read, _) = world.terraform.read(MANIFEST, &kept).await;
    let (healed, told) = world.terraform.apply(MANIFEST, &changed, &read).await;
    assert_eq!(told, [""; 0]);
    world.settled(MANIFEST, &changed, &healed).await;
    assert!(world.live("v1", "ConfigMap", "test", "conf").await.is_none());
}

#[tokio::test]
async fn a_failed_creation_knows_what_it_made() {
    let world = World::unlinked().await;
    let broken = SERVICE.replace("namespace: shop}\nspec: {selector", "namespace: shop}\nspec: {selectors");
    let (kept, told) = world.terraform.apply(MANIFEST, &config(&world, &broken), &Stored::nothing()).await;
    assert_eq!(told, ["error: Cannot apply the Service shop/web"]);
    assert!(world.live("v1", "ConfigMap", "shop", "conf").await.is_some());
    let (gone, told) = world.terraform.destroy(MANIFEST, &kept).await;
    assert_eq!((gone.state, told), (Value::Null, vec![]));
    assert!(world.live("v1", "ConfigMap", "shop", "conf").await.is_none());
}

#[tokio::test]
async fn a_manifest_whose_objects_are_all_gone_is_planned_anew() {
    let (world, _, stored) = with_manifest(CONFIG).await;
    world.api("v1", "ConfigMap", "test").delete("conf", &Default::default()).await.unwrap();
    assert_eq!(world.terraform.read(MANIFEST, &stored).await.0.state, Value::Null);
    let (gone, told) = world.terraform.destroy(MANIFEST, &stored).await;
    assert_eq!((gone.state, told), (Value::Null, vec![]));
}

#[tokio::test]
async fn a_deletion_that_something_holds_says_what() {
    let (world, config, stored) = with_manifest(CONFIG).await;
    world.change("v1", "ConfigMap", "test", "conf", json!({"metadata": {"finalizers": ["example.com/hold"]}})).await;
    let timeouts = crate::harness::client::timeouts([("delete", "1s")]);
    let limited = Stored { state: with(stored.state.clone(), "timeouts", timeouts), ..stored };
    let (kept, told) = world.terraform.destroy(MANIFEST, &limited).await;
    assert_eq!(told, ["error: Cannot delete the ConfigMap test/conf"]);
    assert!(world.terraform.details().contains("example.com/hold"), "{}", world.terraform.details());
    world.change("v1", "ConfigMap", "test", "conf", json!({"metadata": {"finalizers": null}})).await;
    assert!(!kept.state.is_null() && !config.is_null());
}

#[tokio::test]
async fn an_import_names_the_objects_and_takes_on_the_manifest() {
    let (world, config, stored) = with_manifest(SERVICE).await;
    let stub = world.terraform.import(by_id(MANIFEST, IDENTIFIER)).await.unwrap();
    let (read, told) = world.terraform.read(MANIFEST, &stub).await;
    assert_eq!(told, [""; 0]);
    assert_eq!(read.state.field("objects"), stored.state.field("objects"));
    world.take_writes();
    let (applied, told) = world.terraform.apply(MANIFEST, &config, &read).await;
    assert_eq!((told, world.take_writes()), (vec![], vec![]), "only what the API does not know is taken on");
    world.settled(MANIFEST, &config, &applied).await;
    let stub = world.terraform.import(by_id(MANIFEST, "v1/ConfigMap/shop/none")).await.unwrap();
    assert_eq!(world.terraform.read(MANIFEST, &stub).await.1, ["error: Nothing to import"]);
}

#[tokio::test]
async fn objects_of_another_cluster_are_not_believed_to_be_gone() {
    let (_, _, stored) = with_manifest(CONFIG).await;
    let elsewhere = terraform(&cluster(Options::default()).await).await;
    let (read, told) = elsewhere.read(MANIFEST, &stored).await;
    assert_eq!(
        (read.state, told),
        (stored.state, vec!["error: Cannot make sure that this is the object's cluster".to_owned()])
    );
}

#[tokio::test]
async fn a_caller_without_rights_is_told_which() {
    let world = World::unlinked().await;
    let kubeconfig = world.server.kubeconfig(&Identity::new("guest", &[])).unwrap();
    let guest =
        crate::harness::client::Terraform::of(|| tcmesh::provider::server(tcmesh::scope::StopSwitch::default()));
    let block = json!({"secret_id": "AKID", "secret_key": "key", "kubernetes": {"kubeconfig": kubeconfig}});
    assert_eq!(guest.configure(&guest.provider(block)).await, [""; 0]);
    let (_, told) = guest.apply(MANIFEST, &config(&world, CONFIG), &Stored::nothing()).await;
    assert_eq!(told, ["error: Cannot find out which cluster this is"]);
    assert!(guest.details().contains("Give the caller the right in the cluster"), "{}", guest.details());
}

#[tokio::test]
async fn an_object_of_somebody_else_is_taken_on_with_a_warning() {
    let world = World::unlinked().await;
    let object =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}, "data": {"a": "1", "b": "2"}});
    world.make("test", object).await;
    let same = config(&world, CONFIG);
    let (stored, told) = world.terraform.apply(MANIFEST, &same, &Stored::nothing()).await;
    assert_eq!(told, ["warning: Existing objects taken on @yaml"]);
    world.settled(MANIFEST, &same, &stored).await;
    let other = config(&world, &CONFIG.replace("a: '1'", "b: '3'"));
    let (_, told) = world.terraform.apply(MANIFEST, &other, &Stored::nothing()).await;
    assert_eq!(told, ["error: Cannot apply the ConfigMap test/conf"], "a field of somebody else");
}
