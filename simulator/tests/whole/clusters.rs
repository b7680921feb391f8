//! Ways into the clusters, and what they have of the cloud.

use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;

use kube::api::DynamicObject;
use serde_json::{Value, json};
use tcmesh_simulator::world::{ClusterKind, Policy, PolicyEffect, Secret, Statement, User};

use crate::client::Client;
use crate::world::{CLUSTER1, CLUSTER2, CLUSTER3, Cluster, namespace, start, start_with, until};

fn text<'a>(object: &'a DynamicObject, pointer: &str) -> &'a str {
    object.data.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

async fn kubeconfig(client: &Client, id: &str) -> String {
    let answer = client.ok("tke", "DescribeClusterKubeconfig", json!({"ClusterId": id, "IsExtranet": true})).await;
    answer["Kubeconfig"].as_str().unwrap().to_owned()
}

/// A pod that runs.
fn pod(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": [{"name": "main", "image": "nginx"}]}})
}

/// The address of a pod, once it has one.
async fn pod_address(cluster: &Cluster, name: &str) -> Ipv4Addr {
    let api = cluster.api("v1", "Pod", "default");
    let address = async || text(&api.get(name).await.unwrap(), "/status/podIP").to_owned();
    until(true, async || !address().await.is_empty()).await;
    address().await.parse().unwrap()
}

#[tokio::test]
async fn the_ready_file_leads_into_every_cluster() {
    let running = start().await;
    let ready = running.handle.ready();
    for (id, cluster) in &ready.clusters {
        let file = cluster.kubeconfig.as_ref().unwrap();
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        let nodes = running.cluster(id).await.names("v1", "Node", "").await;
        let subnet = &ready.vpcs[&cluster.vpc_id].subnets[0];
        assert!(matches!(&nodes[..], [node] if subnet.cidr.contains(&node.parse::<Ipv4Addr>().unwrap())), "{nodes:?}");
    }
    let file = ready.clusters[CLUSTER1].kubeconfig.clone().unwrap();
    drop(running);
    assert!(!file.exists());
}

#[tokio::test]
async fn the_cloud_hands_out_a_kubeconfig_that_works() {
    let running = start().await;
    let cluster = Cluster::of(&kubeconfig(&running.b, CLUSTER3).await).await;
    cluster.apply(&namespace("test")).await.unwrap();
    assert!(running.cluster(CLUSTER3).await.names("v1", "Namespace", "").await.contains(&"test".to_owned()));
    let code = running.a.code("tke", "DescribeClusterKubeconfig", json!({"ClusterId": CLUSTER3})).await;
    assert_eq!(code, "ResourceNotFound.ClusterNotFound");
}

#[tokio::test]
async fn a_sub_user_has_no_rights_in_a_cluster_until_it_acquires_them() {
    let statement = Statement { effect: PolicyEffect::Allow, action: vec!["tke:*".into()], resource: vec!["*".into()] };
    let running = start_with(|world| {
        world.users.push(User {
            account: "a".into(),
            name: "operator".into(),
            uin: "200000000001".into(),
            secret_id: "AKIDoperator".into(),
            secret_key: Secret::new("key"),
            policy: Policy { version: "2.0".into(), statement: vec![statement] },
        });
    })
    .await;
    let operator = Client::new(&running.handle.endpoint(), "AKIDoperator", "key");
    let cluster = Cluster::of(&kubeconfig(&operator, CLUSTER1).await).await;
    let refused = cluster.apply(&namespace("test")).await.unwrap_err();
    assert!(matches!(refused, kube::Error::Api(status) if status.code == 403));
    operator.ok("tke", "AcquireClusterAdminRole", json!({ "ClusterId": CLUSTER1 })).await;
    cluster.apply(&namespace("test")).await.unwrap();
    let bindings = cluster.names("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "").await;
    assert!(bindings.contains(&"200000000001-ClusterRole".to_owned()));
}

#[tokio::test]
async fn the_token_of_a_serverless_cluster_works() {
    let running = start_with(|world| world.clusters[1].kind = ClusterKind::Eks).await;
    let answer = running.a.ok("tke", "DescribeEKSClusterCredential", json!({ "ClusterId": CLUSTER2 })).await;
    let address = &answer["Addresses"][0];
    let server = format!("https://{}:{}", address["Ip"].as_str().unwrap(), address["Port"]);
    let certificate = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        answer["Credential"]["CACert"].as_str().unwrap(),
    );
    let kubeconfig = json!({
        "clusters": [{"name": "c", "cluster": {"server": server, "certificate-authority-data": certificate}}],
        "users": [{"name": "u", "user": {"token": answer["Credential"]["Token"]}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "c",
    });
    let cluster = Cluster::of(&kubeconfig.to_string()).await;
    assert_eq!(cluster.names("v1", "Node", "").await, ["eklet-subnet-app00002"]);
}

#[tokio::test]
async fn pods_have_addresses_of_their_network_and_give_them_back() {
    let running = start().await;
    let used = || running.look(|cloud| cloud.networks.subnets["subnet-app00002"].used.clone());
    let before = used();
    for (id, network) in [(CLUSTER1, "172.16.0.0/18"), (CLUSTER2, "10.1.1.0/24")] {
        let cluster = running.cluster(id).await;
        cluster.apply(&pod("web")).await.unwrap();
        let address = pod_address(&cluster, "web").await;
        assert!(network.parse::<ipnet::Ipv4Net>().unwrap().contains(&address), "{address}");
        assert_eq!(used().contains(&address), id == CLUSTER2);
        cluster.api("v1", "Pod", "default").delete("web", &Default::default()).await.unwrap();
    }
    until(before, async || used()).await;
}

#[tokio::test]
async fn world_time_is_the_clusters_time() {
    let running = start().await;
    let cluster = running.cluster(CLUSTER1).await;
    running.advance("720h").await;
    let made = cluster.apply(&namespace("later")).await.unwrap();
    let now = running.handle.cloud().now().as_second();
    assert_eq!(made.metadata.creation_timestamp.unwrap().0.as_second(), now);
}

#[tokio::test]
async fn reset_brings_the_clusters_back_to_how_they_began() {
    let running = start().await;
    let used = || running.look(|cloud| cloud.networks.subnets["subnet-app00002"].used.clone());
    let before = (running.objects().await, used());
    let cluster = running.cluster(CLUSTER2).await;
    for reset in [true, false] {
        cluster.apply(&pod("web")).await.unwrap();
        pod_address(&cluster, "web").await;
        assert_eq!(running.objects().await[CLUSTER2]["Pod"], json!(["default/web"]));
        if reset {
            running.control("POST", "reset", Value::Null).await;
            assert_eq!((running.objects().await, used()), before);
        }
    }
    cluster.api("v1", "Pod", "default").delete("web", &Default::default()).await.unwrap();
    until(before, async || (running.objects().await, used())).await;
}
