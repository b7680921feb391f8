//! The story of three clusters behind one gateway: each break changes the answers of the hosts concerned and no other.

use std::sync::Arc;

use serde_json::{Value, json};

use super::world::{World, ask, get, main_gateway, routes, says, to};

/// One service in each of three clusters, the third in another account.
fn three_clusters() -> Arc<World> {
    let world = Arc::new(World::default());
    world.add("cluster1", "cls-1", &[("172.16.0.2", says("cluster1"))]);
    world.add("cluster2", "cls-2", &[("10.2.0.2", says("cluster2"))]);
    world.add("cluster3", "cls-3", &[("172.18.0.2", says("cluster3"))]);
    world
}

/// A host for each cluster, and one with a path for each of two.
fn objects() -> Vec<Value> {
    let host = |name: &str| routes(name, json!([to(name, json!({}))]));
    let path = |prefix: &str, name: &str| {
        to(name, json!({ "match": [{ "uri": { "prefix": prefix } }], "rewrite": { "uri": "/" } }))
    };
    let paths = routes("paths", json!([path("/two", "cluster2"), path("/three", "cluster3")]));
    vec![main_gateway(), host("cluster1"), host("cluster2"), host("cluster3"), paths]
}

/// Status and body of each host of the story.
async fn answers(world: &Arc<World>, objects: &[Value]) -> Vec<(u16, String)> {
    let gateway = world.gateway(objects);
    let mut answers = Vec::new();
    for url in
        ["cluster1.imroc.cc/", "cluster2.imroc.cc/", "cluster3.imroc.cc/", "paths.imroc.cc/two", "paths.imroc.cc/three"]
    {
        let answer = ask(&gateway, get(url)).await;
        answers.push((answer.status, answer.body));
    }
    answers
}

fn ok(name: &str) -> (u16, String) {
    (200, name.into())
}

/// The answers where what leads to the third cluster gives another one.
fn with_third(status: u16, body: &str) -> Vec<(u16, String)> {
    let third = (status, body.to_owned());
    vec![ok("cluster1"), ok("cluster2"), third.clone(), ok("cluster2"), third]
}

#[tokio::test]
async fn every_host_is_answered_by_its_own_cluster() {
    assert_eq!(answers(&three_clusters(), &objects()).await, with_third(200, "cluster3"));
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_the_network_does_not_reach_is_503() {
    let world = three_clusters();
    world.cut_off("172.18.0.2");
    let body = "upstream connect error or disconnect/reset before headers. reset reason: connection failure";
    assert_eq!(answers(&world, &objects()).await, with_third(503, body));
}

#[tokio::test]
async fn a_cluster_that_is_not_linked_is_503() {
    let world = three_clusters();
    world.forget("cluster3");
    assert_eq!(answers(&world, &objects()).await, with_third(503, ""));
}

#[tokio::test]
async fn a_service_without_pods_is_503() {
    let world = three_clusters();
    world.forget("cluster3");
    world.add("cluster3", "cls-3", &[]);
    assert_eq!(answers(&world, &objects()).await, with_third(503, "no healthy upstream"));
}

#[tokio::test]
async fn a_selector_that_picks_other_pods_is_404_for_all() {
    let mut objects = objects();
    objects[0]["spec"]["selector"] = json!({ "istio": "other" });
    assert_eq!(answers(&three_clusters(), &objects).await, vec![(404, String::new()); 5]);
}

#[tokio::test]
async fn an_unknown_host_is_404() {
    let gateway = three_clusters().gateway(&objects());
    assert_eq!(ask(&gateway, get("unknown.imroc.cc/")).await.brief(), (404, ""));
}
