//! Clusters that report to a hub.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tcmesh::cloud::api::cam::{AttachRolePolicy, CreateRole, DeleteRole};
use tcmesh::cloud::api::tdcc::{
    CreateHubCluster, DeleteExternalCluster, DeleteHubCluster, DescribeExternalClusters, DescribeHubClusters,
};
use tcmesh::cloud::{Client, Error};
use tcmesh::kubernetes::{Cluster, ObjectReference};
use tcmesh::scope::Scope;
use tcmesh::wait::{self, Probe};
use tcmesh_simulator::state::AgentReport;

use super::suite::{self, Case, Import};
use crate::harness::terraform;
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

fn id(state: &Value) -> String {
    state["id"].as_str().unwrap().to_owned()
}

async fn hubs(scope: &Scope, client: &Client) -> Result<usize, Error> {
    Ok(client.send(scope, &DescribeHubClusters::default()).await?.clusters.len())
}

async fn registrations(scope: &Scope, client: &Client) -> Result<usize, Error> {
    Ok(client.send(scope, &DescribeExternalClusters::default()).await?.clusters.len())
}

fn gone(left: usize) -> Probe<()> {
    if left == 0 { Probe::Done(()) } else { Probe::Pending(format!("{left} left")) }
}

/// Authorises TDCC in account `a` and makes a hub there; answers its ID.
pub(super) fn open_hub(world: &World) -> String {
    let (role_name, policy_document) = ("TKE_QCSRole".to_owned(), r#"{"version":"2.0","statement":[]}"#.to_owned());
    let role = CreateRole { role_name: role_name.clone(), policy_document, ..Default::default() };
    let policy_name = Some("QcloudAccessForTDCCRole".to_owned());
    let attach = AttachRolePolicy { attach_role_name: Some(role_name), policy_name, ..Default::default() };
    let hub = CreateHubCluster {
        cluster_name: Some("hub".into()),
        zone: "ap-guangzhou-3".into(),
        vpc_id: "vpc-hub00001".into(),
        subnet_id: "subnet-hub00001".into(),
        tag_specification: None,
    };
    let client = world.client("a");
    let opened = world.does(async |scope| {
        client.send(scope, &role).await?;
        client.send(scope, &attach).await?;
        client.send(scope, &hub).await
    });
    opened.unwrap().cluster_id
}

/// Deletes the hub and the authorisation that was added for it: an import does not know of that.
pub(super) fn delete_hub(world: &World, state: &Value) {
    let (client, action) = (world.client("a"), DeleteHubCluster { cluster_id: id(state) });
    let role = DeleteRole { role_name: Some("TKE_QCSRole".into()), ..DeleteRole::default() };
    let deleted = world.does(async |scope| {
        client.send(scope, &action).await?;
        client.send(scope, &role).await?;
        wait::until(scope, wait::SOON, "it to be gone", async || Ok::<_, Error>(gone(hubs(scope, &client).await?)))
            .await
    });
    deleted.unwrap();
}

pub(super) fn unregister(world: &World, state: &Value) {
    let (client, action) = (world.client("a"), DeleteExternalCluster { cluster_id: id(state) });
    let deleted = world.does(async |scope| {
        client.send(scope, &action).await?;
        let probe = async || Ok::<_, Error>(gone(registrations(scope, &client).await?));
        wait::until(scope, wait::SOON, "it to be gone", probe).await
    });
    deleted.unwrap();
}

#[test]
fn tcmesh_tdcc_hub_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_tdcc_hub",
        name: "main",
        updates: &[("  name ", "  adopt     = true\n  name "), ("  adopt     = true\n", "")],
        import: Import::ById(&["adopt", "authorize_service", "service_role_name", "service_role_policy"]),
        vanish: delete_hub,
        drift: None,
        create: Some(("tdcc", "CreateHubCluster")),
        count: |world| world.does(async |scope| hubs(scope, &world.client("a")).await).unwrap(),
    });
}

#[test]
fn tcmesh_tdcc_registration_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_tdcc_registration",
        name: "cluster3",
        updates: &[("\"intranet\"", "\"extranet\"")],
        import: Import::ById(&["hub_endpoint", "hub_id"]),
        vanish: unregister,
        drift: None,
        create: Some(("tdcc", "CreateExternalCluster")),
        count: |world| world.does(async |scope| registrations(scope, &world.client("a")).await).unwrap(),
    });
}

/// The member's cluster, to somebody else.
fn member(world: &World) -> Cluster {
    world.cluster("cls-mem00003")
}

fn object(text: &str) -> ObjectReference {
    text.parse().unwrap()
}

fn delete(world: &World, objects: &[&str]) {
    let cluster = member(world);
    let deleted = world.does(async |scope| {
        for text in objects {
            cluster.delete(scope, &object(text)).await?;
        }
        Ok::<_, tcmesh::kubernetes::Error>(())
    });
    deleted.unwrap();
}

fn remove_agent(world: &World, _: &Value) {
    let cluster_wide = "rbac.authorization.k8s.io/v1/ClusterRole//clusternet:app:deployer";
    let binding = "rbac.authorization.k8s.io/v1/ClusterRoleBinding//clusternet:app:deployer";
    delete(world, &["v1/Namespace//clusternet-system", cluster_wide, binding]);
}

fn agents(world: &World) -> usize {
    let (cluster, agent) = (member(world), object("apps/v1/Deployment/clusternet-system/clusternet-agent"));
    usize::from(world.does(async |scope| cluster.get(scope, &agent).await).unwrap().is_some())
}

#[test]
fn tcmesh_tdcc_agent_passes_the_shared_suite() {
    let case = Case {
        r#type: "tcmesh_tdcc_agent",
        name: "cluster3",
        updates: &[
            ("  manifest_version = \"1\"", "  manifest_version = \"2\""),
            ("  manifest_version", "  reachable_through = [\"ccn-1\"]\n  manifest_version"),
        ],
        import: Import::ById(&["manifest_hash", "manifest_version", "reachable_through"]),
        vanish: remove_agent,
        drift: Some((|world, _| delete(world, &["v1/ServiceAccount/clusternet-system/clusternet-agent"]), "drift")),
        create: None,
        count: agents,
    };
    suite::run(&case);
}

/// What the member's cluster says of a token that it was given.
fn token(world: &World) -> String {
    let cluster = member(world);
    let secret = object("v1/Secret/clusternet-system/clusternet-agent-cluster-registration");
    let live = world.does(async |scope| cluster.get(scope, &secret).await).unwrap().unwrap();
    live["data"]["regToken"].as_str().unwrap().to_owned()
}

#[test]
fn a_month_after_an_agent_was_installed_nothing_is_planned_and_nothing_was_written() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = Workspace::new(terraform, &world);
        workspace.write("main.tf", include_str!("../../../examples/resources/tcmesh_tdcc_agent/resource.tf"));
        workspace.apply();
        let registration = workspace.state("tcmesh_tdcc_registration.cluster3").unwrap();
        let report = AgentReport { cluster_id: "cls-mem00003".into(), version: "1.28.3".into(), nodes: 1 };
        world.cloud().write(|cloud| cloud.registrations.agent_connected(&id(&registration), report));
        world.control("clock", &json!({"advance": "720h"}));
        let calls = world.calls();
        workspace.is_settled();
        assert_eq!(world.writes_since(calls), [""; 0]);
        let (state, token) = (workspace.state_file(), token(&world));
        let secret = String::from_utf8(STANDARD.decode(&token).unwrap()).unwrap();
        assert!(!state.contains(&token) && !state.contains(&secret), "the token is in the state");
        workspace.destroy();
        assert_eq!(agents(&world), 0);
    }
}

#[test]
fn without_tdcc_the_agent_takes_its_manifest_from_an_ephemeral_variable() {
    const CONFIGURATION: &str = r#"
        variable "manifest" {
          type      = string
          ephemeral = true
        }

        resource "tcmesh_tdcc_agent" "cluster3" {
          provider         = tcmesh.member
          cluster_id       = "cls-mem00003"
          registration_id  = "cls-65r1c5nu"
          manifest_wo      = var.manifest
          manifest_version = "1"
        }
    "#;
    for terraform in terraform::installed() {
        let world = World::start();
        let mut workspace = Workspace::new(terraform, &world);
        workspace.set("TF_VAR_manifest", include_str!("../../../simulator/src/services/tdcc/manifest.yaml"));
        workspace.write("main.tf", CONFIGURATION);
        workspace.apply();
        workspace.is_settled();
        let agent = workspace.state("tcmesh_tdcc_agent.cluster3").unwrap();
        assert_eq!(
            (&agent["registered_cluster_id"], &agent["control_plane"]),
            (&json!("cls-65r1c5nu"), &json!("independent"))
        );
        let journal = world.look("journal");
        assert!(
            journal.as_array().unwrap().iter().all(|call| call["service"] != "tdcc"),
            "an action of TDCC was called"
        );
        workspace.destroy();
        assert_eq!(agents(&world), 0);
    }
}
