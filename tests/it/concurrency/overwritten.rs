//! A write of somebody else that was prepared before ours and arrives after it, where the cloud replaces the lists of a
//! cluster: what it takes away shows in the next plan.

use serde_json::{Value as Json, json};
use tcmesh::cloud::api::tcm::{Cluster, DescribeMeshList, ModifyMesh};
use tcmesh::framework::value::Value;

use crate::harness::client::Stored;
use crate::harness::world::World;
use crate::simulated::Account;

const LINK: &str = "tcmesh_mesh_cluster";
const GATEWAY: &str = "tcmesh_ingress_gateway";

/// A gateway takes an hour to be there, so that it is waited for until the clock is moved.
const WORLD: &str =
    "extends: cross-account\nwaits: { default: 20ms, gateway: 1h }\nsettings: { ingress_gateway_list: replace }\n";

/// A mesh with one linked cluster.
struct Meshed<'a> {
    account: Account<'a>,
    mesh_id: String,
    linked: Stored,
}

impl<'a> Meshed<'a> {
    fn new(world: &'a World) -> Self {
        let account = Account::of(world, "a");
        let mesh = [("display_name", "m".into()), ("mesh_version", "1.18.5".into())];
        let mesh = account.create("tcmesh_mesh", &account.object("tcmesh_mesh", mesh));
        let mesh_id = mesh.state.field("id").as_str().unwrap().to_owned();
        let linked = account.create(LINK, &account.config(LINK, link(&mesh_id, &[])));
        Self { account, mesh_id, linked }
    }

    /// The cluster as the cloud has it.
    fn cluster(&self) -> Cluster {
        let world = self.account.world;
        let meshes = world.does(async |scope| world.client("a").send(scope, &DescribeMeshList::default()).await);
        meshes.unwrap().mesh_list.remove(0).cluster_list.remove(0)
    }

    /// Somebody else sends the cluster as it was, with lists where it had none.
    fn overwrite(&self, mut earlier: Cluster) {
        let config = earlier.config.get_or_insert_default();
        config.auto_injection_namespace_list.get_or_insert_default();
        config.ingress_gateway_list.get_or_insert_default();
        let (mesh_id, cluster_list) = (self.mesh_id.clone(), Some(vec![earlier]));
        let action = ModifyMesh { mesh_id, cluster_list, ..ModifyMesh::default() };
        let world = self.account.world;
        world.does(async |scope| world.client("a").send(scope, &action).await).unwrap();
    }

    fn gateway(&self) -> Value {
        let cluster = "cls-hub00001";
        let attributes = json!({"mesh_id": self.mesh_id, "cluster_id": cluster, "name": "own", "load_balancer": {}});
        self.account.config(GATEWAY, attributes)
    }

    fn gateways(&self) -> usize {
        self.cluster().config.and_then(|config| config.ingress_gateway_list).map_or(0, |list| list.len())
    }

    /// How often the provider has looked at the mesh.
    fn looks(&self) -> usize {
        self.account.world.look("journal?action=DescribeMesh").as_array().unwrap().len()
    }

    /// Creates the gateway; `meanwhile` is done when it was seen and is waited for, and the clock is moved once `is_time` for that.
    fn create(&self, meanwhile: impl FnOnce(), is_time: impl Fn() -> bool) -> Stored {
        let config = self.gateway();
        std::thread::scope(|threads| {
            let creating = threads.spawn(|| self.account.create(GATEWAY, &config));
            self.account.world.comes_true(|| self.gateways() == 1);
            let (seen, waited_for) = (self.looks(), 2);
            self.account.world.comes_true(|| self.looks() >= seen + waited_for);
            meanwhile();
            self.account.world.comes_true(is_time);
            self.account.world.control("clock", &json!({"advance": "2h"}));
            creating.join().unwrap()
        })
    }
}

fn link(mesh_id: &str, namespaces: &[&str]) -> Json {
    json!({"mesh_id": mesh_id, "cluster_id": "cls-hub00001", "auto_injection_namespaces": namespaces})
}

#[test]
fn a_gateway_that_is_taken_away_while_it_is_waited_for_is_put_back() {
    let world = World::with(WORLD);
    let mesh = Meshed::new(&world);
    let earlier = mesh.cluster();
    let created = mesh.create(|| mesh.overwrite(earlier), || mesh.gateways() == 1);
    assert_eq!(mesh.gateways(), 1);
    assert_eq!(mesh.account.refresh(GATEWAY, &created).state, created.state);
}

#[test]
fn a_gateway_that_is_taken_away_later_is_planned_anew() {
    let world = World::with(WORLD);
    let mesh = Meshed::new(&world);
    let earlier = mesh.cluster();
    let created = mesh.create(|| {}, || true);
    mesh.overwrite(earlier);
    assert!(mesh.account.refresh(GATEWAY, &created).state.is_null());
    let created = mesh.create(|| {}, || true);
    assert_eq!(mesh.account.refresh(GATEWAY, &created).state, created.state);
}

#[test]
fn namespaces_that_are_taken_away_are_planned_anew() {
    let world = World::with(WORLD);
    let mesh = Meshed::new(&world);
    let earlier = mesh.cluster();
    let config = mesh.account.config(LINK, link(&mesh.mesh_id, &["test"]));
    let (changed, told) = mesh.account.apply(LINK, &config, &mesh.linked);
    assert_eq!(told, [""; 0]);
    mesh.overwrite(earlier);
    let found = mesh.account.refresh(LINK, &changed);
    assert_ne!(found.state, changed.state, "the next plan sees the difference");
    let (changed, told) = mesh.account.apply(LINK, &config, &found);
    assert_eq!(told, [""; 0]);
    assert_eq!(mesh.account.refresh(LINK, &changed).state, changed.state);
}
