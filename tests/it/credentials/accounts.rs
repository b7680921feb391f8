//! Two accounts driven at once in one process.

use serde_json::{Value as Json, json};
use tcmesh::provider::{self, Tcmesh};
use tcmesh::scope::StopSwitch;
use tokio::task::JoinSet;

use crate::harness::client::{Stored, Terraform};
use crate::harness::world::World;

const CCN: &str = "tcmesh_ccn";
const EACH: usize = 4;

/// A provider with the keys of an account.
async fn of(world: &World, account: &str) -> Terraform<Tcmesh> {
    let terraform = Terraform::of(|| provider::server(StopSwitch::default()));
    let (id, key) = world.keys(account);
    let block = json!({"endpoint": world.endpoint(), "region": "ap-guangzhou", "secret_id": id, "secret_key": key});
    assert_eq!(terraform.configure(&terraform.provider(block)).await, [""; 0]);
    terraform
}

/// Creates, reads, renames and destroys a CCN whose name says whose it is.
async fn come_and_go(terraform: Terraform<Tcmesh>, account: &'static str, number: usize) {
    let named = |name: String| terraform.config(CCN, json!({"name": name}));
    let (created, told) = terraform.apply(CCN, &named(format!("{account}-{number}")), &Stored::nothing()).await;
    assert_eq!(told, [""; 0]);
    let (read, told) = terraform.read(CCN, &created).await;
    assert_eq!(told, [""; 0]);
    let (renamed, told) = terraform.apply(CCN, &named(format!("{account}-{number}-renamed")), &read).await;
    assert_eq!(told, [""; 0]);
    let (gone, told) = terraform.destroy(CCN, &renamed).await;
    assert!(gone.state.is_null() && told.is_empty(), "{told:?}");
}

#[test]
fn each_call_for_an_object_is_signed_by_the_account_that_owns_it() {
    let world = World::start();
    world.block_on(async {
        let mut work = JoinSet::new();
        for account in ["a", "b"] {
            let terraform = of(&world, account).await;
            for number in 0..EACH {
                work.spawn(come_and_go(terraform.clone(), account, number));
            }
        }
        while let Some(done) = work.join_next().await {
            done.unwrap();
        }
    });
    let journal = world.look("journal");
    let calls = journal.as_array().unwrap();
    let created = |account: &str| {
        let is_ours = |call: &&Json| call["action"] == "CreateCcn" && call["account"] == account;
        let names = calls.iter().filter(is_ours).map(|call| call["parameters"]["CcnName"].as_str().unwrap());
        assert!(names.clone().all(|name| name.starts_with(&format!("{account}-"))), "{account} made {names:?}");
        names.count()
    };
    assert_eq!((created("a"), created("b")), (EACH, EACH));
    // A call about an object of another account would be answered like one about an object that is not there.
    assert!(calls.iter().all(|call| call["code"].is_null()), "{calls:#?}");
    assert!(calls.iter().all(|call| call["account"] == "a" || call["account"] == "b"));
}
