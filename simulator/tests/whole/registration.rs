//! The agent of a registered cluster, its hub, and the states of the registration.

use serde_json::{Value, json};

use crate::story::{
    MEMBER_VPC, Made, accept, install_agent, network, open_hub, register, registration, registration_state,
    remove_agent, until_registration_is,
};
use crate::world::{CLUSTER3, Cluster, Running, start, start_with, until};

/// A hub, and a registered cluster that waits for its agent; its network is connected where `accepted` says so.
async fn waiting(running: &Running, accepted: bool) -> Made {
    let mut made = network(running).await;
    if accepted {
        accept(running, &made).await;
    }
    registration(running, &mut made).await;
    made
}

/// The same, registered.
async fn registered(running: &Running) -> Made {
    let made = waiting(running, true).await;
    install_agent(running, &made, &json!({})).await;
    until_registration_is(running, &made, "Running").await;
    made
}

/// The objects of a kind in the hub.
async fn in_hub(running: &Running, made: &Made, kind: &str) -> Value {
    running.objects().await[&made.hub_id][kind].take()
}

/// Lets the agent's deployment have so many pods, and waits until it has.
async fn scale_agent(running: &Running, replicas: u64) {
    let deployments = running.cluster(CLUSTER3).await.api("apps/v1", "Deployment", "clusternet-system");
    let patch = kube::api::Patch::Merge(json!({"spec": {"replicas": replicas}}));
    deployments.patch("clusternet-agent", &Default::default(), &patch).await.unwrap();
    let available = async || {
        let deployment = deployments.get("clusternet-agent").await.unwrap();
        let count = |name: &str| deployment.data["status"][name].as_u64().unwrap_or(0);
        (count("replicas"), count("availableReplicas"))
    };
    until((replicas, replicas), available).await;
}

#[tokio::test]
async fn a_cluster_whose_agent_reaches_the_hub_runs() {
    let running = start().await;
    let made = registered(&running).await;
    let listed = running.a.ok("tdcc", "DescribeExternalClusters", json!({})).await;
    let cluster = &listed["Clusters"][0];
    assert_eq!((&cluster["ClusterVersion"], &cluster["NodeNum"]), (&json!("1.28.3"), &json!(1)));
    let managed = in_hub(&running, &made, "ManagedCluster.clusters.clusternet.io").await;
    let name = managed[0].as_str().unwrap();
    assert!(name.starts_with("clusternet-") && name.ends_with(&format!("/{}", made.registered)), "{name}");
    let kept = running.objects().await[CLUSTER3]["Secret"].take();
    assert!(kept.as_array().unwrap().contains(&json!("clusternet-system/parent-cluster")), "{kept}");
}

#[tokio::test]
async fn on_the_intranet_an_agent_needs_the_network_to_its_hub() {
    let running = start().await;
    let made = waiting(&running, false).await;
    install_agent(&running, &made, &json!({})).await;
    scale_agent(&running, 3).await;
    assert_eq!(registration_state(&running, &made).await, "WaitingRegister");
    accept(&running, &made).await;
    until_registration_is(&running, &made, "Running").await;
}

#[tokio::test]
async fn on_the_extranet_an_agent_needs_no_network_to_its_hub() {
    let running = start().await;
    let made = waiting(&running, false).await;
    install_agent(&running, &made, &json!({"IsExtranet": true})).await;
    until_registration_is(&running, &made, "Running").await;
}

#[tokio::test]
async fn an_expired_token_is_refused_and_a_renewed_one_is_not() {
    let running = start().await;
    let made = waiting(&running, true).await;
    running.advance("24h").await;
    install_agent(&running, &made, &json!({})).await;
    scale_agent(&running, 3).await;
    assert_eq!(registration_state(&running, &made).await, "WaitingRegister");
    install_agent(&running, &made, &json!({"IsRefreshExpirationTime": true})).await;
    until_registration_is(&running, &made, "Running").await;
    let secrets = in_hub(&running, &made, "Secret").await;
    let tokens = secrets.as_array().unwrap().iter().filter(|name| name.as_str().unwrap().contains("bootstrap-token-"));
    assert_eq!(tokens.count(), 1);
}

#[tokio::test]
async fn however_far_the_clock_jumps_an_agent_that_runs_has_reported() {
    let running = start().await;
    let made = registered(&running).await;
    running.advance("720h").await;
    assert_eq!(registration_state(&running, &made).await, "Running");
    running.advance("1m").await;
    assert_eq!(registration_state(&running, &made).await, "Running");
}

#[tokio::test]
async fn a_cluster_is_abnormal_three_heartbeats_after_its_agents_last_report() {
    let running = start_with(|world| world.settings.agent_heartbeat = "10s".parse().unwrap()).await;
    let made = registered(&running).await;
    scale_agent(&running, 0).await;
    running.advance("29s").await;
    assert_eq!(registration_state(&running, &made).await, "Running");
    running.advance("1s").await;
    assert_eq!(registration_state(&running, &made).await, "Abnormal");
    scale_agent(&running, 1).await;
    until_registration_is(&running, &made, "Running").await;
}

#[tokio::test]
async fn a_cluster_that_lost_its_way_to_the_hub_is_abnormal_until_it_finds_it() {
    let running = start().await;
    let made = registered(&running).await;
    let switch = async |enabled: bool| {
        let route = json!({"vpc_id": MEMBER_VPC, "destination": "10.0.1.0/24", "enabled": enabled});
        assert_eq!(running.control("POST", "console", json!({ "vpc_route": route })).await.0, 200);
    };
    switch(false).await;
    running.advance("10m").await;
    assert_eq!(registration_state(&running, &made).await, "Abnormal");
    switch(true).await;
    until_registration_is(&running, &made, "Running").await;
}

#[tokio::test]
async fn the_credential_of_a_registered_cluster_leads_through_its_hub_while_the_agent_runs() {
    let running = start().await;
    let made = registered(&running).await;
    let request = json!({"ClusterId": made.registered});
    let answer = running.a.ok("tdcc", "DescribeExternalClusterCredential", request).await;
    let kubeconfig = answer["Kubeconfig"].as_str().unwrap();
    assert!(kubeconfig.contains("/apis/proxies.clusternet.io/v1alpha1/sockets/"), "{kubeconfig}");
    let through = Cluster::of(kubeconfig).await;
    let nodes = running.cluster(CLUSTER3).await.names("v1", "Node", "").await;
    assert_eq!(through.names("v1", "Node", "").await, nodes);
    scale_agent(&running, 0).await;
    let refusal = async || match through.api("v1", "Node", "").list(&Default::default()).await {
        Err(kube::Error::Api(status)) => (status.code, status.message.contains("whose agent is disconnected")),
        other => panic!("{other:?}"),
    };
    until(true, async || through.api("v1", "Node", "").list(&Default::default()).await.is_err()).await;
    assert_eq!(refusal().await, (400, true));
}

#[tokio::test]
async fn a_forgotten_cluster_leaves_nothing_in_the_hub_and_its_agent_is_not_heard() {
    let running = start().await;
    let mut made = waiting(&running, true).await;
    let before = running.objects().await[&made.hub_id].take();
    install_agent(&running, &made, &json!({})).await;
    until_registration_is(&running, &made, "Running").await;
    running.a.ok("tdcc", "DeleteExternalCluster", json!({"ClusterId": made.registered})).await;
    running.advance("2s").await;
    let namespaces = async || in_hub(&running, &made, "Namespace").await;
    until(before["Namespace"].clone(), namespaces).await;
    for kind in ["ManagedCluster.clusters.clusternet.io", "ClusterRegistrationRequest.clusters.clusternet.io"] {
        until(Value::Null, async || in_hub(&running, &made, kind).await).await;
    }
    assert!(running.objects().await[CLUSTER3]["Deployment.apps"].to_string().contains("clusternet-agent"));

    // The old manifest does not register the cluster again, a new one does.
    running.advance("10m").await;
    register(&running, &mut made).await;
    assert_eq!(registration_state(&running, &made).await, "WaitingRegister");
    install_agent(&running, &made, &json!({})).await;
    until_registration_is(&running, &made, "Running").await;
}

#[tokio::test]
async fn an_agent_that_was_removed_and_installed_anew_registers_anew() {
    let running = start().await;
    let made = registered(&running).await;
    let managed = async || in_hub(&running, &made, "ManagedCluster.clusters.clusternet.io").await;
    let first = managed().await;
    let cluster = running.cluster(CLUSTER3).await;
    remove_agent(&cluster).await;
    let namespaces = async || cluster.names("v1", "Namespace", "").await.contains(&"clusternet-system".to_owned());
    until(false, namespaces).await;
    running.advance("10m").await;
    assert_eq!(registration_state(&running, &made).await, "Abnormal");
    install_agent(&running, &made, &json!({})).await;
    until_registration_is(&running, &made, "Running").await;
    assert_ne!(managed().await, first);
}

#[tokio::test]
async fn a_hub_is_served_as_long_as_there_is_one() {
    let running = start().await;
    let before = running.objects().await;
    let mut made = waiting(&running, true).await;
    assert!(in_hub(&running, &made, "Namespace").await.is_array());
    running.a.ok("tdcc", "DeleteExternalCluster", json!({"ClusterId": made.registered})).await;
    running.advance("2s").await;
    running.a.ok("tdcc", "DeleteHubCluster", json!({"ClusterId": made.hub_id})).await;
    running.advance("2s").await;
    assert_eq!(running.objects().await, before);
    open_hub(&running, &mut made).await;
    assert!(in_hub(&running, &made, "Namespace").await.is_array());
    running.control("POST", "reset", Value::Null).await;
    assert_eq!(running.objects().await, before);
}
