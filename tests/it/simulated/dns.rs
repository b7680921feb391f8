//! DNS records: lists that lag, name servers that lag, records that are there already.

use std::time::Duration;

use tcmesh::cloud::api::dnspod::{CreateRecord, DEFAULT_LINE, DescribeRecordList, ModifyRecord, RecordListItem};
use tcmesh::dns::{self, RecordType};
use tcmesh::framework::value::Value;
use tcmesh::scope::Scope;

use super::{Account, impatient};
use crate::harness::client::{Stored, with};
use crate::harness::world::World;

const RECORD: &str = "tcmesh_dns_record";

fn world(waits: &str) -> World {
    World::with(&format!("extends: cross-account\nwaits: {{ default: 1ms, {waits} }}\n"))
}

fn set(values: &[&str]) -> Value {
    Value::set(values.iter().map(|value| Value::from(*value)))
}

fn records(account: &Account<'_>, name: &str, kind: &str, values: &[&str]) -> Value {
    let attributes = [
        ("zone", "imroc.cc".into()),
        ("name", name.into()),
        ("type", kind.into()),
        ("values", set(values)),
        ("resolver", account.world.dns().as_str().into()),
    ];
    account.object(RECORD, attributes)
}

fn listed(world: &World, name: &str) -> Vec<RecordListItem> {
    let action = DescribeRecordList { sub_domain: Some(name.into()), ..DescribeRecordList::of("imroc.cc") };
    world.does(async |scope| world.client("a").send(scope, &action).await).unwrap().record_list
}

/// Makes a record in the console.
fn add(world: &World, name: &str, value: &str) -> u64 {
    let action = CreateRecord {
        domain: "imroc.cc".into(),
        sub_domain: Some(name.into()),
        record_type: "A".into(),
        record_line: DEFAULT_LINE.into(),
        value: value.into(),
        ttl: Some(600),
        ..Default::default()
    };
    world.does(async |scope| world.client("a").send(scope, &action).await).unwrap().record_id
}

#[test]
fn every_type_is_created_answered_and_settled() {
    let world = world("dns: 50ms");
    let account = Account::of(&world, "a");
    for (name, kind, values, mx) in [
        ("four", "A", &["203.0.113.1", "203.0.113.2"][..], None),
        ("six", "AAAA", &["2001:DB8:0::1"], None),
        ("alias", "CNAME", &["LB.example.com"], None),
        ("@", "MX", &["mail.example.com."], Some(10)),
        ("sub", "NS", &["ns1.example.com", "ns2.example.com"], None),
        ("text", "TXT", &["v=spf1 include:example.com -all"], None),
        ("*.wild", "A", &["203.0.113.3"], None),
    ] {
        let config = records(&account, name, kind, values);
        let config = if let Some(mx) = mx { with(config, "mx", Value::from(mx)) } else { config };
        let stored = account.create(RECORD, &config);
        let read = account.refresh(RECORD, &stored);
        assert_eq!(read.state, stored.state, "{kind}");
        assert_eq!(read.state.field("values"), &set(values), "{kind}");
        assert_eq!(account.destroy(RECORD, &read), (Stored::nothing(), vec![]), "{kind}");
    }
}

#[test]
fn an_apply_lasts_until_the_name_servers_answer() {
    let world = world("dns: 300ms");
    let account = Account::of(&world, "a");
    account.create(RECORD, &records(&account, "www", "A", &["203.0.113.1"]));
    let (scope, server) = (Scope::unstopped(Duration::from_secs(10)), dns::server(&world.dns()).unwrap());
    let answer = world.block_on(dns::ask(&scope, server, "www.imroc.cc", RecordType::A)).unwrap();
    assert_eq!(answer.data.len(), 1);
}

#[test]
fn name_servers_that_never_answer_end_the_apply_with_an_error_and_the_records_are_kept() {
    let world = world("dns: 1h");
    let account = Account::of(&world, "a");
    let config = records(&account, "www", "A", &["203.0.113.1"]);
    let (stored, told) = account.apply(RECORD, &impatient(config.clone(), "create"), &Stored::nothing());
    assert_eq!(told, ["error: Cannot see www.imroc.cc (A) answered"]);
    assert_eq!(stored.state.field("id"), &"imroc.cc#www#A#0".into());
    account.destroy(RECORD, &stored);
    account.create(RECORD, &with(config, "wait_for_answer", false.into()));
}

#[test]
fn lists_that_lag_hide_nothing_that_was_made_here() {
    let world = world("record_list: 1h");
    let account = Account::of(&world, "a");
    let stored = account.create(RECORD, &records(&account, "www", "A", &["203.0.113.1"]));
    assert_eq!(account.refresh(RECORD, &stored).state, stored.state);
    let more = records(&account, "www", "A", &["203.0.113.1", "203.0.113.2"]);
    let (stored, told) = account.apply(RECORD, &more, &stored);
    assert_eq!(told, [""; 0]);
    let stored = account.refresh(RECORD, &stored);
    assert_eq!(stored.state.field("values"), &set(&["203.0.113.1", "203.0.113.2"]));
    account.destroy(RECORD, &stored);
    assert!(account.refresh(RECORD, &stored).state.is_null());
}

#[test]
fn a_lost_answer_makes_no_second_record_even_while_lists_lag() {
    let world = world("record_list: 500ms");
    let account = Account::of(&world, "a");
    super::next_step(&world, "CreateRecord", "drop_reply");
    let stored = account.create(RECORD, &records(&account, "www", "A", &["203.0.113.1"]));
    assert_eq!(listed(&world, "www").len(), 1);
    account.destroy(RECORD, &stored);
    assert_eq!(listed(&world, "www").len(), 0);
}

#[test]
fn records_that_are_there_already_are_taken_or_changed_only_on_demand() {
    let world = world("dns: 1ms");
    let account = Account::of(&world, "a");
    let id = add(&world, "www", "203.0.113.1");
    let equal = records(&account, "www", "A", &["203.0.113.1"]);
    let other = records(&account, "www", "A", &["203.0.113.2"]);
    let refused = (Stored::nothing(), vec!["error: The records exist already @name".to_owned()]);
    let calls = world.calls();
    assert_eq!(account.apply(RECORD, &equal, &Stored::nothing()), refused);
    let adopting = |config: &Value| with(config.clone(), "on_conflict", "adopt_if_equal".into());
    assert_eq!(account.apply(RECORD, &adopting(&other), &Stored::nothing()), refused);
    account.create(RECORD, &adopting(&equal));
    assert_eq!(world.writes_since(calls), [""; 0], "nothing was to be changed");
    let stored = account.create(RECORD, &with(other, "on_conflict", "overwrite".into()));
    assert_eq!(world.writes_since(calls), ["dnspod:ModifyRecord"]);
    assert_eq!(listed(&world, "www")[0].record_id, id);
    account.destroy(RECORD, &stored);
    assert_eq!(listed(&world, "www").len(), 0);
}

#[test]
fn what_others_add_or_switch_off_is_shown_and_put_right() {
    let world = world("dns: 1ms");
    let account = Account::of(&world, "a");
    let config = records(&account, "www", "A", &["203.0.113.1"]);
    let stored = account.create(RECORD, &config);
    add(&world, "www", "203.0.113.9");
    // Lists lag behind.
    world.comes_true(|| listed(&world, "www").len() == 2);
    let found = account.refresh(RECORD, &stored);
    assert_eq!(found.state.field("values"), &set(&["203.0.113.1", "203.0.113.9"]));
    let (stored, _) = account.apply(RECORD, &config, &found);
    let own = listed(&world, "www");
    assert_eq!(own.len(), 1);
    let off = ModifyRecord {
        domain: "imroc.cc".into(),
        record_id: own[0].record_id,
        sub_domain: Some("www".into()),
        record_type: "A".into(),
        record_line: DEFAULT_LINE.into(),
        value: "203.0.113.1".into(),
        status: Some("DISABLE".into()),
        ..Default::default()
    };
    world.does(async |scope| world.client("a").send(scope, &off).await.map(drop)).unwrap();
    let found = account.refresh(RECORD, &stored);
    assert_eq!(found.state.field("values"), &set(&[]));
    let (stored, told) = account.apply(RECORD, &config, &found);
    assert_eq!((told, stored.state.field("values")), (vec![], &set(&["203.0.113.1"])));
    assert_eq!(listed(&world, "www")[0].status.as_deref(), Some("ENABLE"));
}

#[test]
fn what_others_added_since_the_last_look_is_not_deleted() {
    let world = world("dns: 1ms");
    let account = Account::of(&world, "a");
    let stored = account.create(RECORD, &records(&account, "www", "A", &["203.0.113.1"]));
    add(&world, "www", "203.0.113.9");
    account.destroy(RECORD, &stored);
    let left: Vec<String> = listed(&world, "www").into_iter().map(|record| record.value).collect();
    assert_eq!(left, ["203.0.113.9"]);
}

#[test]
fn the_domain_of_another_account_is_told_at_the_zone() {
    let world = world("dns: 1ms");
    let member = Account::of(&world, "b");
    let config = records(&member, "www", "A", &["203.0.113.1"]);
    let answer = member.apply(RECORD, &config, &Stored::nothing());
    assert_eq!(answer, (Stored::nothing(), vec!["error: No such domain @zone".to_owned()]));
    let stored = Account::of(&world, "a").create(RECORD, &config);
    let wrong = vec!["error: Keys of another account @account_id".to_owned()];
    assert_eq!(member.destroy(RECORD, &stored), (stored, wrong));
}
