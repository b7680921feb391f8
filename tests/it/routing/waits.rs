//! What an apply of a manifest waits for.

use serde_json::{Value as Json, json};

use super::support::{World, at};
use crate::harness::client::Stored;

const MANIFEST: &str = "tcmesh_manifest";

/// The first service of the story.
const SERVICE: &str = include_str!("../../../examples/cross-account-ingress/services/cluster1.yaml");

fn config(world: &World, yaml: &str, rest: &Json) -> tcmesh::framework::value::Value {
    let mut config = json!({"yaml": yaml});
    config.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    world.terraform.config(MANIFEST, config)
}

#[tokio::test]
async fn an_apply_returns_when_the_workload_runs() {
    let world = World::unlinked().await;
    let stored = world.create(MANIFEST, &config(&world, SERVICE, &json!({"wait": {"rollout": true}}))).await;
    let live = world.live("apps/v1", "Deployment", "test", "cluster1").await.unwrap();
    assert_eq!(live["status"]["availableReplicas"], 1);
    assert_eq!(at(&stored, "objects.2.kind"), &"Deployment".into());
}

#[tokio::test]
async fn a_timeout_tells_which_pod_does_not_run_and_why() {
    let world = World::unlinked().await;
    let broken = SERVICE.replace("image: stoplight/prism:4", "image: broken:1");
    let rest = json!({"wait": {"rollout": true}});
    let config = crate::harness::client::with(
        config(&world, &broken, &rest),
        "timeouts",
        crate::harness::client::timeouts([("create", "2s")]),
    );
    let (kept, told) = world.terraform.apply(MANIFEST, &config, &Stored::nothing()).await;
    assert_eq!(told, ["error: Cannot roll out the Deployment test/cluster1"]);
    let details = world.terraform.details();
    assert!(
        details.contains("pod cluster1-") && details.contains("ErrImagePull") || details.contains("ImagePullBackOff"),
        "{details}"
    );
    assert!(!kept.state.is_null(), "what was made is known");
}

#[tokio::test]
async fn conditions_and_fields_are_waited_for() {
    let world = World::unlinked().await;
    let wait = json!({"wait": {
        "condition": [{"kind": "Deployment", "type": "Available", "status": "True"}],
        "field": [{"kind": "Deployment", "path": "status.readyReplicas", "value": "1"},
            {"kind": "Service", "name": "cluster1", "path": "spec.clusterIP"}],
    }});
    world.create(MANIFEST, &config(&world, SERVICE, &wait)).await;
}

#[tokio::test]
async fn a_wait_must_be_about_an_object_of_the_manifest() {
    let world = World::unlinked().await;
    let told = async |wait: Json| {
        world.terraform.validate(MANIFEST, &config(&world, SERVICE, &json!({"wait": wait})), true).await
    };
    let unnamed = json!({"condition": [{"type": "Available"}]});
    assert_eq!(told(unnamed).await, ["error: Missing argument @wait.condition.0.kind"]);
    let absent = json!({"field": [{"kind": "Job", "path": "status.succeeded"}]});
    assert_eq!(told(absent).await, ["error: Wait for an object of another manifest @wait.field.0"]);
    let broken = json!({"field": [{"kind": "Service", "path": "{.status}"}]});
    assert_eq!(told(broken).await, ["error: Invalid value @wait.field.0.path"]);
}

#[tokio::test]
async fn a_change_of_what_is_waited_for_is_an_update() {
    let world = World::unlinked().await;
    let stored = world.create(MANIFEST, &config(&world, SERVICE, &json!({}))).await;
    world.update(MANIFEST, &config(&world, SERVICE, &json!({"wait": {"rollout": true}})), &stored).await;
}
