//! Names in DNS.

use serde_json::Value;
use tcmesh::cloud::api::dnspod::{DEFAULT_LINE, DeleteRecord, DescribeRecordList, ModifyRecord, RecordListItem};

use super::suite::{self, Case, Import};
use crate::harness::world::World;

fn listed(world: &World) -> Vec<RecordListItem> {
    let action = DescribeRecordList { sub_domain: Some("cluster1".into()), ..DescribeRecordList::of("imroc.cc") };
    world.does(async |scope| world.client("a").send(scope, &action).await).unwrap().record_list
}

fn delete(world: &World, _: &Value) {
    for RecordListItem { record_id, .. } in listed(world) {
        let action = DeleteRecord { domain: "imroc.cc".into(), record_id };
        world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
    }
}

fn point_elsewhere(world: &World, _: &Value) {
    let action = ModifyRecord {
        domain: "imroc.cc".into(),
        record_id: listed(world)[0].record_id,
        sub_domain: Some("cluster1".into()),
        record_type: "A".into(),
        record_line: DEFAULT_LINE.into(),
        value: "198.51.100.1".into(),
        ..Default::default()
    };
    world.does(async |scope| world.client("a").send(scope, &action).await.map(drop)).unwrap();
}

#[test]
fn tcmesh_dns_record_passes_the_shared_suite() {
    suite::run(&Case {
        r#type: "tcmesh_dns_record",
        name: "main",
        updates: &[
            ("values   = [\"203.0.113.10\"]", "values   = [\"203.0.113.11\"]"),
            ("values   = [\"203.0.113.11\"]", "values   = [\"203.0.113.11\", \"203.0.113.12\"]"),
            ("values   = [\"203.0.113.11\", ", "values   = ["),
            ("ttl      = 600", "ttl      = 900"),
            ("ttl      = 900", "remark   = \"The gateway\""),
            ("remark   = \"The gateway\"", "on_conflict = \"overwrite\""),
        ],
        import: Import::ById(&["on_conflict", "resolver", "wait_for_answer"]),
        vanish: delete,
        drift: Some((point_elsewhere, "values")),
        create: Some(("dnspod", "CreateRecord")),
        count: |world| listed(world).len(),
    });
}
