//! Sidecars in the pods of linked clusters.

use serde_json::{Value, json};
use tcmesh_simulator::world::ClusterKind;

use crate::story::{
    Made, accept, install_agent, link, link_registered, mesh, network, registration, unlink, until_registration_is,
};
use crate::world::{CLUSTER1, CLUSTER3, Cluster, Running, start, start_with};

/// A namespace with the label of the story's mesh.
async fn injected(cluster: &Cluster) {
    let metadata = json!({"name": "injected", "labels": {"istio.io/rev": "1-18-5"}});
    cluster.apply(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})).await.unwrap();
}

/// The containers of a new pod in a namespace.
async fn containers(cluster: &Cluster, namespace: &str, name: &str, annotations: Value) -> kube::Result<Vec<String>> {
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "annotations": annotations},
        "spec": {"containers": [{"name": "main", "image": "nginx"}]}});
    let made = cluster.apply(&pod).await?;
    let containers = made.data["spec"]["containers"].as_array().unwrap();
    Ok(containers.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect())
}

async fn linked() -> (Running, Made) {
    let running = start().await;
    let mut made = network(&running).await;
    mesh(&running, &mut made).await;
    link(&running, &made, CLUSTER1).await;
    (running, made)
}

#[tokio::test]
async fn new_pods_of_a_labelled_namespace_have_a_sidecar_while_their_cluster_is_linked() {
    let (running, made) = linked().await;
    let cluster = running.cluster(CLUSTER1).await;
    injected(&cluster).await;
    let out = json!({"sidecar.istio.io/inject": "false"});
    assert_eq!(containers(&cluster, "injected", "a", json!({})).await.unwrap(), ["main", "istio-proxy"]);
    assert_eq!(containers(&cluster, "injected", "b", out).await.unwrap(), ["main"]);
    assert_eq!(containers(&cluster, "default", "c", json!({})).await.unwrap(), ["main"]);
    unlink(&running, &made, CLUSTER1).await;
    assert_eq!(containers(&cluster, "injected", "d", json!({})).await.unwrap(), ["main"]);
}

/// What becomes of a new pod in a labelled namespace of the member, whose control plane is of a kind.
async fn in_member(kind: ClusterKind) -> kube::Result<Vec<String>> {
    let running = start_with(|world| world.clusters[2].kind = kind).await;
    let mut made = network(&running).await;
    accept(&running, &made).await;
    registration(&running, &mut made).await;
    install_agent(&running, &made, &json!({})).await;
    until_registration_is(&running, &made, "Running").await;
    mesh(&running, &mut made).await;
    link_registered(&running, &made).await;
    let cluster = running.cluster(CLUSTER3).await;
    injected(&cluster).await;
    containers(&cluster, "injected", "a", json!({})).await
}

#[tokio::test]
async fn a_managed_control_plane_of_another_account_does_not_reach_the_webhook() {
    let kube::Error::Api(refusal) = in_member(ClusterKind::Managed).await.unwrap_err() else { panic!("no refusal") };
    assert_eq!(refusal.code, 500);
    assert!(refusal.message.contains("failed calling webhook"), "{}", refusal.message);
}

#[tokio::test]
async fn an_independent_control_plane_of_another_account_reaches_the_webhook() {
    assert_eq!(in_member(ClusterKind::Independent).await.unwrap(), ["main", "istio-proxy"]);
}
