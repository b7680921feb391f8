//! The steps of the story, as the vendor's clients and kubectl would take them.

use serde_json::{Value, json};

use crate::client::exchange;
use crate::world::{CLUSTER1, CLUSTER2, CLUSTER3, Cluster, Running, namespace, until};

const REGION: &str = "ap-guangzhou";
const A: &str = "100000000001";
pub(crate) const HUB_VPC: &str = "vpc-hub00001";
pub(crate) const APP_VPC: &str = "vpc-app00002";
pub(crate) const MEMBER_VPC: &str = "vpc-mem00003";

/// What the story has made so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Made {
    pub(crate) ccn_id: String,
    pub(crate) hub_id: String,
    pub(crate) registered: String,
    pub(crate) mesh_id: String,
    pub(crate) vip: String,
}

fn instances(ccn_id: &str, vpc_id: &str) -> Value {
    let instance = json!({"InstanceId": vpc_id, "InstanceRegion": REGION, "InstanceType": "VPC"});
    json!({"CcnId": ccn_id, "Instances": [instance]})
}

fn id(answer: &Value, pointer: &str) -> String {
    answer.pointer(pointer).and_then(Value::as_str).unwrap().to_owned()
}

/// One CCN with the VPCs of account a, and the request of account b.
pub(crate) async fn network(running: &Running) -> Made {
    let ccn_id = id(&running.a.ok("vpc", "CreateCcn", json!({"CcnName": "ccn"})).await, "/Ccn/CcnId");
    for vpc_id in [HUB_VPC, APP_VPC] {
        running.a.ok("vpc", "AttachCcnInstances", instances(&ccn_id, vpc_id)).await;
    }
    let mut request = instances(&ccn_id, MEMBER_VPC);
    request["CcnUin"] = A.into();
    running.b.ok("vpc", "AttachCcnInstances", request).await;
    running.advance("2s").await;
    publish(running, CLUSTER1, true).await;
    Made { ccn_id, ..Made::default() }
}

/// Account a accepts the request of account b, whose container network is published then.
pub(crate) async fn accept(running: &Running, made: &Made) {
    running.a.ok("vpc", "AcceptAttachCcnInstances", instances(&made.ccn_id, MEMBER_VPC)).await;
    running.advance("2s").await;
    publish(running, CLUSTER3, true).await;
}

/// A hub that runs, and a registered cluster that waits for its agent.
pub(crate) async fn registration(running: &Running, made: &mut Made) {
    let principal = json!({"service": ["tke.cloud.tencent.com"]});
    let statement = json!([{"effect": "allow", "action": ["name/sts:AssumeRole"], "principal": principal}]);
    let document = json!({"version": "2.0", "statement": statement}).to_string();
    running.a.ok("cam", "CreateRole", json!({"RoleName": "TKE_QCSRole", "PolicyDocument": document})).await;
    let policy = json!({"AttachRoleName": "TKE_QCSRole", "PolicyName": "QcloudAccessForTDCCRole"});
    running.a.ok("cam", "AttachRolePolicy", policy).await;
    let hub = json!({"ClusterName": "hub", "Zone": "ap-guangzhou-3", "VpcId": HUB_VPC, "SubnetId": "subnet-hub00001"});
    made.hub_id = id(&running.a.ok("tdcc", "CreateHubCluster", hub).await, "/ClusterId");
    running.advance("2s").await;
    register(running, made).await;
}

/// Another registered cluster that waits for its agent.
pub(crate) async fn register(running: &Running, made: &mut Made) {
    let request = json!({"ClusterName": "cluster3", "ClusterRegion": REGION});
    made.registered = id(&running.a.ok("tdcc", "CreateExternalCluster", request).await, "/ClusterId");
}

/// The console's switch for the container network of a cluster.
pub(crate) async fn publish(running: &Running, cluster_id: &str, published: bool) {
    let switch = json!({"publish_container_cidr": {"cluster_id": cluster_id, "published": published}});
    let (status, answer) = running.control("POST", "console", switch).await;
    assert_eq!(status, 200, "{answer}");
}

/// A mesh that runs.
pub(crate) async fn mesh(running: &Running, made: &mut Made) {
    let request = json!({"DisplayName": "mesh", "MeshVersion": "1.18.5", "Type": "HOSTED", "Config": {}});
    made.mesh_id = id(&running.a.ok("tcm", "CreateMesh", request).await, "/MeshId");
    running.advance("2s").await;
}

/// Links a cluster of account a to the mesh.
pub(crate) async fn link(running: &Running, made: &Made, cluster_id: &str) {
    let vpc_id = if cluster_id == CLUSTER1 { HUB_VPC } else { APP_VPC };
    link_as(running, made, cluster_id, vpc_id, "TKE").await;
}

/// Links a registered cluster to the mesh, in the place of its hub.
pub(crate) async fn link_registered(running: &Running, made: &Made) {
    link_as(running, made, &made.registered, HUB_VPC, "TDCC").await;
}

async fn link_as(running: &Running, made: &Made, cluster_id: &str, vpc_id: &str, kind: &str) {
    let subnet_id = vpc_id.replace("vpc", "subnet");
    let cluster = json!({"ClusterId": cluster_id, "Region": REGION, "Role": "REMOTE", "VpcId": vpc_id,
        "SubnetId": subnet_id, "Type": kind});
    let request = json!({"MeshId": made.mesh_id, "ClusterList": [cluster]});
    running.a.ok("tcm", "LinkClusterList", request).await;
    running.advance("2s").await;
}

/// Takes a cluster out of the mesh.
pub(crate) async fn unlink(running: &Running, made: &Made, cluster_id: &str) {
    running.a.ok("tcm", "UnlinkCluster", json!({"MeshId": made.mesh_id, "ClusterId": cluster_id})).await;
    running.advance("2s").await;
}

/// Says which ingress gateways cluster1 has.
pub(crate) async fn set_gateways(running: &Running, made: &Made, names: &[&str]) {
    let gateway = |name: &&str| {
        json!({"Name": name, "Namespace": "istio-system", "ClusterId": CLUSTER1,
            "Service": {"Type": "LoadBalancer"}, "Workload": {"Replicas": 2}})
    };
    let gateways: Vec<Value> = names.iter().map(gateway).collect();
    let config = json!({"AutoInjectionNamespaceList": [], "IngressGatewayList": gateways});
    let cluster = json!({"ClusterId": CLUSTER1, "Region": REGION, "Role": "REMOTE", "VpcId": HUB_VPC,
        "SubnetId": "subnet-hub00001", "Config": config});
    running.a.ok("tcm", "ModifyMesh", json!({"MeshId": made.mesh_id, "ClusterList": [cluster]})).await;
    running.advance("2s").await;
}

/// The addresses of the ingress gateways of cluster1.
pub(crate) async fn vips(running: &Running, made: &Made) -> Vec<String> {
    let mesh = running.a.ok("tcm", "DescribeMesh", json!({"MeshId": made.mesh_id})).await;
    let clusters = mesh["Mesh"]["ClusterList"].as_array().unwrap();
    let cluster = clusters.iter().find(|cluster| cluster["ClusterId"] == CLUSTER1).unwrap();
    let gateways = cluster["Config"]["IngressGatewayList"].as_array().unwrap();
    gateways.iter().map(|gateway| id(gateway, "/Status/LoadBalancer/LoadBalancerVip")).collect()
}

/// The ingress gateway of the story, once it takes requests.
pub(crate) async fn gateway(running: &Running, made: &mut Made) {
    set_gateways(running, made, &["istio-ingressgateway"]).await;
    made.vip = vips(running, made).await.remove(0);
    until(true, async || listeners(running, &made.vip).await.contains(&80)).await;
}

/// The ports that are open at an address.
pub(crate) async fn listeners(running: &Running, vip: &str) -> Vec<u16> {
    let (_, gateways) = running.control("GET", "gateways", Value::Null).await;
    let ports = gateways[vip].as_object().into_iter().flatten();
    ports.map(|(port, _)| port.parse().unwrap()).collect()
}

/// The seed's service in the namespace `test` of a cluster.
pub(crate) async fn service(cluster: &Cluster, name: &str) {
    cluster.apply(&namespace("test")).await.unwrap();
    let text = include_str!("../kubernetes/cluster1.yaml").replace("cluster1", name);
    for document in text.split("\n---\n") {
        let object: Value = serde_saphyr::from_str(document).unwrap();
        until(true, async || cluster.apply(&object).await.is_ok()).await;
    }
    let available = async || {
        let deployment = cluster.api("apps/v1", "Deployment", "test").get(name).await.unwrap();
        deployment.data["status"]["availableReplicas"] == 1
    };
    until(true, available).await;
}

/// The Istio gateway of the story, with a selector.
pub(crate) fn istio_gateway(selector: &Value) -> Value {
    json!({
        "apiVersion": "networking.istio.io/v1alpha3",
        "kind": "Gateway",
        "metadata": {"name": "cluster", "namespace": "istio-system"},
        "spec": {
            "selector": selector,
            "servers": [{"port": {"number": 80, "name": "HTTP-80", "protocol": "HTTP"}, "hosts": ["*.imroc.cc"]}],
        },
    })
}

/// The selector of the story.
pub(crate) fn selector() -> Value {
    json!({"app": "istio-ingressgateway", "istio": "ingressgateway"})
}

/// Routes for `NAME.imroc.cc`.
pub(crate) fn virtual_service(name: &str, http: Value) -> Value {
    let mut service = json!({
        "apiVersion": "networking.istio.io/v1beta1",
        "kind": "VirtualService",
        "metadata": {"name": name, "namespace": "test"},
        "spec": {"hosts": [format!("{name}.imroc.cc")], "gateways": ["istio-system/cluster"]},
    });
    service["spec"]["http"] = http;
    service
}

/// A destination in the namespace `test`.
pub(crate) fn to(name: &str) -> Value {
    json!({"destination": {"host": format!("{name}.test.svc.cluster.local"), "port": {"number": 80}}})
}

/// The story's routes: a host for each cluster, a host with a path for each of two, and one that is split.
pub(crate) async fn routes(cluster: &Cluster) {
    let share = |name: &str, weight: u32| {
        let mut destination = to(name);
        destination["weight"] = weight.into();
        destination
    };
    let path = |prefix: &str, name: &str| json!({"match": [{"uri": {"prefix": prefix}}], "rewrite": {"uri": "/"}, "route": [to(name)]});
    let mut objects = vec![istio_gateway(&selector())];
    for name in ["cluster1", "cluster2", "cluster3"] {
        objects.push(virtual_service(name, json!([{"route": [to(name)]}])));
    }
    objects.push(virtual_service("paths", json!([path("/two", "cluster2"), path("/three", "cluster3")])));
    objects.push(virtual_service("split", json!([{"route": [share("cluster1", 80), share("cluster3", 20)]}])));
    for object in &objects {
        cluster.apply(object).await.unwrap();
    }
}

/// Status and body of a request to the gateway, through the simulator's proxy.
pub(crate) async fn ask(running: &Running, made: &Made, url: &str) -> (u16, String) {
    let (host, path) = url.split_once('/').unwrap();
    let request = format!("GET http://{}/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n", made.vip);
    let endpoint = running.handle.endpoint();
    let answer = exchange(endpoint.trim_start_matches("http://"), &request).await.unwrap();
    (answer.status, answer.body)
}

/// Everything that is asked of the story.
pub(crate) const URLS: [&str; 5] =
    ["cluster1.imroc.cc/", "cluster2.imroc.cc/", "cluster3.imroc.cc/", "paths.imroc.cc/two", "paths.imroc.cc/three"];

/// The answers to all of [`URLS`].
pub(crate) async fn answers(running: &Running, made: &Made) -> Vec<(u16, String)> {
    let mut answers = Vec::new();
    for url in URLS {
        answers.push(ask(running, made, url).await);
    }
    answers
}

/// The clusters of account a with their services.
pub(crate) async fn own_services(running: &Running) {
    service(&running.cluster(CLUSTER1).await, "cluster1").await;
    service(&running.cluster(CLUSTER2).await, "cluster2").await;
}
