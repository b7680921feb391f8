//! What the cloud's meshes want of the clusters, as data.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde_json::Value;

use super::injection::Injection;
use crate::state::{Cloud, Gateway, GatewayState, LinkState, Mesh, MeshCluster, MeshState};

/// What all meshes want.
pub(super) struct Wanted {
    /// The meshes that there are.
    pub(super) meshes: BTreeSet<String>,
    /// The clusters of the world that are linked.
    pub(super) members: BTreeMap<String, Member>,
    /// Their injection of sidecars.
    pub(super) injections: BTreeMap<String, Injection>,
    /// Their ingress gateways.
    pub(super) gateways: BTreeMap<Place, WantedGateway>,
}

/// A cluster's part in a mesh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The mesh.
    pub(super) mesh_id: String,
    /// The mesh's Istio version, such as `1.12.5`.
    pub(super) version: String,
}

/// Where a gateway is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The cluster of the world.
    pub(super) cluster: String,
    /// The namespace.
    pub(super) namespace: String,
    /// The name.
    pub(super) name: String,
}

/// A gateway that is to run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WantedGateway {
    /// What its cluster is a member of.
    pub(super) member: Member,
    /// `IngressGateway` as the API has it.
    pub(super) spec: Value,
    /// Its load balancer, once it has one.
    pub(super) balancer: Option<Front>,
}

/// The load balancer in front of a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Front {
    /// Its id.
    pub(super) id: String,
    /// Its address.
    pub(super) vip: Ipv4Addr,
    /// The ports it listens on.
    pub(super) listeners: BTreeSet<u16>,
}

impl Wanted {
    /// What the meshes want now. One that is being deleted wants nothing.
    pub(super) fn of(cloud: &Cloud) -> Self {
        let meshes = cloud.meshes.iter().map(|mesh| mesh.id.clone()).collect();
        let mut wanted =
            Self { meshes, members: BTreeMap::new(), injections: BTreeMap::new(), gateways: BTreeMap::new() };
        for mesh in cloud.meshes.iter().filter(|mesh| mesh.phase.state() != MeshState::Deleting) {
            for cluster in mesh.clusters.iter().filter(|cluster| cluster.phase.state() == LinkState::Linked) {
                if let Some(id) = &cluster.member {
                    wanted.add(cloud, mesh, cluster, id);
                }
            }
        }
        wanted
    }

    fn add(&mut self, cloud: &Cloud, mesh: &Mesh, cluster: &MeshCluster, id: &str) {
        let member = Member { mesh_id: mesh.id.clone(), version: mesh.version.clone() };
        for gateway in cluster.gateways.iter().filter(|it| it.phase.state() != GatewayState::Waiting) {
            let place =
                Place { cluster: id.to_owned(), namespace: gateway.namespace.clone(), name: gateway.name.clone() };
            let balancer = front(cloud, gateway);
            self.gateways.insert(place, WantedGateway { member: member.clone(), spec: gateway.spec.clone(), balancer });
        }
        self.injections.insert(id.to_owned(), Injection::of(cloud, mesh, cluster, id));
        self.members.insert(id.to_owned(), member);
    }
}

fn front(cloud: &Cloud, gateway: &Gateway) -> Option<Front> {
    let balancer = cloud.balancers.balancers.get(gateway.balancer_id.as_ref()?)?;
    Some(Front { id: balancer.id.clone(), vip: balancer.vip, listeners: balancer.listeners.clone() })
}
