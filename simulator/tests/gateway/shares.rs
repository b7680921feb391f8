//! Shares of requests, one after the other and all at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use tcmesh_simulator::gateway::Gateway;

use super::world::{World, ask, get, main_gateway, routes, says, to};

fn split() -> Gateway {
    let world = Arc::new(World::default());
    world.add("cluster1", "cls-1", &[("10.0.0.1", says("cluster1"))]);
    world.add("cluster3", "cls-3", &[("10.3.0.1", says("cluster3"))]);
    let one = |name: &str, weight: u32| json!({ "destination": { "host": name }, "weight": weight });
    world.gateway(&[main_gateway(), routes("split", json!([{ "route": [one("cluster1", 80), one("cluster3", 20)] }]))])
}

#[tokio::test]
async fn a_thousand_requests_are_split_80_to_20_within_one_percent() {
    let gateway = split();
    let mut counts = BTreeMap::<String, usize>::new();
    for _ in 0..1_000 {
        *counts.entry(ask(&gateway, get("split.imroc.cc/")).await.body).or_default() += 1;
    }
    assert!(counts["cluster1"].abs_diff(800) <= 10, "{counts:?}");
}

/// How many of 250 requests the first cluster answers, on a runtime of their own.
fn a_quarter(gateway: &Gateway) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut first = 0;
        for _ in 0..250 {
            first += usize::from(ask(gateway, get("split.imroc.cc/")).await.body == "cluster1");
        }
        first
    })
}

#[test]
fn requests_at_once_are_split_just_as_well() {
    let gateway = split();
    let first: usize = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4).map(|_| scope.spawn(|| a_quarter(&gateway))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    assert!(first.abs_diff(800) <= 10, "{first}");
}

#[tokio::test]
async fn pods_of_one_service_in_two_clusters_take_turns() {
    let world = Arc::new(World::default());
    world.add("web", "cls-1", &[("10.0.0.1", says("cls-1"))]);
    world.add("web", "cls-2", &[("10.1.0.1", says("cls-2"))]);
    let gateway = world.gateway(&[main_gateway(), routes("web", json!([to("web", json!({}))]))]);
    let mut bodies = Vec::new();
    for _ in 0..4 {
        bodies.push(ask(&gateway, get("web.imroc.cc/")).await.body);
    }
    assert_eq!(bodies, ["cls-1", "cls-2", "cls-1", "cls-2"]);
}
