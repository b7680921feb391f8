//! Networks joined across accounts.

use serde_json::Value;
use tcmesh::cloud::api::vpc;

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
