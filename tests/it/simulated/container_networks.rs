//! Container addresses in a CCN: checked or published, and what keeps them from it.

use serde_json::json;
use tcmesh::framework::value::Value;

use super::{Account, impatient};
use crate::harness::client::Stored;
use crate::harness::world::World;

const ATTACHMENT: &str = "tcmesh_ccn_attachment";
const NETWORK: &str = "tcmesh_ccn_container_network";

const WORLD: &str = "extends: cross-account\nwaits: { default: 1ms }\n";

/// A cluster whose pods have addresses that a subnet of another VPC has, too.
const OVERLAPPING: &str = r#"
waits: { default: 1ms }
accounts:
  a: { uin: "100000000001", app_id: 1250000001 }
vpcs:
  - { id: vpc-hub00001, account: a, region: ap-guangzhou, name: hub, cidr: 10.0.0.0/16,
      subnets: [{ id: subnet-hub00001, zone: ap-guangzhou-3, cidr: 10.0.1.0/24 }] }
  - { id: vpc-old00002, account: a, region: ap-guangzhou, name: old, cidr: 172.16.0.0/16,
      subnets: [{ id: subnet-old00002, zone: ap-guangzhou-3, cidr: 172.16.1.0/24 }] }
clusters:
  - { id: cls-hub00001, account: a, region: ap-guangzhou, vpc_id: vpc-hub00001, subnet_id: subnet-hub00001,
      name: hub, kind: managed, network: gr, cluster_cidr: 172.16.0.0/18, service_cidr: 172.17.0.0/20, version: 1.30.0,
      endpoints: { intranet: true, extranet: true } }
"#;

/// A CCN of account `a` with one of its VPCs attached; answers the attachment.
fn attach(account: &Account<'_>, vpc_id: &str) -> (Stored, Stored) {
    let ccn = account.create("tcmesh_ccn", &account.object("tcmesh_ccn", [("name", "main".into())]));
    let attachment = attach_to(account, &ccn, vpc_id);
    (ccn, attachment)
}

fn attach_to(account: &Account<'_>, ccn: &Stored, vpc_id: &str) -> Stored {
    let attributes = [("ccn_id", ccn.state.field("id").clone()), ("instance_id", vpc_id.into())];
    account.create(ATTACHMENT, &account.object(ATTACHMENT, attributes))
}

fn network(account: &Account<'_>, attachment: &Stored, cluster_id: &str, mode: &str) -> Value {
    let attachment_id = attachment.state.field("id").clone();
    let attributes = [("attachment_id", attachment_id), ("cluster_id", cluster_id.into()), ("mode", mode.into())];
    account.object(NETWORK, attributes)
}

fn switch(world: &World, published: bool) {
    let switch = json!({"publish_container_cidr": {"cluster_id": "cls-hub00001", "published": published}});
    world.control("console", &switch);
}

#[test]
fn what_the_console_publishes_is_verified_and_stays_when_that_ends() {
    let world = World::with(WORLD);
    let account = Account::of(&world, "a");
    let (_, attachment) = attach(&account, "vpc-hub00001");
    let config = network(&account, &attachment, "cls-hub00001", "verify");
    let before = account.apply(NETWORK, &config, &Stored::nothing());
    assert_eq!(before, (Stored::nothing(), vec!["error: The container addresses are not published".to_owned()]));
    switch(&world, true);
    let stored = account.create(NETWORK, &config);
    assert_eq!(stored.state.field("cidr_blocks"), &Value::List(vec!["172.16.0.0/18".into()]));
    switch(&world, false);
    assert!(account.refresh(NETWORK, &stored).state.is_null(), "it is not published any more");
    switch(&world, true);
    let told = vec!["warning: The container addresses are still published".to_owned()];
    assert_eq!(account.destroy(NETWORK, &stored), (Stored::nothing(), told));
    assert!(!account.refresh(NETWORK, &stored).state.is_null(), "nothing was withdrawn");
}

#[test]
fn a_cloud_without_the_undocumented_action_says_what_to_do() {
    let world = World::with(&format!("{WORLD}settings: {{ missing_actions: ['tke:*CIDR*Ccn'] }}\n"));
    let account = Account::of(&world, "a");
    let (_, attachment) = attach(&account, "vpc-hub00001");
    let config = network(&account, &attachment, "cls-hub00001", "api");
    let (stored, told) = account.apply(NETWORK, &config, &Stored::nothing());
    assert_eq!((stored, told), (Stored::nothing(), vec!["error: No action for container networks @mode".to_owned()]));
    switch(&world, true);
    let stored = account.create(NETWORK, &config);
    let (left, told) = account.destroy(NETWORK, &stored);
    assert_eq!((left, told), (stored, vec!["error: No action for container networks".to_owned()]));
}

#[test]
fn what_cannot_be_published_is_told_at_its_attribute() {
    let world = World::with(WORLD);
    let account = Account::of(&world, "a");
    let (_, attachment) = attach(&account, "vpc-app00002");
    for (cluster_id, expected) in [
        ("cls-hub00001", "error: The attachment of another VPC @attachment_id"),
        ("cls-app00002", "error: No container addresses to publish @cluster_id"),
        ("cls-mem00003", "error: No such cluster @cluster_id"),
    ] {
        let config = network(&account, &attachment, cluster_id, "api");
        let answer = account.apply(NETWORK, &config, &Stored::nothing());
        assert_eq!(answer, (Stored::nothing(), vec![expected.to_owned()]), "{cluster_id}");
    }
}

#[test]
fn a_vpc_that_still_asks_to_join_publishes_nothing() {
    let world = World::with(WORLD);
    let (owner, member) = (Account::of(&world, "a"), Account::of(&world, "b"));
    let ccn = owner.create("tcmesh_ccn", &owner.object("tcmesh_ccn", [("name", "main".into())]));
    let attributes = [
        ("ccn_id", ccn.state.field("id").clone()),
        ("ccn_uin", ccn.state.field("account_id").clone()),
        ("instance_id", "vpc-mem00003".into()),
    ];
    let attachment = member.create(ATTACHMENT, &member.object(ATTACHMENT, attributes));
    let config = network(&member, &attachment, "cls-mem00003", "api");
    let (stored, told) = member.apply(NETWORK, &impatient(config.clone(), "create"), &Stored::nothing());
    assert!(stored.state.is_null() && told[0].starts_with("error: Cannot look at the attachment"), "{told:?}");
    let attributes = [("ccn_id", ccn.state.field("id").clone()), ("instance_id", "vpc-mem00003".into())];
    let accepter = "tcmesh_ccn_attachment_accepter";
    owner.create(accepter, &owner.object(accepter, attributes));
    let stored = member.create(NETWORK, &config);
    assert_eq!(stored.state.field("enabled"), &true.into());
    assert_eq!(member.destroy(NETWORK, &stored), (Stored::nothing(), vec![]));
    assert!(member.refresh(NETWORK, &stored).state.is_null());
}

#[test]
fn a_route_that_the_ccn_does_not_use_is_shown_until_it_can_be_switched_on() {
    let world = World::with(OVERLAPPING);
    let account = Account::of(&world, "a");
    let (ccn, attachment) = attach(&account, "vpc-hub00001");
    let old = attach_to(&account, &ccn, "vpc-old00002");
    let config = network(&account, &attachment, "cls-hub00001", "api");
    let (stored, told) = account.apply(NETWORK, &config, &Stored::nothing());
    assert_eq!(told, ["warning: The CCN does not use the route @enabled"]);
    assert_eq!(stored.state.field("enabled"), &false.into());
    let (stored, told) = account.apply(NETWORK, &config, &stored);
    assert!(told[0].starts_with("error: Cannot switch on the route to 172.16.0.0/18"), "{told:?}");
    assert_eq!(stored.state.field("enabled"), &false.into());
    account.destroy(ATTACHMENT, &old);
    let (stored, told) = account.apply(NETWORK, &config, &stored);
    assert_eq!((told, stored.state.field("enabled")), (vec![], &true.into()));
}
