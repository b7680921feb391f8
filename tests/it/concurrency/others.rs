//! Somebody else takes out an instance while ours waits for it.

use tcmesh::cloud::api::{tdcc, vpc};
use tcmesh::framework::value::Value;

use crate::harness::client::Stored;
use crate::harness::world::World;
use crate::simulated::Account;

const WORLD: &str = "extends: cross-account\nwaits: { default: 20ms, detach: 1h, hub_delete: 1h }\n";

fn instance() -> Vec<vpc::CcnInstance> {
    let [instance_id, instance_region, instance_type] = ["vpc-app00002", "ap-guangzhou", "VPC"].map(String::from);
    vec![vpc::CcnInstance { instance_id, instance_region, instance_type, ..Default::default() }]
}

/// A CCN with an instance that somebody is taking out, which lasts until the clock is moved.
fn draining(world: &World) -> (Account<'_>, Stored, Stored, Value) {
    let account = Account::of(world, "a");
    let ccn = account.create("tcmesh_ccn", &account.object("tcmesh_ccn", [("name", "main".into())]));
    let id = ccn.state.field("id").clone();
    let attributes = [("ccn_id", id.clone()), ("instance_id", "vpc-app00002".into())];
    let config = account.object("tcmesh_ccn_attachment", attributes);
    let attachment = account.create("tcmesh_ccn_attachment", &config);
    let action = vpc::DetachCcnInstances { ccn_id: id.as_str().unwrap().into(), instances: instance() };
    world.does(async |scope| world.client("a").send(scope, &action).await).unwrap();
    (account, ccn, attachment, config)
}

/// Does something beside which the world goes on, once it has asked for the attachment a few times.
fn meanwhile<T: Send>(world: &World, work: impl FnOnce() -> T + Send) -> T {
    let begun = world.calls();
    std::thread::scope(|threads| {
        let working = threads.spawn(work);
        world.comes_true(|| world.calls() >= begun + 3);
        assert!(!working.is_finished());
        world.control("clock", &serde_json::json!({"advance": "2h"}));
        working.join().unwrap()
    })
}

#[test]
fn a_ccn_that_others_drain_is_deleted_when_it_is_empty() {
    let world = World::with(WORLD);
    let (account, ccn, ..) = draining(&world);
    let (left, told) = meanwhile(&world, || account.destroy("tcmesh_ccn", &ccn));
    assert_eq!((left.state.is_null(), told), (true, vec![]));
}

#[test]
fn an_instance_that_others_take_out_is_attached_anew_when_it_is_gone() {
    let world = World::with(WORLD);
    let (account, _, _, config) = draining(&world);
    let stored = meanwhile(&world, || account.create("tcmesh_ccn_attachment", &config));
    assert!(stored.state.field("problem").is_null());
    let writes = world.writes_since(0);
    assert_eq!(writes.iter().filter(|call| *call == "vpc:AttachCcnInstances").count(), 2);
}

#[test]
fn destroying_an_instance_that_others_take_out_waits_for_its_end() {
    let world = World::with(WORLD);
    let (account, _, attachment, _) = draining(&world);
    let (left, told) = meanwhile(&world, || account.destroy("tcmesh_ccn_attachment", &attachment));
    assert_eq!((left.state.is_null(), told), (true, vec![]));
}

#[test]
fn a_hub_that_others_delete_takes_the_role_along_that_was_made_for_it() {
    let world = World::with(WORLD);
    let account = Account::of(&world, "a");
    let before = world.inventory();
    let attributes = [("zone", "ap-guangzhou-3"), ("vpc_id", "vpc-hub00001"), ("subnet_id", "subnet-hub00001")]
        .map(|(name, value)| (name, value.into()));
    let hub = account.create("tcmesh_tdcc_hub", &account.object("tcmesh_tdcc_hub", attributes));
    let action = tdcc::DeleteHubCluster { cluster_id: hub.state.field("id").as_str().unwrap().into() };
    world.does(async |scope| world.client("a").send(scope, &action).await).unwrap();
    let (left, told) = meanwhile(&world, || account.destroy("tcmesh_tdcc_hub", &hub));
    assert_eq!((left.state.is_null(), told), (true, vec![]));
    world.is_as_before(&before, "after the hub");
}
