//! The whole story, and what breaks it: one thing at a time, with the exact answer of each host.

use serde_json::{Value, json};
use tcmesh_simulator::state::AgentReport;

use crate::story::{
    MEMBER_VPC, Made, accept, answers, ask, gateway, istio_gateway, link, link_registered, mesh, network, own_services,
    publish, registration, routes, selector, service, unlink,
};
use crate::world::{CLUSTER1, CLUSTER2, CLUSTER3, Running, start, until};

/// What a gateway says where the network does not carry its request.
const NOT_CONNECTED: &str =
    "upstream connect error or disconnect/reset before headers. reset reason: connection failure";

/// The whole story; the request of account b is accepted where `accepted` says so.
async fn story(running: &Running, accepted: bool) -> Made {
    let mut made = network(running).await;
    if accepted {
        accept(running, &made).await;
    }
    registration(running, &mut made).await;
    connect(running, &made);
    mesh(running, &mut made).await;
    link(running, &made, CLUSTER1).await;
    link(running, &made, CLUSTER2).await;
    link_registered(running, &made).await;
    own_services(running).await;
    service(&running.cluster(CLUSTER3).await, "cluster3").await;
    gateway(running, &mut made).await;
    routes(&running.cluster(CLUSTER1).await).await;
    made
}

/// What the agent in cluster3 does once it reaches the hub.
fn connect(running: &Running, made: &Made) {
    let report = AgentReport { cluster_id: CLUSTER3.into(), version: "1.28.3".into(), nodes: 1 };
    running.handle.cloud().write(|cloud| cloud.registrations.agent_connected(&made.registered, report));
}

/// The answers where what leads to the third cluster gives another one than it should.
fn with_third(status: u16, body: &str) -> Vec<(u16, String)> {
    let (ok, third) = (|name: &str| (200, name.to_owned()), (status, body.to_owned()));
    vec![ok("cluster1"), ok("cluster2"), third.clone(), ok("cluster2"), third]
}

/// Waits for the answers of the unbroken story.
async fn until_well(running: &Running, made: &Made) {
    until(with_third(200, "cluster3"), async || answers(running, made).await).await;
}

async fn until_third(running: &Running, made: &Made, status: u16, body: &str) {
    until(with_third(status, body), async || answers(running, made).await).await;
}

/// The console's switch of a route in the table of account b's VPC.
async fn switch_route(running: &Running, destination: &str, enabled: bool) {
    let switch = json!({"vpc_route": {"vpc_id": MEMBER_VPC, "destination": destination, "enabled": enabled}});
    assert_eq!(running.control("POST", "console", switch).await.0, 200);
}

#[tokio::test]
async fn three_hosts_are_answered_by_three_clusters_of_two_accounts() {
    let running = start().await;
    let made = story(&running, true).await;
    until_well(&running, &made).await;
    let mut answered = std::collections::BTreeMap::<String, u32>::new();
    for _ in 0..100 {
        *answered.entry(ask(&running, &made, "split.imroc.cc/").await.1).or_default() += 1;
    }
    assert_eq!(answered, [("cluster1".to_owned(), 80), ("cluster3".to_owned(), 20)].into());
}

#[tokio::test]
async fn a_request_that_was_not_accepted_leaves_the_third_cluster_unreachable() {
    let running = start().await;
    let made = story(&running, false).await;
    until_third(&running, &made, 503, NOT_CONNECTED).await;
    accept(&running, &made).await;
    until_well(&running, &made).await;
}

#[tokio::test]
async fn the_way_back_counts_as_much_as_the_way_there() {
    let running = start().await;
    let made = story(&running, true).await;
    // The gateway's pods have addresses of cluster1's container network.
    switch_route(&running, "172.16.0.0/18", false).await;
    until_third(&running, &made, 503, NOT_CONNECTED).await;
    switch_route(&running, "172.16.0.0/18", true).await;
    until_well(&running, &made).await;
}

#[tokio::test]
async fn a_container_network_that_is_not_published_is_not_reached() {
    let running = start().await;
    let made = story(&running, true).await;
    publish(&running, CLUSTER3, false).await;
    until_third(&running, &made, 503, NOT_CONNECTED).await;
    publish(&running, CLUSTER3, true).await;
    until_well(&running, &made).await;
    // Without the gateway's own network, nothing outside its VPC finds its way back.
    publish(&running, CLUSTER1, false).await;
    let lost = || (503, NOT_CONNECTED.to_owned());
    let expected = vec![(200, "cluster1".to_owned()), lost(), lost(), lost(), lost()];
    until(expected, async || answers(&running, &made).await).await;
}

#[tokio::test]
async fn the_services_of_an_unlinked_cluster_are_not_known() {
    let running = start().await;
    let made = story(&running, true).await;
    unlink(&running, &made, &made.registered).await;
    until_third(&running, &made, 503, "").await;
    link_registered(&running, &made).await;
    until_well(&running, &made).await;
}

#[tokio::test]
async fn a_selector_that_picks_no_gateway_leaves_every_host_unknown() {
    let running = start().await;
    let made = story(&running, true).await;
    let cluster = running.cluster(CLUSTER1).await;
    cluster.apply(&istio_gateway(&json!({"app": "other"}))).await.unwrap();
    until(vec![(404, String::new()); 5], async || answers(&running, &made).await).await;
    cluster.apply(&istio_gateway(&selector())).await.unwrap();
    until_well(&running, &made).await;
}

#[tokio::test]
async fn a_service_without_pods_is_unavailable() {
    let running = start().await;
    let made = story(&running, true).await;
    let deployments = running.cluster(CLUSTER3).await.api("apps/v1", "Deployment", "test");
    let scale = async |replicas: u32| {
        let patch = json!({"spec": {"replicas": replicas}});
        deployments.patch("cluster3", &Default::default(), &kube::api::Patch::Merge(&patch)).await.unwrap();
    };
    scale(0).await;
    until_third(&running, &made, 503, "no healthy upstream").await;
    scale(1).await;
    until_well(&running, &made).await;
}

#[tokio::test]
async fn an_unknown_host_is_not_found_and_the_others_are() {
    let running = start().await;
    let made = story(&running, true).await;
    until_well(&running, &made).await;
    assert_eq!(ask(&running, &made, "unknown.imroc.cc/").await, (404, String::new()));
    assert_eq!(ask(&running, &made, "paths.imroc.cc/other").await, (404, String::new()));
    until_well(&running, &made).await;
}

#[tokio::test]
async fn after_the_story_the_world_is_as_it_was_before() {
    let running = start().await;
    let before = running.objects().await;
    let made = story(&running, true).await;
    until_well(&running, &made).await;
    for cluster in [CLUSTER1, CLUSTER2, CLUSTER3] {
        let namespaces = running.cluster(cluster).await.api("v1", "Namespace", "");
        namespaces.delete("test", &Default::default()).await.unwrap();
    }
    running.a.ok("tcm", "DeleteMesh", json!({"MeshId": made.mesh_id})).await;
    running.advance("2s").await;
    running.a.ok("tdcc", "DeleteExternalCluster", json!({"ClusterId": made.registered})).await;
    running.advance("2s").await;
    running.a.ok("tdcc", "DeleteHubCluster", json!({"ClusterId": made.hub_id})).await;
    running.advance("2s").await;
    until(before, async || running.objects().await).await;
    assert_eq!(running.control("GET", "gateways", Value::Null).await.1, json!({}));
}
