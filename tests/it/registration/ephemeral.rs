//! What is handed on and stored nowhere: manifests of agents, credentials of clusters.

use serde_json::{Value as Json, json};
use tcmesh::framework::value::Value;
use tcmesh::kubernetes::{Cluster, Connection, Credential};
use tcmesh::provider::Tcmesh;
use tcmesh::scope::Scope;
use tcmesh_simulator::state::{AgentReport, Registration, RegistrationState, Uin};

use super::cloud::{Cloud, MEMBER, create};
use super::support::AGENT;
use crate::harness::client::Terraform;

const MANIFEST: &str = "tcmesh_tdcc_agent_manifest";
const CREDENTIALS: &str = "tcmesh_cluster_credentials";

async fn open(terraform: &Terraform<Tcmesh>, type_name: &str, config: Json) -> Result<Value, Vec<String>> {
    let config = terraform.ephemeral(type_name, config);
    let (opened, _, told) = terraform.open(type_name, &config).await;
    if told.is_empty() { Ok(opened) } else { Err(told) }
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.field(name).as_str().unwrap()
}

/// A registration at a hub of account a, and the ID of it.
async fn registered(terraform: &Terraform<Tcmesh>) -> String {
    let hub = json!({"zone": "ap-guangzhou-3", "vpc_id": "vpc-hub00001", "subnet_id": "subnet-hub00001"});
    let (hub, _) = create(terraform, "tcmesh_tdcc_hub", hub).await;
    let registration = json!({"hub_id": text(&hub.state, "id"), "name": "cluster3", "cluster_region": "ap-guangzhou"});
    let (registration, _) = create(terraform, "tcmesh_tdcc_registration", registration).await;
    text(&registration.state, "id").to_owned()
}

/// The agent of a registration reports from the member's cluster.
fn connect(cloud: &Cloud, id: &str) {
    let report = AgentReport { cluster_id: MEMBER.into(), version: "1.28.3".into(), nodes: 1 };
    cloud.handle.cloud().write(|cloud| cloud.registrations.agent_connected(id, report));
}

/// Whether somebody gets in with these credentials.
async fn gets_in(credentials: &Value) -> bool {
    let credential = Credential::ClientCertificate {
        certificate: text(credentials, "client_certificate").into(),
        key: text(credentials, "client_key").into(),
    };
    let (host, ca) = (text(credentials, "host"), text(credentials, "cluster_ca_certificate"));
    let cluster = Cluster::connect(&Connection::explicit(host, Some(ca), false, &credential).unwrap()).await.unwrap();
    cluster.uid(&Scope::unstopped(std::time::Duration::from_secs(30))).await.is_ok_and(|uid| !uid.is_empty())
}

#[tokio::test]
async fn a_manifest_is_for_the_endpoint_that_was_asked_for() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("a", json!({})).await;
    let id = registered(&terraform).await;
    let intranet = open(&terraform, MANIFEST, json!({"registration_id": id})).await.unwrap();
    assert!(text(&intranet, "manifest").contains("parentURL: https://10.0.1."), "the hub's subnet");
    assert_eq!((intranet.field("hub_endpoint"), intranet.field("registered")), (&"intranet".into(), &false.into()));
    let extranet =
        open(&terraform, MANIFEST, json!({"registration_id": id, "hub_endpoint": "extranet"})).await.unwrap();
    assert!(!text(&extranet, "manifest").contains("parentURL: https://10."));
}

#[tokio::test]
async fn a_hub_that_keeps_the_manifest_of_a_registered_cluster_is_no_error() {
    let cloud = Cloud::start("settings: { manifest_once_registered: refuse }\n").await;
    let terraform = cloud.terraform("a", json!({})).await;
    let id = registered(&terraform).await;
    connect(&cloud, &id);
    let opened = open(&terraform, MANIFEST, json!({"registration_id": id})).await.unwrap();
    assert_eq!((opened.field("manifest"), opened.field("registered")), (&Value::Null, &true.into()));
}

#[tokio::test]
async fn credentials_of_a_cluster_let_others_in() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("b", json!({})).await;
    let opened = open(&terraform, CREDENTIALS, json!({"cluster_id": MEMBER})).await.unwrap();
    assert!(text(&opened, "kubeconfig").contains(text(&opened, "host")));
    assert!(gets_in(&opened).await);
    assert!(opened.field("token").is_null() && opened.field("endpoint").is_null());
}

/// Installs the agent of a registration in the member's cluster, and waits until the hub hears it.
async fn install(cloud: &Cloud, terraform: &Terraform<Tcmesh>, id: &str) {
    let config = json!({"registration_id": id, "hub_endpoint": "extranet"});
    let manifest = open(terraform, MANIFEST, config).await.unwrap();
    let agent = json!({"cluster_id": MEMBER, "registration_id": id, "manifest_version": "1",
        "manifest_wo": text(&manifest, "manifest")});
    create(&cloud.terraform("b", json!({})).await, AGENT, agent).await;
    let runs = || {
        let owner = Uin::from("100000000001");
        let state = |it: &Registration| it.phase.state();
        cloud.handle.cloud().read(|cloud| cloud.registrations.owned(&owner, id).map(state))
    };
    let mut changes = cloud.handle.cloud().changes();
    while runs() != Some(RegistrationState::Running) {
        changes.changed().await.unwrap();
    }
}

#[tokio::test]
async fn credentials_of_a_registered_cluster_lead_through_its_hub() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("a", json!({})).await;
    let id = registered(&terraform).await;
    install(&cloud, &terraform, &id).await;
    let credentials = open(&terraform, CREDENTIALS, json!({"cluster_id": id})).await.unwrap();
    assert!(text(&credentials, "host").contains("/apis/proxies.clusternet.io/"), "through the hub");
    assert!(gets_in(&credentials).await);
    let without = cloud.terraform("a", json!({"tdcc": {"enabled": false}})).await;
    let told = open(&without, CREDENTIALS, json!({"cluster_id": id})).await.unwrap_err();
    assert_eq!(told, ["error: No such cluster @cluster_id"]);
}

#[tokio::test]
async fn a_cluster_that_is_in_no_list_is_told_at_the_argument() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("a", json!({})).await;
    for id in [MEMBER, "cls-00000000"] {
        let told = open(&terraform, CREDENTIALS, json!({"cluster_id": id})).await.unwrap_err();
        assert_eq!(told, ["error: No such cluster @cluster_id"]);
    }
}
