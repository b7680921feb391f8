//! Thirty resources on one mesh and one CCN, in one process.

use std::fmt::Write as _;

use serde_json::json;
use tcmesh::cloud::api::{tcm, vpc};
use tcmesh::framework::value::Value;

use crate::harness::client::Stored;
use crate::harness::world::World;
use crate::simulated::Account;

/// How many clusters, and how many networks beside theirs, the world has.
const EACH: usize = 10;

/// Ten clusters in one network, and ten networks to attach.
fn world() -> World {
    let mut text = String::from(
        "clock: { mode: auto, scale: 1.0 }\nwaits: { default: 20ms }\naccounts:\n  a: { uin: \"100000000001\", app_id: 1250000001 }\n",
    );
    let (mut vpcs, mut clusters) = (String::from("vpcs:\n"), String::from("clusters:\n"));
    for n in 0..=EACH {
        let _ = writeln!(
            vpcs,
            "  - {{ id: vpc-many00{n:02}, account: a, region: ap-guangzhou, name: n{n}, cidr: 10.{n}.0.0/16, subnets: [{{ id: \
             subnet-many00{n:02}, zone: ap-guangzhou-3, cidr: 10.{n}.1.0/24 }}] }}"
        );
    }
    for n in 0..EACH {
        let _ = writeln!(
            clusters,
            "  - {{ id: cls-many00{n:02}, account: a, region: ap-guangzhou, vpc_id: vpc-many0000, subnet_id: subnet-many0000, \
             name: c{n}, kind: managed, network: vpc-cni, service_cidr: 172.17.{n}.0/24, version: 1.30.0, endpoints: {{ \
             intranet: true, extranet: true }} }}"
        );
    }
    text.push_str(&vpcs);
    text.push_str(&clusters);
    World::with(&text)
}

/// What the cloud has: linked clusters, running gateways, active attachments.
fn found(world: &World) -> [usize; 3] {
    let client = world.client("a");
    let (meshes, rows) = world.does(async |scope| {
        let rows = vpc::DescribeCcnAttachedInstances { limit: Some(100), ..Default::default() };
        let meshes = client.send(scope, &tcm::DescribeMeshList::default()).await.unwrap().mesh_list;
        (meshes, client.send(scope, &rows).await.unwrap().instance_set)
    });
    let clusters: Vec<_> = meshes.into_iter().flat_map(|mesh| mesh.cluster_list).collect();
    let linked = clusters.iter().filter(|cluster| cluster.link_state() == Some(&tcm::LinkState::Linked));
    let gateways = clusters.iter().filter_map(|cluster| cluster.config.as_ref()?.ingress_gateway_list.as_ref());
    let active = rows.iter().filter(|row| row.state == vpc::AttachmentState::Active);
    [linked.count(), gateways.map(Vec::len).sum(), active.count()]
}

/// The second request of an action, and every third one, finds something else at work.
fn is_busy(world: &World, service: &str, action: &str, code: &str) {
    for nth in [2, 5, 8, 11] {
        let matching = json!({"service": service, "action": action, "nth": nth});
        world.control("faults", &json!({"match": matching, "fault": {"error": {"code": code, "message": "busy"}}}));
    }
}

struct Many<'a> {
    account: Account<'a>,
    mesh: Value,
    ccn: Value,
}

impl Many<'_> {
    fn link(&self, n: usize) -> (&'static str, Value) {
        let cluster = format!("cls-many00{n:02}").as_str().into();
        let attributes = [("mesh_id", self.mesh.clone()), ("cluster_id", cluster)];
        ("tcmesh_mesh_cluster", self.account.object("tcmesh_mesh_cluster", attributes))
    }

    fn gateway(&self, n: usize) -> (&'static str, Value) {
        let (mesh, cluster) = (self.mesh.as_str().unwrap(), format!("cls-many00{:02}", n % 2));
        let attributes =
            json!({"mesh_id": mesh, "cluster_id": cluster, "name": format!("gateway{n}"), "load_balancer": {}});
        ("tcmesh_ingress_gateway", self.account.config("tcmesh_ingress_gateway", attributes))
    }

    fn attachment(&self, n: usize) -> (&'static str, Value) {
        let attributes =
            [("ccn_id", self.ccn.clone()), ("instance_id", format!("vpc-many00{:02}", n + 1).as_str().into())];
        ("tcmesh_ccn_attachment", self.account.object("tcmesh_ccn_attachment", attributes))
    }

    /// Creates all at once.
    fn create(&self, wanted: &[(&'static str, Value)]) -> Vec<Stored> {
        std::thread::scope(|threads| {
            let create = |(name, config)| threads.spawn(move || self.account.create(name, config));
            let running: Vec<_> = wanted.iter().map(|(name, config)| create((*name, config))).collect();
            running.into_iter().map(|one| one.join().unwrap()).collect()
        })
    }

    /// Destroys all at once.
    fn destroy(&self, wanted: &[(&'static str, Value)], stored: &[Stored]) {
        std::thread::scope(|threads| {
            for ((name, _), stored) in wanted.iter().zip(stored) {
                threads.spawn(move || {
                    let (left, told) = self.account.destroy(name, stored);
                    assert!(left.state.is_null(), "{name}: {told:?}");
                });
            }
        });
    }
}

#[test]
fn of_thirty_resources_at_once_none_is_lost_though_mesh_and_ccn_are_busy() {
    let world = world();
    let account = Account::of(&world, "a");
    let before = world.inventory();
    let ccn = account.create("tcmesh_ccn", &account.object("tcmesh_ccn", [("name", "many".into())]));
    let mesh = [("display_name", "many".into()), ("mesh_version", "1.18.5".into())];
    let mesh = account.create("tcmesh_mesh", &account.object("tcmesh_mesh", mesh));
    let [mesh_id, ccn_id] = [&mesh, &ccn].map(|stored| stored.state.field("id").clone());
    let many = Many { account, mesh: mesh_id, ccn: ccn_id };
    let first: Vec<_> = (0..2).map(|n| many.link(n)).collect();
    let linked = many.create(&first);
    is_busy(&world, "tcm", "LinkClusterList", "ResourceInUse");
    is_busy(&world, "tcm", "ModifyMesh", "ResourceInUse");
    is_busy(&world, "vpc", "AttachCcnInstances", "UnsupportedOperation.MutexOperationTaskRunning");
    let links = (2..EACH).map(|n| many.link(n));
    let rest: Vec<_> =
        links.chain((0..12).map(|n| many.gateway(n))).chain((0..EACH).map(|n| many.attachment(n))).collect();
    assert_eq!(rest.len(), 30);
    let stored = many.create(&rest);
    assert_eq!(found(&world), [EACH, 12, EACH]);
    for ((name, _), stored) in rest.iter().zip(&stored) {
        assert_eq!(many.account.refresh(name, stored).state, stored.state, "{name}");
    }
    is_busy(&world, "tcm", "UnlinkCluster", "ResourceInUse");
    is_busy(&world, "vpc", "DetachCcnInstances", "UnsupportedOperation.MutexOperationTaskRunning");
    many.destroy(&rest, &stored);
    many.destroy(&first, &linked);
    for (name, stored) in [("tcmesh_mesh", &mesh), ("tcmesh_ccn", &ccn)] {
        assert!(many.account.destroy(name, stored).0.state.is_null(), "{name}");
    }
    world.is_as_before(&before, "after all are destroyed");
}
