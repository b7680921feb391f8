//! What all resources do that are one object of Istio's.

use serde_json::{Value as Json, json};
use tcmesh::framework::value::Value;
use tcmesh_simulator::kubernetes::istio::{self, Release};
use tcmesh_simulator::kubernetes::{Disturbance, Options, Store};

use super::support::{World, at, cluster, terraform};
use crate::harness::client::{Stored, by_id, by_identity, with};

const ROUTE: &str = "tcmesh_host_route";
const GATEWAY: &str = "tcmesh_gateway";
const ISTIO: &str = "networking.istio.io/v1beta1";

fn route(weights: &[i64]) -> Json {
    let to = |(index, weight): (usize, &i64)| json!({"service": format!("s{index}"), "namespace": "test", "port": 80, "weight": weight});
    let destinations: Vec<_> = weights.iter().enumerate().map(to).collect();
    json!({
        "namespace": "test",
        "name": "split",
        "hosts": ["split.imroc.cc"],
        "gateways": ["istio-system/cluster"],
        "labels": {"team": "web"},
        "rule": [{"destination": destinations, "timeout": "60s"}],
    })
}

fn gateway() -> Json {
    json!({
        "namespace": "istio-system",
        "name": "cluster",
        "selector": {"istio": "ingressgateway"},
        "server": [{"port": {"number": 80, "name": "HTTP-80", "protocol": "HTTP"}, "hosts": ["*.imroc.cc"]}],
    })
}

async fn live(world: &World) -> Option<Json> {
    world.live(ISTIO, "VirtualService", "test", "split").await
}

/// A world in which the route exists.
async fn with_route() -> (World, Value, Stored) {
    let world = World::start().await;
    let config = world.terraform.config(ROUTE, route(&[80, 20]));
    let stored = world.create(ROUTE, &config).await;
    (world, config, stored)
}

#[tokio::test]
async fn an_object_is_applied_as_it_is_configured_and_settles() {
    let (world, _, stored) = with_route().await;
    let found = live(&world).await.unwrap();
    assert_eq!(found["metadata"]["labels"], json!({"team": "web"}));
    assert_eq!(found["spec"]["http"][0]["route"][0]["destination"]["host"], "s0.test.svc.cluster.local");
    assert_eq!(at(&stored, "id"), &"test#split".into());
    assert_eq!(at(&stored, "api_version"), &ISTIO.into());
    assert!(at(&stored, "cluster_uid").as_str().is_some_and(|uid| !uid.is_empty()));
    assert!(at(&stored, "account_id").is_null() && at(&stored, "region").is_null(), "no cloud is asked");
    let gateway = world.terraform.config(GATEWAY, gateway());
    let stored = world.create(GATEWAY, &gateway).await;
    assert_eq!(at(&stored, "reference"), &"istio-system/cluster".into());
}

#[tokio::test]
async fn weights_shift_in_place_by_one_write() {
    let (world, _, stored) = with_route().await;
    let config = world.terraform.config(ROUTE, route(&[50, 50]));
    let planned = world.terraform.plan(ROUTE, &config, &stored).await;
    assert_eq!(planned.requires_replace, [""; 0]);
    assert!(planned.state.is_wholly_known(), "a shift shows no unknown values");
    world.take_writes();
    let (shifted, told) = world.terraform.apply(ROUTE, &config, &stored).await;
    assert_eq!((told, world.take_writes().len()), (vec![], 1));
    world.settled(ROUTE, &config, &shifted).await;
    assert_eq!(live(&world).await.unwrap()["spec"]["http"][0]["route"][1]["weight"], 50);
}

#[tokio::test]
async fn what_others_add_is_left_alone() {
    let (world, config, stored) = with_route().await;
    let patch = json!({"metadata": {"labels": {"added": "x"}, "annotations": {"added": "y"}}});
    world.change(ISTIO, "VirtualService", "test", "split", patch).await;
    world.settled(ROUTE, &config, &stored).await;
    let config = world.terraform.config(ROUTE, route(&[10, 90]));
    world.update(ROUTE, &config, &stored).await;
    assert_eq!(live(&world).await.unwrap()["metadata"]["labels"], json!({"team": "web", "added": "x"}));
}

#[tokio::test]
async fn a_webhook_that_writes_into_every_object_is_no_drift() {
    let world = World::start().await;
    world.server.add_admission(
        "labeller",
        std::sync::Arc::new(|review| {
            let mut object = review.object.as_value().clone();
            object["metadata"]["labels"]["injected"] = "yes".into();
            object["metadata"]["annotations"]["injected"] = "yes".into();
            *review.object = object.try_into().unwrap();
            Ok(())
        }),
    );
    world.create(ROUTE, &world.terraform.config(ROUTE, route(&[80, 20]))).await;
    assert_eq!(live(&world).await.unwrap()["metadata"]["labels"]["injected"], "yes");
}

#[tokio::test]
async fn a_change_outside_shows_at_its_attribute_and_is_put_right_by_force_only() {
    let (world, config, stored) = with_route().await;
    let mut http = live(&world).await.unwrap()["spec"]["http"].clone();
    http[0]["route"][1]["weight"] = 99.into();
    http[0]["timeout"] = "1m".into();
    world.change(ISTIO, "VirtualService", "test", "split", json!({"spec": {"http": http}})).await;
    let (read, told) = world.terraform.read(ROUTE, &stored).await;
    assert_eq!(told, [""; 0]);
    assert_eq!(at(&read, "rule.0.destination.1.weight"), &99.into());
    assert_eq!(at(&read, "rule.0.timeout"), &"60s".into(), "a minute is the same time");

    let (kept, told) = world.terraform.apply(ROUTE, &config, &read).await;
    assert_eq!(told, ["error: Cannot change the VirtualService test/split"]);
    let details = world.terraform.details();
    assert!(details.contains("`.spec.http` (held by `kubectl-edit`)"), "{details}");
    assert!(details.contains("force_conflicts = true"), "{details}");
    assert_eq!(at(&kept, "rule.0.destination.1.weight"), &99.into(), "nothing was changed");

    let forced = with(config, "force_conflicts", true.into());
    world.update(ROUTE, &forced, &kept).await;
    assert_eq!(live(&world).await.unwrap()["spec"]["http"][0]["route"][1]["weight"], 20);
}

#[tokio::test]
async fn an_object_that_is_gone_is_planned_anew() {
    let (world, config, stored) = with_route().await;
    world.api(ISTIO, "VirtualService", "test").delete("split", &Default::default()).await.unwrap();
    let (gone, told) = world.terraform.read(ROUTE, &stored).await;
    assert_eq!((gone.state, told), (Value::Null, vec![]));
    world.create(ROUTE, &config).await;
}

#[tokio::test]
async fn deleting_waits_and_deleting_twice_succeeds() {
    let (world, _, stored) = with_route().await;
    for _ in 0..2 {
        let (gone, told) = world.terraform.destroy(ROUTE, &stored).await;
        assert_eq!((gone.state, told), (Value::Null, vec![]));
        assert!(live(&world).await.is_none());
    }
}

#[tokio::test]
async fn in_another_cluster_an_absence_is_an_error() {
    let (_, _, stored) = with_route().await;
    let other = cluster(Options::default()).await;
    other.attach(&istio::group(Release { major: 1, minor: 18 }, Store::new()));
    let elsewhere = terraform(&other).await;
    let (read, told) = elsewhere.read(ROUTE, &stored).await;
    assert_eq!(read.state, stored.state, "the state stays as it is");
    assert_eq!(told, ["error: Cannot make sure that this is the object's cluster"]);
    let (kept, told) = elsewhere.destroy(ROUTE, &stored).await;
    assert_eq!((kept.state, told.len()), (stored.state, 1));
}

#[tokio::test]
async fn a_new_place_needs_a_new_object() {
    let (world, config, stored) = with_route().await;
    for (name, value) in [("namespace", "other"), ("name", "other"), ("cluster_id", "cls-65r1c5nu")] {
        let moved = with(config.clone(), name, value.into());
        assert_eq!(world.terraform.plan(ROUTE, &moved, &stored).await.requires_replace, [name]);
    }
}

#[tokio::test]
async fn an_import_finds_everything_and_leaves_nothing_to_write() {
    let (world, config, stored) = with_route().await;
    let parts = [
        ("cluster_id", Value::Null),
        ("namespace", "test".into()),
        ("name", "split".into()),
        ("account_id", Value::Null),
        ("region", Value::Null),
    ];
    for request in [by_id(ROUTE, "test#split"), by_identity(ROUTE, parts)] {
        let stub = world.terraform.import(request).await.unwrap();
        let (read, told) = world.terraform.read(ROUTE, &stub).await;
        assert_eq!(told, [""; 0]);
        assert_eq!(with(read.state.clone(), "force_conflicts", false.into()), stored.state);
        world.take_writes();
        let (applied, told) = world.terraform.apply(ROUTE, &config, &read).await;
        assert_eq!((told, world.take_writes()), (vec![], vec![]), "only what the API does not know is taken on");
        world.settled(ROUTE, &config, &applied).await;
    }
}

#[tokio::test]
async fn an_object_that_kubectl_made_can_be_imported_as_it_is() {
    let world = World::start().await;
    let object = json!({
        "apiVersion": ISTIO, "kind": "VirtualService", "metadata": {"name": "split", "labels": {"team": "web"},
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}},
        "spec": {"hosts": ["split.imroc.cc"], "gateways": ["istio-system/cluster"], "http": [{"timeout": "60s", "route": [
            {"destination": {"host": "s0.test.svc.cluster.local", "port": {"number": 80}}, "weight": 80},
            {"destination": {"host": "s1.test.svc.cluster.local", "port": {"number": 80}}, "weight": 20}]}]},
    });
    world.make("test", object).await;
    let config = world.terraform.config(ROUTE, route(&[80, 20]));

    let (nothing, told) = world.terraform.apply(ROUTE, &config, &Stored::nothing()).await;
    assert_eq!((nothing.state, told), (Value::Null, vec!["error: The object exists already @name".to_owned()]));
    assert!(world.terraform.details().contains("to = tcmesh_host_route.example\n  id = \"test#split\""));

    let stub = world.terraform.import(by_id(ROUTE, "test#split")).await.unwrap();
    let (read, _) = world.terraform.read(ROUTE, &stub).await;
    let (applied, told) = world.terraform.apply(ROUTE, &config, &read).await;
    assert_eq!(told, [""; 0]);
    world.settled(ROUTE, &config, &applied).await;
}

#[tokio::test]
async fn what_does_not_exist_cannot_be_imported() {
    let world = World::start().await;
    let stub = world.terraform.import(by_id(ROUTE, "test#none")).await.unwrap();
    assert_eq!(world.terraform.read(ROUTE, &stub).await.1, ["error: Nothing to import"]);
    assert_eq!(world.terraform.import(by_id(ROUTE, "none")).await.unwrap_err(), ["error: Invalid ID"]);
}

#[tokio::test]
async fn a_lost_answer_leaves_one_object_and_a_clean_state() {
    for disturbance in [Disturbance::LoseReply, Disturbance::LoseRequest] {
        let world = World::start().await;
        world.disturb("PATCH", disturbance);
        world.create(ROUTE, &world.terraform.config(ROUTE, route(&[80, 20]))).await;
    }
}

#[tokio::test]
async fn what_an_earlier_apply_left_behind_is_taken_on() {
    let (world, config, _) = with_route().await;
    let (stored, told) = world.terraform.apply(ROUTE, &config, &Stored::nothing()).await;
    assert_eq!(told, ["warning: Existing object taken on"]);
    world.settled(ROUTE, &config, &stored).await;
}

#[tokio::test]
async fn a_refusal_of_the_mesh_is_told_and_leaves_nothing() {
    let world = World::start().await;
    let mut config = route(&[80, 20]);
    config["namespace"] = "absent".into();
    let (stored, told) = world.terraform.apply(ROUTE, &world.terraform.config(ROUTE, config), &Stored::nothing()).await;
    assert_eq!(told, ["error: Cannot create the VirtualService absent/split"]);
    assert!(world.terraform.details().contains("namespaces \"absent\" not found"), "{}", world.terraform.details());
    assert_eq!(world.terraform.read(ROUTE, &stored).await.0.state, Value::Null);
}

#[tokio::test]
async fn the_version_of_the_api_is_the_best_that_the_cluster_serves() {
    for (minor, version) in [(12, "v1beta1"), (22, "v1"), (27, "v1")] {
        let world = World::unlinked().await;
        world.server.attach(&istio::group(Release { major: 1, minor }, Store::new()));
        let stored = world.create(GATEWAY, &world.terraform.config(GATEWAY, gateway())).await;
        assert_eq!(at(&stored, "api_version"), &format!("networking.istio.io/{version}").as_str().into());
    }
}

#[tokio::test]
async fn in_a_cluster_that_leaves_the_mesh_an_object_is_gone_until_it_is_linked_again() {
    let world = World::unlinked().await;
    let store = Store::new();
    let group = || istio::group(Release { major: 1, minor: 18 }, std::sync::Arc::clone(&store));
    world.server.attach(&group());
    let config = world.terraform.config(GATEWAY, gateway());
    let stored = world.create(GATEWAY, &config).await;
    world.server.detach(istio::GROUP);
    let (gone, told) = world.terraform.read(GATEWAY, &stored).await;
    assert_eq!((gone.state, told), (Value::Null, vec![]), "{}", world.terraform.details());
    assert_eq!(world.terraform.destroy(GATEWAY, &stored).await.1, [""; 0]);
    world.server.attach(&group());
    let (again, told) = world.terraform.apply(GATEWAY, &config, &Stored::nothing()).await;
    assert_eq!(told, ["warning: Existing object taken on"]);
    world.settled(GATEWAY, &config, &again).await;
}

#[tokio::test]
async fn fields_that_the_model_does_not_have_are_named_when_they_go() {
    let (world, config, stored) = with_route().await;
    let mut http = live(&world).await.unwrap()["spec"]["http"].clone();
    http[0]["match"] = json!([{"uri": {"prefix": "/"}, "sourceLabels": {"app": "a"}}]);
    let patch = json!({"spec": {"http": http, "tcp": [{"route": [{"destination": {"host": "a"}}]}]}});
    world.change(ISTIO, "VirtualService", "test", "split", patch).await;
    let (read, _) = world.terraform.read(ROUTE, &stored).await;
    let forced = with(config, "force_conflicts", true.into());
    let (applied, told) = world.terraform.apply(ROUTE, &forced, &read).await;
    assert_eq!(told, ["warning: Fields that this resource does not know"]);
    assert!(
        world.terraform.details().contains("`spec.http[0].match[0].sourceLabels`"),
        "{}",
        world.terraform.details()
    );
    assert!(!live(&world).await.unwrap()["spec"]["tcp"].is_null(), "what is in no list of ours is left alone");
    world.settled(ROUTE, &forced, &applied).await;
}

#[tokio::test]
async fn a_refresh_costs_one_request_an_object() {
    let (world, _, stored) = with_route().await;
    for _ in 0..3 {
        world.terraform.read(ROUTE, &stored).await;
    }
    assert_eq!(world.take_requests(), 3);
}

#[tokio::test]
async fn a_cluster_that_cannot_be_reached_is_an_error_and_no_absence() {
    let (world, _, stored) = with_route().await;
    world.server.stop();
    let stopped = with(stored.state.clone(), "timeouts", crate::harness::client::timeouts([("read", "1s")]));
    let (read, told) = world.terraform.read(ROUTE, &Stored { state: stopped.clone(), ..stored }).await;
    assert_eq!((read.state, told.len()), (stopped, 1), "the state stays as it is");
}
