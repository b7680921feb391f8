//! Clusters that report to a hub.

use serde_json::Value;
use tcmesh::cloud::api::cam::DeleteRole;
use tcmesh::cloud::api::tdcc::{
    DeleteExternalCluster, DeleteHubCluster, DescribeExternalClusters, DescribeHubClusters,
};
use tcmesh::cloud::{Client, Error};
use tcmesh::scope::Scope;
use tcmesh::wait::{self, Probe};

use super::suite::{self, Case, Import};
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

/// Deletes the hub and the authorisation that was added for it: an import does not know of that.
fn delete_hub(world: &World, state: &Value) {
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

fn unregister(world: &World, state: &Value) {
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
