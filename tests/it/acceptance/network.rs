//! Networks joined across accounts.

use serde_json::Value;
use tcmesh::cloud::api::tke;
use tcmesh::cloud::api::vpc::{self, AttachmentState};

use super::suite::{self, Case, Import};
use crate::harness::world::World;

fn id(state: &Value) -> String {
    state["id"].as_str().unwrap().to_owned()
}

fn delete_ccn(world: &World, state: &Value) {
    let action = vpc::DeleteCcn { ccn_id: id(state) };
    world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
}

fn rename_ccn(world: &World, state: &Value) {
    let action = vpc::ModifyCcnAttribute { ccn_id: id(state), ccn_name: Some("renamed".into()), ..Default::default() };
    world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
}

fn count_ccns(world: &World) -> usize {
    let found = world.does(async |scope| world.client("a").send(scope, &vpc::DescribeCcns::default()).await);
    found.unwrap().ccn_set.len()
}

#[test]
fn tcmesh_ccn_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_ccn",
        name: "main",
        updates: &[
            ("name        = \"cross-account-ingress\"", "name        = \"other\""),
            ("description = \"Joins the VPCs whose services one gateway serves\"", "description = \"Other\""),
            ("description = \"Other\"", ""),
            ("team = \"network\"", "team = \"platform\""),
            ("  qos_level   = \"AU\"", "  route_ecmp_flag = true"),
            ("  route_ecmp_flag = true", "  route_ecmp_flag = true\n  bandwidth_limit_type = \"INTER_REGION_LIMIT\""),
        ],
        import: Import::ById(&[]),
        vanish: delete_ccn,
        drift: Some((rename_ccn, "name")),
        create: Some(("vpc", "CreateCcn")),
        count: count_ccns,
    });
}

/// The rows of an instance in all CCNs of account `a`.
pub(super) fn rows(world: &World, instance_id: &str) -> Vec<vpc::CcnAttachedInstance> {
    let all = vpc::DescribeCcnAttachedInstances::default();
    let mut found = world.does(async |scope| world.client("a").send(scope, &all).await).unwrap().instance_set;
    found.retain(|row| row.instance_id == instance_id);
    found
}

pub(super) fn instance(state: &Value) -> vpc::CcnInstance {
    let text = |name: &str| state[name].as_str().unwrap().to_owned();
    vpc::CcnInstance {
        instance_id: text("instance_id"),
        instance_region: text("instance_region"),
        instance_type: text("instance_type"),
        ..Default::default()
    }
}

pub(super) fn ccn(state: &Value) -> String {
    state["ccn_id"].as_str().unwrap().to_owned()
}

/// Detaches in the console of the CCN's owner, and waits until the instance is gone.
fn detach(world: &World, state: &Value) {
    let action = vpc::DetachCcnInstances { ccn_id: ccn(state), instances: vec![instance(state)] };
    world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
    while !rows(world, &instance(state).instance_id).is_empty() {}
}

/// Detaches, and asks again as the owner of the instance.
pub(super) fn ask_again(world: &World, state: &Value) {
    detach(world, state);
    let ccn_uin = Some(state["account_id"].as_str().unwrap().to_owned());
    let action = vpc::AttachCcnInstances { ccn_id: ccn(state), instances: vec![instance(state)], ccn_uin };
    world.does(async |scope| world.client("b").send(scope, &action).await.map(drop)).unwrap();
}

fn describe(world: &World, state: &Value) {
    let described = vpc::CcnInstance { description: Some("changed".into()), ..instance(state) };
    let action = vpc::ModifyCcnAttachedInstancesAttribute { ccn_id: ccn(state), instances: vec![described] };
    world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
}

#[test]
fn tcmesh_ccn_attachment_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_ccn_attachment",
        name: "main",
        updates: &[
            ("description = \"Services of account A\"", "description = \"Other\""),
            ("  description = \"Other\"", ""),
            ("instance_id = \"vpc-app00002\"", "instance_id = \"vpc-app00002\"\n  wait_for_accept = true"),
            ("wait_for_accept = true", "description = \"Again\""),
        ],
        import: Import::ById(&["wait_for_accept"]),
        vanish: detach,
        drift: Some((describe, "description")),
        create: Some(("vpc", "AttachCcnInstances")),
        count: |world| rows(world, "vpc-app00002").len(),
    });
}

#[test]
fn tcmesh_ccn_attachment_accepter_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_ccn_attachment_accepter",
        name: "main",
        updates: &[
            ("on_destroy      = \"detach\"", "on_destroy      = \"reject\""),
            ("on_destroy      = \"reject\"", "description     = \"Services of account B\""),
        ],
        import: Import::ById(&["on_destroy", "description"]),
        vanish: detach,
        drift: Some((ask_again, "state")),
        create: Some(("vpc", "AcceptAttachCcnInstances")),
        count: |world| rows(world, "vpc-mem00003").iter().filter(|row| row.state == AttachmentState::Active).count(),
    });
}

/// The routes to the container addresses of the hub's cluster.
fn container_routes(world: &World) -> usize {
    let action = tke::DescribeCcnRoutes { vpc_id: "vpc-hub00001".into(), cluster_cidr: "172.16.0.0/18".into() };
    world.does(async |scope| world.client("a").send(scope, &action).await).unwrap().route_set.len()
}

fn unpublish(world: &World, _: &Value) {
    let action = tke::DeleteClusterCIDRFromCcn { vpc_id: "vpc-hub00001".into(), cluster_cidr: "172.16.0.0/18".into() };
    world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
}

#[test]
fn tcmesh_ccn_container_network_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_ccn_container_network",
        name: "main",
        updates: &[
            ("mode          = \"api\"", "mode          = \"verify\""),
            ("mode          = \"verify\"", "mode          = \"api\""),
        ],
        import: Import::ById(&["mode"]),
        vanish: unpublish,
        drift: None,
        create: Some(("tke", "AddClusterCIDRToCcn")),
        count: container_routes,
    });
}
