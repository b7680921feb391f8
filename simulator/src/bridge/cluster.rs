//! A cluster of the world: its API server, and the controllers that make it behave.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kube::Client;

use super::StartError;
use super::api::ClusterApi;
use super::clock::WorldClock;
use super::pods::{network, take_address};
use crate::controllers::{self, Controllers, NodeOptions, SimulatedRuntime, Workloads};
use crate::kubernetes::{self, ApiServer};
use crate::oversight::Oversight;
use crate::state::SharedCloud;
use crate::world::{self, ClusterKind};

/// The name under which a cluster's own parts ask its API.
const COMPONENT: &str = "system:kube-controller-manager";

/// A running cluster.
pub(crate) struct Cluster {
    /// As the world describes it.
    pub(crate) described: world::Cluster,
    /// Its API.
    pub(crate) server: Box<dyn ClusterApi>,
    /// A client of its API that may do everything.
    pub(crate) client: Client,
    life: Mutex<Option<Life>>,
}

/// What ends when the world begins anew.
struct Life {
    controllers: Controllers,
    node: Ipv4Addr,
}

/// The clusters of the world by id.
pub(crate) type Clusters = BTreeMap<String, Cluster>;

impl Cluster {
    /// Starts a cluster with one node, on an API that is served already, or else on one of its own.
    ///
    /// # Errors
    /// Where its API cannot be served, or its subnet has no address for a node.
    pub(super) fn start(
        described: &world::Cluster,
        served: Option<Box<dyn ClusterApi>>,
        cloud: &SharedCloud,
        oversight: &Oversight,
    ) -> Result<Self, StartError> {
        let server = match served {
            Some(server) => server,
            None => Box::new(Self::serve(described, cloud, oversight)?),
        };
        let client = server.client(COMPONENT);
        let cluster = Self { described: described.clone(), server, client, life: Mutex::default() };
        cluster.begin(cloud)?;
        Ok(cluster)
    }

    fn serve(described: &world::Cluster, cloud: &SharedCloud, oversight: &Oversight) -> Result<ApiServer, StartError> {
        let server = ApiServer::start(kubernetes::Options {
            name: described.id.clone(),
            version: described.version.clone(),
            service_network: described.service_cidr,
            clock: Arc::new(WorldClock(cloud.clone())),
            issued: cloud.issued().clone(),
            journal: Some(oversight.journal_of(&described.id, cloud)),
            faults: Some(oversight.faults_of(&described.id)),
            ..kubernetes::Options::default()
        });
        server.map_err(|source| StartError::Cluster { id: described.id.clone(), source })
    }

    /// Ends what happens in the cluster, and empties it. Its address and credentials stay.
    pub(super) async fn stop(&self) {
        let life = self.life().take();
        if let Some(life) = life {
            life.controllers.stop().await;
        }
        self.server.reset();
    }

    /// Lets the empty cluster live, with one node.
    ///
    /// # Errors
    /// Where its subnet has no address for the node.
    pub(super) fn begin(&self, cloud: &SharedCloud) -> Result<(), StartError> {
        let world::Cluster { id, subnet_id, .. } = &self.described;
        let full = || StartError::NoAddress { id: id.clone(), subnet_id: subnet_id.clone() };
        let node = take_address(cloud, subnet_id).ok_or_else(full)?;
        let controllers = Controllers::start(controllers::Options {
            client: self.client.clone(),
            clock: Arc::new(WorldClock(cloud.clone())),
            ca_pem: self.server.ca_pem(),
            nodes: vec![NodeOptions { name: self.node_name(node), address: node, labels: BTreeMap::new() }],
            network: network(&self.described, cloud),
            runtime: Arc::new(SimulatedRuntime),
            load_balancers: None,
            foreign_groups: self.server.foreign_groups(),
        });
        *self.life() = Some(Life { controllers, node });
        Ok(())
    }

    /// Nodes are named by their addresses; a serverless cluster has a virtual node for each subnet (TKE documents).
    fn node_name(&self, address: Ipv4Addr) -> String {
        match self.described.kind {
            ClusterKind::Eks => format!("eklet-{}", self.described.subnet_id),
            ClusterKind::Managed | ClusterKind::Independent => address.to_string(),
        }
    }

    /// Waits until the cluster has what every cluster has.
    pub(super) async fn furnished(&self) {
        if let Some(node) = self.node() {
            self.server.vacate(&self.node_name(node)).await;
        }
        controllers::furnished(&self.client, 1).await;
    }

    /// What runs in its pods, while it lives.
    pub(crate) fn workloads(&self) -> Option<Arc<Workloads>> {
        self.life().as_ref().map(|life| Arc::clone(life.controllers.workloads()))
    }

    /// The address of its node, while it lives.
    pub(crate) fn node(&self) -> Option<Ipv4Addr> {
        self.life().as_ref().map(|life| life.node)
    }

    fn life(&self) -> MutexGuard<'_, Option<Life>> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
