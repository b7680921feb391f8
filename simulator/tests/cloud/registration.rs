//! Hubs and registered clusters of another account.

use std::sync::Arc;

use serde_json::{Value, json};
use tcmesh_simulator::state::AgentReport;
use tcmesh_simulator::world::{ManifestRule, World};

use crate::clusters::FakeAccess;
use crate::world::{HUB, Running, start, start_with, with_access};

/// What authorising the service in the console does.
pub(crate) async fn authorise(running: &Running) {
    let document = json!({"version": "2.0", "statement": [{
        "effect": "allow", "action": ["name/sts:AssumeRole"], "principal": {"service": ["tke.cloud.tencent.com"]},
    }]});
    let role = json!({"RoleName": "TKE_QCSRole", "PolicyDocument": document.to_string()});
    running.a.ok("cam", "CreateRole", role).await;
    let policy = json!({"AttachRoleName": "TKE_QCSRole", "PolicyName": "QcloudAccessForTDCCRole"});
    running.a.ok("cam", "AttachRolePolicy", policy).await;
}

fn hub() -> Value {
    json!({"ClusterName": "hub", "Zone": "ap-guangzhou-3", "VpcId": HUB, "SubnetId": "subnet-hub00001"})
}

/// A hub that runs.
pub(crate) async fn open_hub(running: &Running) -> String {
    authorise(running).await;
    let made = running.a.ok("tdcc", "CreateHubCluster", hub()).await;
    running.advance("2s").await;
    made["ClusterId"].as_str().unwrap().to_owned()
}

/// A registered cluster that waits for its agent.
pub(crate) async fn register(running: &Running) -> String {
    let request = json!({"ClusterName": "cluster3", "ClusterRegion": "ap-guangzhou"});
    let made = running.a.ok("tdcc", "CreateExternalCluster", request).await;
    made["ClusterId"].as_str().unwrap().to_owned()
}

/// What the agent in cluster3 does once it reaches the hub.
pub(crate) fn connect(running: &Running, id: &str) {
    let report = AgentReport { cluster_id: "cls-mem00003".into(), version: "1.28.3".into(), nodes: 1 };
    running.handle.cloud().write(|cloud| cloud.registrations.agent_connected(id, report));
}

async fn spec(running: &Running, id: &str, more: Value) -> Value {
    let mut request = json!({ "ClusterId": id });
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    running.a.ok("tdcc", "DescribeExternalClusterSpec", request).await
}

#[tokio::test]
async fn a_hub_needs_the_service_to_be_authorised() {
    let running = start().await;
    let code = running.a.code("tdcc", "CreateHubCluster", hub()).await;
    assert_eq!(code, "UnauthorizedOperation.RoleUnAuthorized");
    authorise(&running).await;
    running.a.ok("tdcc", "CreateHubCluster", hub()).await;
}

#[tokio::test]
async fn an_account_has_one_hub_and_it_is_nobody_elses() {
    let running = start().await;
    let id = open_hub(&running).await;
    assert_eq!(running.a.code("tdcc", "CreateHubCluster", hub()).await, "LimitExceeded");
    let hubs = running.a.ok("tdcc", "DescribeHubClusters", json!({})).await;
    assert_eq!((&hubs["Clusters"][0]["ClusterId"], &hubs["Clusters"][0]["Status"]), (&json!(id), &json!("Running")));
    assert_eq!(running.b.ok("tdcc", "DescribeHubClusters", json!({})).await["TotalCount"], 0);
    let foreign = running.b.code("tdcc", "DeleteHubCluster", json!({"ClusterId": id})).await;
    assert_eq!(foreign, "ResourceNotFound.ClusterNotFound");
}

#[tokio::test]
async fn a_hub_goes_when_nothing_is_registered_and_its_address_is_free_again() {
    let running = start().await;
    let id = open_hub(&running).await;
    let registered = register(&running).await;
    assert_eq!(running.a.code("tdcc", "DeleteHubCluster", json!({"ClusterId": id})).await, "ResourceInUse");
    running.a.ok("tdcc", "DeleteExternalCluster", json!({"ClusterId": registered})).await;
    running.advance("2s").await;
    let used = || running.look(|cloud| cloud.networks.subnets["subnet-hub00001"].used.len());
    assert_eq!(used(), 1);
    running.a.ok("tdcc", "DeleteHubCluster", json!({"ClusterId": id})).await;
    running.advance("2s").await;
    assert_eq!(running.a.ok("tdcc", "DescribeHubClusters", json!({})).await["TotalCount"], 0);
    assert_eq!(used(), 0);
}

#[tokio::test]
async fn nothing_is_registered_before_the_hub_runs() {
    let running = start().await;
    authorise(&running).await;
    running.a.ok("tdcc", "CreateHubCluster", hub()).await;
    let request = json!({"ClusterName": "cluster3", "ClusterRegion": "ap-guangzhou"});
    let code = running.a.code("tdcc", "CreateExternalCluster", request).await;
    assert_eq!(code, "ResourceUnavailable.ClusterState");
}

#[tokio::test]
async fn a_registered_cluster_runs_once_its_agent_reports() {
    let running = start().await;
    open_hub(&running).await;
    let id = register(&running).await;
    let shown = async || running.a.ok("tdcc", "DescribeExternalClusters", json!({"ClusterIds": [id]})).await;
    assert_eq!(shown().await["Clusters"][0]["Status"], "WaitingRegister");
    connect(&running, &id);
    let cluster = shown().await["Clusters"][0].clone();
    assert_eq!((&cluster["Status"], &cluster["ClusterVersion"]), (&json!("Running"), &json!("1.28.3")));
    running.handle.cloud().write(|cloud| cloud.registrations.agent_disconnected(&id));
    assert_eq!(shown().await["Clusters"][0]["Status"], "Abnormal");
    assert_eq!(running.b.ok("tdcc", "DescribeExternalClusters", json!({})).await["TotalCount"], 0);
}

#[tokio::test]
async fn the_manifest_carries_the_hubs_address_and_a_token_that_expires() {
    let running = start().await;
    open_hub(&running).await;
    let id = register(&running).await;
    let first = spec(&running, &id, json!({})).await;
    let text = first["Spec"].as_str().unwrap();
    assert_eq!(text.split("\n---\n").count(), 9);
    assert!(text.contains("parentURL: https://10.0.1.2:6443\n"), "{text}");
    let token = text.split("regToken: ").nth(1).unwrap().trim();
    let known = |token: &str| {
        running.look(|cloud| cloud.registrations.by_token(token, cloud.timing.now).map(|it| it.id.clone()))
    };
    assert_eq!(known(token), Some(id.clone()));
    let public = spec(&running, &id, json!({"IsExtranet": true})).await;
    assert!(public["Spec"].as_str().unwrap().contains("parentURL: https://203.0.113.1:6443\n"));
    let found = |url: &str| running.look(|cloud| cloud.registrations.hub_at(url).map(|(_, extranet)| extranet));
    assert_eq!((found("https://10.0.1.2:6443"), found("https://203.0.113.1:6443")), (Some(false), Some(true)));

    running.advance("24h").await;
    assert_eq!(known(token), None);
    assert_eq!(spec(&running, &id, json!({})).await["Expiration"], first["Expiration"]);
    let renewed = spec(&running, &id, json!({"IsRefreshExpirationTime": true})).await;
    assert_ne!(renewed["Expiration"], first["Expiration"]);
    let (_, journal) = running.control("GET", "journal?action=DescribeExternalClusterSpec", Value::Null).await;
    let writes: Vec<&Value> = journal.as_array().unwrap().iter().map(|entry| &entry["write"]).collect();
    assert_eq!(writes, [false, false, false, true]);
}

#[tokio::test]
async fn whether_a_registered_clusters_manifest_is_handed_out_is_a_setting() {
    let running = start_with(|world| world.settings.manifest_once_registered = ManifestRule::Refuse).await;
    open_hub(&running).await;
    let id = register(&running).await;
    spec(&running, &id, json!({})).await;
    connect(&running, &id);
    let code = running.a.code("tke", "DescribeExternalClusterSpec", json!({"ClusterId": id})).await;
    assert_eq!(code, "ResourceUnavailable.ClusterState");
}

#[tokio::test]
async fn an_own_cluster_is_taken_over_without_an_agent() {
    let running = start().await;
    open_hub(&running).await;
    let own = json!({"Clusters": [{"ClusterId": "cls-app00002", "Region": "ap-guangzhou"}]});
    running.a.ok("tdcc", "RegisterClusters", own.clone()).await;
    running.advance("2s").await;
    let listed = running.a.ok("tdcc", "DescribeExternalClusters", json!({})).await;
    assert_eq!(
        (&listed["Clusters"][0]["Status"], &listed["Clusters"][0]["ClusterType"]),
        (&json!("Running"), &json!("tke"))
    );
    assert_eq!(running.a.code("tdcc", "RegisterClusters", own).await, "ResourceInUse");
    let foreign = json!({"Clusters": [{"ClusterId": "cls-mem00003", "Region": "ap-guangzhou"}]});
    assert_eq!(running.a.code("tdcc", "RegisterClusters", foreign).await, "ResourceNotFound.ClusterNotFound");
}

#[tokio::test]
async fn a_running_registered_cluster_has_a_credential() {
    let world = World::parse("extends: cross-account\nclock: { mode: explicit }\nwaits: { default: 2s }").unwrap();
    let running = with_access(world, Arc::new(FakeAccess::default())).await;
    let hub_id = open_hub(&running).await;
    let id = register(&running).await;
    let request = json!({ "ClusterId": id });
    let code = running.a.code("tdcc", "DescribeExternalClusterCredential", request.clone()).await;
    assert_eq!(code, "ResourceUnavailable.ClusterState");
    connect(&running, &id);
    let credential = running.a.ok("tdcc", "DescribeExternalClusterCredential", request).await;
    let kubeconfig = credential["Kubeconfig"].as_str().unwrap();
    assert!(kubeconfig.contains(&hub_id) && kubeconfig.contains(&format!("through: {id}")), "{kubeconfig}");
}
