//! The story where TDCC's undocumented actions are not to be used: somebody registers the cluster at the console.

use serde_json::{Value, json};
use tcmesh::cloud::api::tdcc::{CreateExternalCluster, DescribeExternalClusterSpec, DescribeExternalClusters};

use super::super::registration::{delete_hub, open_hub, unregister};
use super::{everywhere, variables};
use crate::harness::world::{QUICK, World};

/// A registration that waits for its agent: hub, registration and the agent's manifest.
fn register(world: &World) -> (String, String, String) {
    let (client, hub_id) = (world.client("a"), open_hub(world));
    let register = CreateExternalCluster {
        cluster_name: "cluster3".into(),
        cluster_region: "ap-guangzhou".into(),
        ..Default::default()
    };
    world.comes_true(|| world.does(async |scope| client.send(scope, &register).await.is_ok()));
    let fetched = world.does(async |scope| {
        let mut listed = client.send(scope, &DescribeExternalClusters::default()).await?.clusters;
        let cluster_id = listed.remove(0).cluster_id;
        let fetch = DescribeExternalClusterSpec { cluster_id: cluster_id.clone(), ..Default::default() };
        client.send(scope, &fetch).await.map(|fetched| (cluster_id, fetched.spec.expose().to_owned()))
    });
    let (cluster_id, manifest) = fetched.unwrap();
    (hub_id, cluster_id, manifest)
}

#[test]
fn with_a_registration_made_at_the_console_no_action_of_tdcc_is_called() {
    everywhere(QUICK, |story| {
        let (world, workspace) = (story.world, &story.workspace);
        let before = world.inventory();
        let (hub_id, cluster_id, manifest) = register(world);
        let mut variables = variables(&world.ready());
        variables["tdcc_enabled"] = json!(false);
        variables["agent_cluster_id"] = json!(cluster_id);
        variables["agent_manifest"] = json!(manifest);
        story.set(&variables);
        let calls = world.calls();
        workspace.apply();
        workspace.is_settled();
        assert_eq!(story.statuses(), [200; 3]);
        assert_eq!(story.failed_checks(), [""; 0]);
        assert!(!workspace.state_file().contains(&token(&manifest)), "the token is in the state");
        workspace.destroy();
        let journal = world.look("journal");
        let mut by_terraform = journal.as_array().unwrap().iter().skip(calls);
        assert!(by_terraform.all(|call| call["service"] != "tdcc"), "an action of TDCC was called");
        unregister(world, &json!({"id": cluster_id}));
        delete_hub(world, &json!({"id": hub_id}));
        world.is_as_before(&before, "after the story without TDCC");
    });
}

/// The token in an agent's manifest.
fn token(manifest: &str) -> String {
    let documents: Vec<Value> = manifest.split("\n---\n").map(|text| serde_saphyr::from_str(text).unwrap()).collect();
    let secret = documents.iter().find(|document| document["kind"] == "Secret").unwrap();
    secret["stringData"]["regToken"].as_str().unwrap().to_owned()
}
