//! Whatever request fails in whatever way: the next apply ends what this one began, and nothing is left over.

use serde_json::{Value as Json, json};
use tcmesh::framework::value::Value;
use tcmesh_simulator::kubernetes::{ApiError, Disturbance};

use super::support::{World, terraform};
use crate::harness::client::Stored;

/// How a request fails.
fn disturbances() -> [Disturbance; 4] {
    [
        Disturbance::Refuse(ApiError::bad_request("no")),
        Disturbance::Refuse(ApiError::internal("not now")),
        Disturbance::LoseRequest,
        Disturbance::LoseReply,
    ]
}

fn route(weight: i64) -> Json {
    let to = |service: &str, weight: i64| json!({"service": service, "namespace": "test", "weight": weight});
    json!({"namespace": "test", "name": "r", "hosts": ["a.imroc.cc"], "rule": [
        {"destination": [to("a", weight), to("b", 100 - weight)]}]})
}

fn manifest(value: i64) -> Json {
    let object = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Endpoints\nmetadata: {{name: {name}, namespace: test, labels: {{v: v{value}}}}}\n"
        )
    };
    // The second object has another name in each version, so that an update deletes one.
    json!({"yaml": format!("{}---\n{}", object("same"), object(&format!("other-{value}")))})
}

/// Applies until there is no error, reading in between as Terraform does.
async fn converge(world: &World, type_name: &str, config: &Value, mut stored: Stored) -> Stored {
    for _ in 0..3 {
        let (applied, told) = world.terraform.apply(type_name, config, &stored).await;
        if told.iter().all(|line| !line.starts_with("error")) {
            return applied;
        }
        stored = match applied.state.is_null() {
            true => Stored::nothing(),
            false => world.terraform.read(type_name, &applied).await.0,
        };
    }
    panic!("{type_name} did not converge: {}", world.terraform.details());
}

/// How many failures of one kind there were until a whole life passed without one.
async fn survived(
    type_name: &str,
    config: fn(i64) -> Json,
    (api_version, kind): (&str, &str),
    how: &Disturbance,
) -> usize {
    let mut world = World::start().await;
    for skipped in 0.. {
        // A provider that has learned nothing of the cluster yet.
        world.terraform = terraform(&world.server).await;
        world.disturb_after(skipped, how.clone());
        let [first, second] = [80, 50].map(|value| world.terraform.config(type_name, config(value)));
        let stored = converge(&world, type_name, &first, Stored::nothing()).await;
        let stored = converge(&world, type_name, &second, stored).await;
        let (mut gone, _) = world.terraform.destroy(type_name, &stored).await;
        if !gone.state.is_null() {
            gone = world.terraform.destroy(type_name, &gone).await.0;
        }
        assert_eq!(gone.state, Value::Null, "{how:?} after {skipped}");
        let left = world.api(api_version, kind, "test").list(&Default::default()).await.unwrap().items;
        assert_eq!(left.len(), 0, "{how:?} after {skipped}: {left:?}");
        if world.is_undisturbed() {
            return skipped;
        }
    }
    unreachable!("a life ends")
}

async fn survives(type_name: &str, config: fn(i64) -> Json, object: (&str, &str)) {
    let mut cases = 0;
    for how in disturbances() {
        cases += survived(type_name, config, object, &how).await;
    }
    assert!(cases > 40, "only {cases} cases");
}

#[tokio::test]
async fn a_route_survives_every_failure_of_every_request() {
    survives("tcmesh_host_route", route, ("networking.istio.io/v1beta1", "VirtualService")).await;
}

#[tokio::test]
async fn a_manifest_survives_every_failure_of_every_request() {
    survives("tcmesh_manifest", manifest, ("v1", "Endpoints")).await;
}
