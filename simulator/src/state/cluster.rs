//! Container clusters and their endpoints.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;
use jiff::Timestamp;
use serde::Serialize;

use super::Cloud;
use super::identity::{Caller, Principal, Uin};
use super::phase::Phase;
use crate::world::{self, ClusterKind, PodNetwork, World};

/// A container cluster of the world file. It runs from the start.
#[derive(Clone, Debug, Serialize)]
pub struct Cluster {
    /// `cls-…`.
    pub id: String,
    /// The account it belongs to.
    pub owner: Uin,
    /// Where it is.
    pub region: String,
    /// The network it is in.
    pub vpc_id: String,
    /// The subnet of its nodes, and of its pods where they have no CIDR of their own.
    pub subnet_id: String,
    /// Its name.
    pub name: String,
    /// Who runs its control plane.
    pub kind: ClusterKind,
    /// Where its pods have their addresses from.
    pub network: PodNetwork,
    /// The addresses of a Global Router cluster's pods.
    pub cluster_cidr: Option<Ipv4Net>,
    /// The addresses of its services.
    pub service_cidr: Ipv4Net,
    /// Its Kubernetes version.
    pub version: String,
    /// The endpoint in its network.
    pub intranet: Phase<EndpointState>,
    /// The public endpoint.
    pub extranet: Phase<EndpointState>,
    /// The users beside the root account who have all rights in it.
    pub admins: BTreeSet<String>,
    /// When it was made.
    pub created: Timestamp,
}

/// The state of an endpoint (API reference, `DescribeClusterEndpointStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum EndpointState {
    /// It is closed.
    NotFound,
    /// It is being opened.
    Creating,
    /// It is open.
    Created,
    /// Opening it failed.
    CreateFailed,
    /// It is being closed.
    Deleted,
}

impl Cluster {
    fn new(cluster: &world::Cluster, owner: Uin, now: Timestamp) -> Self {
        let endpoint = |open: bool| Phase::settled(if open { EndpointState::Created } else { EndpointState::NotFound });
        Self {
            id: cluster.id.clone(),
            owner,
            region: cluster.region.clone(),
            vpc_id: cluster.vpc_id.clone(),
            subnet_id: cluster.subnet_id.clone(),
            name: cluster.name.clone(),
            kind: cluster.kind,
            network: cluster.network,
            cluster_cidr: cluster.cluster_cidr,
            service_cidr: cluster.service_cidr,
            version: cluster.version.clone(),
            intranet: endpoint(cluster.endpoints.intranet),
            extranet: endpoint(cluster.endpoints.extranet),
            admins: BTreeSet::new(),
            created: now,
        }
    }

    /// One of its endpoints.
    pub fn endpoint(&self, extranet: bool) -> &Phase<EndpointState> {
        if extranet { &self.extranet } else { &self.intranet }
    }

    /// The same, to change it.
    pub fn endpoint_mut(&mut self, extranet: bool) -> &mut Phase<EndpointState> {
        if extranet { &mut self.extranet } else { &mut self.intranet }
    }

    /// Whether the caller has all rights in the cluster: its owner's root account, and who acquired them.
    pub fn is_admin(&self, caller: &Caller) -> bool {
        caller.principal == Principal::Root || self.admins.contains(&caller.user_id())
    }
}

/// All clusters by id.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Clusters(BTreeMap<String, Cluster>);

impl Clusters {
    pub(super) fn new(world: &World, now: Timestamp) -> Self {
        let owner = |cluster: &world::Cluster| Uin::from(world.accounts[&cluster.account].uin.as_str());
        let clusters = world.clusters.iter().map(|it| (it.id.clone(), Cluster::new(it, owner(it), now)));
        Self(clusters.collect())
    }

    /// All of them, ordered by id.
    pub fn iter(&self) -> impl Iterator<Item = &Cluster> {
        self.0.values()
    }

    /// The cluster with this id, whoever owns it.
    pub fn get(&self, cluster_id: &str) -> Option<&Cluster> {
        self.0.get(cluster_id)
    }

    /// The cluster with this id, where it belongs to `owner`.
    pub fn owned(&self, owner: &Uin, cluster_id: &str) -> Option<&Cluster> {
        self.0.get(cluster_id).filter(|cluster| cluster.owner == *owner)
    }

    /// The same, to change it.
    pub fn owned_mut(&mut self, owner: &Uin, cluster_id: &str) -> Option<&mut Cluster> {
        self.0.get_mut(cluster_id).filter(|cluster| cluster.owner == *owner)
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.0.values().flat_map(|it| [it.intranet.due(), it.extranet.due()]).flatten().min()
    }

    pub(super) fn settle(&mut self, now: Timestamp) {
        for cluster in self.0.values_mut() {
            cluster.intranet.settle(now);
            cluster.extranet.settle(now);
        }
    }
}

/// Why a container CIDR cannot be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// No Global Router cluster of this network has these addresses.
    #[error("no Global Router cluster of this network has these addresses")]
    NoSuchCidr,
    /// The network is in no CCN.
    #[error("the network is not attached to a CCN")]
    NotAttached,
}

impl Cloud {
    /// Publishes the container CIDR of a Global Router cluster to the CCNs of its network: the console's switch
    /// "register the container network to the CCN".
    ///
    /// # Errors
    /// Where no cluster of the network has the CIDR, or the network is in no CCN.
    pub fn publish_container_cidr(&mut self, vpc_id: &str, cidr: Ipv4Net) -> Result<(), PublishError> {
        self.check_container_cidr(vpc_id, cidr)?;
        let ccns: Vec<String> = self.ccns.active(vpc_id).map(|it| it.ccn_id.clone()).collect();
        if ccns.is_empty() {
            return Err(PublishError::NotAttached);
        }
        ccns.iter().for_each(|ccn_id| self.ccns.publish(ccn_id, vpc_id, cidr, self.timing.now));
        Ok(())
    }

    /// Takes it back.
    ///
    /// # Errors
    /// Where no cluster of the network has the CIDR.
    pub fn withdraw_container_cidr(&mut self, vpc_id: &str, cidr: Ipv4Net) -> Result<(), PublishError> {
        self.check_container_cidr(vpc_id, cidr)?;
        self.ccns.withdraw(vpc_id, cidr);
        Ok(())
    }

    fn check_container_cidr(&self, vpc_id: &str, cidr: Ipv4Net) -> Result<(), PublishError> {
        let has = |cluster: &Cluster| cluster.vpc_id == vpc_id && cluster.cluster_cidr == Some(cidr);
        if self.clusters.iter().any(has) { Ok(()) } else { Err(PublishError::NoSuchCidr) }
    }
}
