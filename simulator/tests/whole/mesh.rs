//! What meshes do in their clusters, and the data path.

use serde_json::{Value, json};

use crate::client::exchange;
use crate::story::{
    Made, answers, ask, gateway, istio_gateway, link, listeners, mesh, network, own_services, routes, selector,
    set_gateways, to, unlink, vips, virtual_service,
};
use crate::world::{CLUSTER1, CLUSTER2, Cluster, Running, namespace, start, until};

/// A mesh with both clusters of account a.
async fn linked(running: &Running) -> Made {
    let mut made = network(running).await;
    mesh(running, &mut made).await;
    for cluster in [CLUSTER1, CLUSTER2] {
        link(running, &made, cluster).await;
    }
    made
}

/// The same with the gateway, services and routes.
async fn serving(running: &Running) -> Made {
    let mut made = linked(running).await;
    own_services(running).await;
    gateway(running, &mut made).await;
    routes(&running.cluster(CLUSTER1).await).await;
    made
}

async fn serves_istio(cluster: &Cluster) -> bool {
    cluster.api("networking.istio.io/v1beta1", "Gateway", "").list(&Default::default()).await.is_ok()
}

#[tokio::test]
async fn linked_clusters_share_the_istio_objects_of_their_mesh() {
    let running = start().await;
    let (one, two) = (running.cluster(CLUSTER1).await, running.cluster(CLUSTER2).await);
    assert!(!serves_istio(&one).await);
    let made = linked(&running).await;
    one.apply(&istio_gateway(&selector())).await.unwrap();
    let gateways = async |cluster: &Cluster| cluster.names("networking.istio.io/v1beta1", "Gateway", "").await;
    assert_eq!(gateways(&two).await, ["cluster"]);

    unlink(&running, &made, CLUSTER2).await;
    assert!(!serves_istio(&two).await);
    assert_eq!(gateways(&one).await, ["cluster"]);
    link(&running, &made, CLUSTER2).await;
    assert_eq!(gateways(&two).await, ["cluster"]);
}

#[tokio::test]
async fn the_versions_served_are_those_of_the_meshs_istio() {
    let running = start().await;
    let mut made = network(&running).await;
    mesh(&running, &mut made).await;
    link(&running, &made, CLUSTER1).await;
    let cluster = running.cluster(CLUSTER1).await;
    assert!(serves_istio(&cluster).await);
    assert!(cluster.api("networking.istio.io/v1", "Gateway", "").list(&Default::default()).await.is_err());
}

#[tokio::test]
async fn a_gateway_is_a_deployment_and_a_service_with_its_address() {
    let running = start().await;
    let mut made = linked(&running).await;
    gateway(&running, &mut made).await;
    let cluster = running.cluster(CLUSTER1).await;
    let service = cluster.api("v1", "Service", "istio-system").get("istio-ingressgateway").await.unwrap();
    assert_eq!(service.data["status"]["loadBalancer"]["ingress"][0]["ip"], json!(made.vip));
    assert_eq!(service.data["spec"]["ports"][0]["port"], 80);
    let pods = async || {
        let pods = cluster.api("v1", "Pod", "istio-system").list(&Default::default()).await.unwrap();
        let ready = |pod: &&kube::api::DynamicObject| pod.data["status"]["phase"] == "Running";
        let labels = pods.items.iter().filter(ready).map(|pod| pod.metadata.labels.clone().unwrap()["app"].clone());
        labels.collect::<Vec<_>>()
    };
    until(vec!["istio-ingressgateway".to_owned(); 2], pods).await;
}

#[tokio::test]
async fn each_host_is_answered_by_the_cluster_of_its_service() {
    let running = start().await;
    let made = serving(&running).await;
    let ok = |name: &str| (200, name.to_owned());
    until(ok("cluster1"), async || ask(&running, &made, "cluster1.imroc.cc/").await).await;
    until(ok("cluster2"), async || ask(&running, &made, "cluster2.imroc.cc/").await).await;
    until(ok("cluster2"), async || ask(&running, &made, "paths.imroc.cc/two").await).await;
    assert_eq!(ask(&running, &made, "unknown.imroc.cc/").await, (404, String::new()));
    // No cluster of the mesh has the third service.
    assert_eq!(ask(&running, &made, "cluster3.imroc.cc/").await, (503, String::new()));
}

#[tokio::test]
async fn a_gateways_port_is_open_on_this_machine_too() {
    let running = start().await;
    let made = serving(&running).await;
    until((200, "cluster1".to_owned()), async || ask(&running, &made, "cluster1.imroc.cc/").await).await;
    let (_, gateways) = running.control("GET", "gateways", Value::Null).await;
    let address = gateways[&made.vip]["80"].as_str().unwrap();
    let request = "GET / HTTP/1.1\r\nHost: cluster2.imroc.cc\r\nConnection: close\r\n\r\n";
    let answer = exchange(address, request).await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "cluster2"));
    assert!(answer.head.contains("server: istio-envoy"), "{}", answer.head);
}

#[tokio::test]
async fn listeners_follow_the_servers_of_istio_gateways() {
    let running = start().await;
    let mut made = linked(&running).await;
    gateway(&running, &mut made).await;
    assert_eq!(listeners(&running, &made.vip).await, [80]);
    let cluster = running.cluster(CLUSTER1).await;
    let mut object = istio_gateway(&selector());
    object["spec"]["servers"][0]["port"] = json!({"number": 8080, "name": "http", "protocol": "HTTP"});
    cluster.apply(&object).await.unwrap();
    until(vec![80, 8080], async || listeners(&running, &made.vip).await).await;
    let ports = async || {
        let service = cluster.api("v1", "Service", "istio-system").get("istio-ingressgateway").await.unwrap();
        let ports = service.data["spec"]["ports"].as_array().unwrap().iter().map(|port| port["port"].clone());
        ports.collect::<Value>()
    };
    until(json!([80, 8080]), ports).await;
    assert_eq!(
        running.look(|cloud| cloud.balancers.balancers.values().next().unwrap().listeners.clone()),
        [80, 8080].into()
    );
    let gateways = cluster.api("networking.istio.io/v1beta1", "Gateway", "istio-system");
    gateways.delete("cluster", &Default::default()).await.unwrap();
    until(vec![80], async || listeners(&running, &made.vip).await).await;
}

#[tokio::test]
async fn a_gateway_without_pods_takes_no_connections() {
    let running = start().await;
    let made = serving(&running).await;
    let cluster = running.cluster(CLUSTER1).await;
    let nodes = cluster.api("v1", "Node", "");
    let name = cluster.names("v1", "Node", "").await.remove(0);
    let cordon = json!({"spec": {"unschedulable": true}});
    nodes.patch(&name, &Default::default(), &kube::api::Patch::Merge(&cordon)).await.unwrap();
    let pods = cluster.api("v1", "Pod", "istio-system");
    pods.delete_collection(&Default::default(), &Default::default()).await.unwrap();
    until(502, async || ask(&running, &made, "cluster1.imroc.cc/").await.0).await;
}

#[tokio::test]
async fn a_second_gateway_has_an_address_and_a_label_of_its_own() {
    let running = start().await;
    let made = serving(&running).await;
    set_gateways(&running, &made, &["istio-ingressgateway", "other"]).await;
    let mut vips = vips(&running, &made).await;
    vips.retain(|vip| *vip != made.vip);
    let other = Made { vip: vips.remove(0), ..made.clone() };
    // The story's Gateway selects the first one alone.
    until(404, async || ask(&running, &other, "cluster1.imroc.cc/").await.0).await;
    set_gateways(&running, &made, &["istio-ingressgateway"]).await;
    assert_eq!(listeners(&running, &other.vip).await, [0; 0]);
    assert_eq!(ask(&running, &made, "cluster1.imroc.cc/").await.0, 200);
}

#[tokio::test]
async fn an_unlinked_cluster_no_longer_answers() {
    let running = start().await;
    let made = serving(&running).await;
    until((200, "cluster2".to_owned()), async || ask(&running, &made, "cluster2.imroc.cc/").await).await;
    unlink(&running, &made, CLUSTER2).await;
    let ok = (200, "cluster1".to_owned());
    let gone = (503, String::new());
    assert_eq!(answers(&running, &made).await, [ok, gone.clone(), gone.clone(), gone.clone(), gone]);
}

#[tokio::test]
async fn what_a_mesh_made_goes_with_it() {
    let running = start().await;
    let before = running.objects().await;
    let made = linked(&running).await;
    set_gateways(&running, &made, &["istio-ingressgateway"]).await;
    until(vec![80], async || {
        let vip = vips(&running, &made).await.remove(0);
        listeners(&running, &vip).await
    })
    .await;
    running.cluster(CLUSTER1).await.apply(&istio_gateway(&selector())).await.unwrap();
    running.a.ok("tcm", "DeleteMesh", json!({"MeshId": made.mesh_id})).await;
    running.advance("2s").await;
    assert_eq!(running.control("GET", "gateways", Value::Null).await.1, json!({}));
    until(before, async || running.objects().await).await;
}

#[tokio::test]
async fn a_namespace_that_was_there_before_the_mesh_stays() {
    let running = start().await;
    let cluster = running.cluster(CLUSTER1).await;
    cluster.apply(&namespace("istio-system")).await.unwrap();
    let made = linked(&running).await;
    unlink(&running, &made, CLUSTER1).await;
    let namespaces = cluster.names("v1", "Namespace", "").await;
    assert!(namespaces.contains(&"istio-system".to_owned()), "{namespaces:?}");
}

#[tokio::test]
async fn shares_go_on_while_nothing_changes() {
    let running = start().await;
    let made = serving(&running).await;
    let share = |name: &str, weight: u32| {
        let mut destination = to(name);
        destination["weight"] = weight.into();
        destination
    };
    let split = virtual_service("split", json!([{"route": [share("cluster1", 80), share("cluster2", 20)]}]));
    running.cluster(CLUSTER1).await.apply(&split).await.unwrap();
    until((200, "cluster2".to_owned()), async || ask(&running, &made, "split.imroc.cc/").await).await;
    let mut first = 0;
    for turn in 0..100 {
        // Changes elsewhere in the world do not begin the shares anew.
        if turn % 10 == 0 {
            running.a.ok("vpc", "CreateVpc", json!({"VpcName": "v", "CidrBlock": "10.9.0.0/16"})).await;
        }
        first += u32::from(ask(&running, &made, "split.imroc.cc/").await.1 == "cluster1");
    }
    assert!((79..=81).contains(&first), "{first}");
}
