//! Clusters, ways into them, and container networks in the CCN.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tcmesh_simulator::cluster_access::{ClusterAccess, ClusterServer, ClusterUser};
use tcmesh_simulator::world::{ClusterKind, World};

use crate::world::{HUB, REGION, Running, start, start_world, user, with_access};

/// Serves no API, but says so.
#[derive(Default)]
pub(crate) struct FakeAccess {
    granted: Mutex<Vec<(String, String)>>,
}

impl ClusterAccess for FakeAccess {
    fn server(&self, cluster_id: &str) -> Option<ClusterServer> {
        Some(ClusterServer { url: format!("https://127.0.0.1:6443/{cluster_id}"), ca_pem: "CA".into() })
    }

    fn kubeconfig(&self, cluster_id: &str, user: &ClusterUser) -> Option<String> {
        let server = self.server(cluster_id)?.url;
        Some(format!("server: {server}\nuser: {}\nadmin: {}\n", user.name, user.admin))
    }

    fn kubeconfig_through(&self, hub_id: &str, cluster_id: &str, user: &ClusterUser) -> Option<String> {
        Some(format!("{}through: {cluster_id}\n", self.kubeconfig(hub_id, user)?))
    }

    fn token(&self, _cluster_id: &str, user: &ClusterUser) -> Option<String> {
        Some(format!("token of {}", user.name))
    }

    fn grant_admin<'a>(&'a self, cluster_id: &'a str, user: &'a str) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.granted.lock().unwrap().push((cluster_id.to_owned(), user.to_owned()));
        })
    }
}

async fn kubeconfig(running: &Running, extranet: bool) -> String {
    let request = json!({"ClusterId": "cls-hub00001", "IsExtranet": extranet});
    let answer = running.a.ok("tke", "DescribeClusterKubeconfig", request).await;
    answer["Kubeconfig"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_account_sees_its_own_clusters_only() {
    let running = start().await;
    let mine = running.a.ok("tke", "DescribeClusters", json!({})).await;
    assert_eq!(mine["TotalCount"], 2);
    let other = running.b.ok("tke", "DescribeClusters", json!({"ClusterIds": ["cls-hub00001"]})).await;
    assert_eq!(other["TotalCount"], 0);
    let filter = json!({"Filters": [{"Name": "ClusterName", "Values": ["cluster3"]}]});
    let theirs = running.b.ok("tke", "DescribeClusters", filter).await;
    let cluster = &theirs["Clusters"][0];
    assert_eq!(cluster["ClusterType"], "INDEPENDENT_CLUSTER");
    assert_eq!(cluster["ClusterNetworkSettings"]["ClusterCIDR"], "172.18.0.0/18");
    let property: Value = serde_json::from_str(cluster["Property"].as_str().unwrap()).unwrap();
    assert_eq!(property["NetworkType"], "GR");
}

#[tokio::test]
async fn a_kubeconfig_is_the_callers_own_and_leads_nowhere_while_its_endpoint_is_closed() {
    let mut world = World::load("cross-account").unwrap();
    world.clock.mode = tcmesh_simulator::world::ClockMode::Explicit;
    world.clusters[0].endpoints.extranet = false;
    let running = with_access(world, Arc::new(FakeAccess::default())).await;
    let open = kubeconfig(&running, false).await;
    assert_eq!(open, "server: https://127.0.0.1:6443/cls-hub00001\nuser: 100000000001\nadmin: true\n");
    assert!(kubeconfig(&running, true).await.starts_with("server: https://cls-hub00001.ccs.tencent-cloud.com\n"));

    let status = json!({"ClusterId": "cls-hub00001", "IsExtranet": true});
    let state = async || running.a.ok("tke", "DescribeClusterEndpointStatus", status.clone()).await["Status"].clone();
    assert_eq!(state().await, "NotFound");
    running.a.ok("tke", "CreateClusterEndpoint", status.clone()).await;
    assert_eq!(state().await, "Creating");
    running.advance("300ms").await;
    assert_eq!(state().await, "Created");
    assert!(kubeconfig(&running, true).await.starts_with("server: https://127.0.0.1"));
    let endpoints = running.a.ok("tke", "DescribeClusterEndpoints", json!({"ClusterId": "cls-hub00001"})).await;
    assert_eq!(endpoints["ClusterExternalEndpoint"], "127.0.0.1:6443/cls-hub00001");
    running.a.ok("tke", "DeleteClusterEndpoint", status.clone()).await;
    running.advance("300ms").await;
    assert_eq!(state().await, "NotFound");
}

#[tokio::test]
async fn a_sub_user_gets_rights_in_a_cluster_by_acquiring_them() {
    let mut world = World::load("cross-account").unwrap();
    let (described, client_of) = user("a", "operator", &["tke:*"]);
    world.users.push(described);
    let access = Arc::new(FakeAccess::default());
    let running = with_access(world, access.clone()).await;
    let operator = client_of(&running);
    let request = json!({"ClusterId": "cls-hub00001"});
    let before = operator.ok("tke", "DescribeClusterKubeconfig", request.clone()).await;
    assert!(before["Kubeconfig"].as_str().unwrap().contains("user: 200000000001\nadmin: false"));
    operator.ok("tke", "AcquireClusterAdminRole", request.clone()).await;
    assert_eq!(*access.granted.lock().unwrap(), [("cls-hub00001".to_owned(), "200000000001".to_owned())]);
    let code = operator.code("tke", "AcquireClusterAdminRole", json!({"ClusterId": "cls-mem00003"})).await;
    assert_eq!(code, "ResourceNotFound.ClusterNotFound");
}

#[tokio::test]
async fn a_serverless_cluster_is_in_a_list_of_its_own() {
    let mut world = World::load("cross-account").unwrap();
    world.clusters[1].kind = ClusterKind::Eks;
    let running = with_access(world, Arc::new(FakeAccess::default())).await;
    assert_eq!(running.a.ok("tke", "DescribeClusters", json!({})).await["TotalCount"], 1);
    let listed = running.a.ok("tke", "DescribeEKSClusters", json!({})).await;
    assert_eq!(listed["Clusters"][0]["ClusterId"], "cls-app00002");
    let request = json!({"ClusterId": "cls-app00002"});
    let credential = running.a.ok("tke", "DescribeEKSClusterCredential", request).await;
    assert_eq!(credential["Credential"], json!({"CACert": "CA", "Token": "token of 100000000001"}));
}

#[tokio::test]
async fn without_an_api_no_kubeconfig_is_handed_out() {
    let running = start().await;
    let code = running.a.code("tke", "DescribeClusterKubeconfig", json!({"ClusterId": "cls-hub00001"})).await;
    assert_eq!(code, "FailedOperation.KubernetesClientBuildError");
    let code = running.a.code("tke", "DescribeClusterSecurity", json!({"ClusterId": "cls-hub00001"})).await;
    assert_eq!(code, "FailedOperation.DeprecatedAPI");
}

/// The routes of the CCN to the container CIDR of cluster1.
async fn container_routes(running: &Running, ccn_id: &Value) -> usize {
    let filter = json!([{"Name": "cidr-block", "Values": ["172.16.0.0/18"]}]);
    let routes = running.a.ok("vpc", "DescribeCcnRoutes", json!({"CcnId": ccn_id, "Filters": filter})).await;
    routes["RouteSet"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_container_network_is_published_by_the_action_or_by_the_console() {
    let running = start().await;
    let cidr = json!({"VpcId": HUB, "ClusterCIDR": "172.16.0.0/18"});
    assert_eq!(running.a.code("tke", "AddClusterCIDRToCcn", cidr.clone()).await, "ResourceUnavailable");
    let made = running.a.ok("vpc", "CreateCcn", json!({"CcnName": "ccn"})).await;
    let ccn_id = &made["Ccn"]["CcnId"];
    let instance = json!({"InstanceId": HUB, "InstanceRegion": REGION, "InstanceType": "VPC"});
    running.a.ok("vpc", "AttachCcnInstances", json!({"CcnId": ccn_id, "Instances": [instance]})).await;
    running.advance("2s").await;

    let added = running.a.ok("tke", "AddClusterCIDRToCcn", cidr.clone()).await;
    assert_eq!(added["RouteSet"][0]["InstanceId"], HUB);
    assert_eq!(container_routes(&running, ccn_id).await, 1);
    let shown = running.a.ok("tke", "DescribeCcnRoutes", cidr.clone()).await;
    assert_eq!(shown["RouteSet"], added["RouteSet"]);
    running.a.ok("tke", "DeleteClusterCIDRFromCcn", cidr.clone()).await;
    assert_eq!(container_routes(&running, ccn_id).await, 0);

    for (published, routes) in [(true, 1), (false, 0)] {
        let switch = json!({"publish_container_cidr": {"cluster_id": "cls-hub00001", "published": published}});
        assert_eq!(running.control("POST", "console", switch).await.0, 200);
        assert_eq!(container_routes(&running, ccn_id).await, routes);
    }
    assert_eq!(running.b.code("tke", "AddClusterCIDRToCcn", cidr).await, "ResourceNotFound");
    let unknown = json!({"VpcId": HUB, "ClusterCIDR": "172.30.0.0/18"});
    assert_eq!(running.a.code("tke", "AddClusterCIDRToCcn", unknown).await, "InvalidParameter.Param");
}

#[tokio::test]
async fn a_vpcs_container_cidrs_are_assistant_cidrs_of_type_1() {
    let running = start().await;
    let vpcs = running.a.ok("vpc", "DescribeVpcs", json!({"VpcIds": [HUB]})).await;
    let assistant = &vpcs["VpcSet"][0]["AssistantCidrSet"][0];
    assert_eq!((&assistant["CidrBlock"], &assistant["AssistantType"]), (&json!("172.16.0.0/18"), &json!(1)));
}

#[tokio::test]
async fn a_world_can_lack_an_action() {
    let text = "extends: cross-account\nsettings: { missing_actions: ['tke:*CIDRToCcn', 'tdcc:*'] }";
    let running = start_world(World::parse(text).unwrap()).await;
    let cidr = json!({"VpcId": HUB, "ClusterCIDR": "172.16.0.0/18"});
    assert_eq!(running.a.code("tke", "AddClusterCIDRToCcn", cidr).await, "InvalidAction");
    assert_eq!(running.a.code("tdcc", "DescribeHubClusters", json!({})).await, "InvalidAction");
    running.a.ok("tke", "DescribeClusters", json!({})).await;
}
