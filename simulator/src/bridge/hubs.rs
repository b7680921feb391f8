//! The API servers of hubs: they come and go with the hubs of the cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::{Arc, PoisonError, RwLock};

use ipnet::Ipv4Net;
use kube::Client;

use super::Failure;
use super::clock::WorldClock;
use crate::agents;
use crate::controllers::{self, Controllers, NetworkRange, SimulatedRuntime};
use crate::kubernetes::{self, ApiServer};
use crate::oversight::Oversight;
use crate::state::{Cloud, HubState, SharedCloud};

/// The Kubernetes version of hubs (assumed).
const VERSION: &str = "1.22.5";
/// Hubs have no nodes, so no pod ever needs an address.
const NO_PODS: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 32);

/// A hub that is served.
pub(super) struct Hub {
    pub(super) server: ApiServer,
    pub(super) client: Client,
    _controllers: Controllers,
}

impl Hub {
    async fn start(id: &str, cloud: &SharedCloud, oversight: &Oversight) -> Result<Self, Failure> {
        let clock = Arc::new(WorldClock(cloud.clone()));
        let server = ApiServer::start(kubernetes::Options {
            name: id.to_owned(),
            version: VERSION.to_owned(),
            clock: clock.clone(),
            issued: cloud.issued().clone(),
            journal: Some(oversight.journal_of(id, cloud)),
            faults: Some(oversight.faults_of(id)),
            ..kubernetes::Options::default()
        })?;
        server.attach(&agents::group());
        let client = server.client("system:clusternet-hub");
        let controllers = Controllers::start(controllers::Options {
            client: client.clone(),
            clock,
            ca_pem: server.ca_pem(),
            nodes: Vec::new(),
            network: Arc::new(NetworkRange::new(NO_PODS)),
            runtime: Arc::new(SimulatedRuntime),
            load_balancers: None,
            foreign_groups: Vec::new(),
        });
        agents::set_up(&client).await?;
        controllers::furnished(&client, 0).await;
        Ok(Self { server, client, _controllers: controllers })
    }
}

/// The hubs that are served. Clones are the same.
#[derive(Clone)]
pub(super) struct Hubs {
    hubs: Arc<RwLock<BTreeMap<String, Arc<Hub>>>>,
    oversight: Oversight,
}

impl Hubs {
    /// None yet.
    pub(super) fn new(oversight: &Oversight) -> Self {
        Self { hubs: Arc::default(), oversight: oversight.clone() }
    }

    /// The hub with this id.
    pub(super) fn get(&self, id: &str) -> Option<Arc<Hub>> {
        self.hubs.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// All of them.
    pub(super) fn all(&self) -> BTreeMap<String, Arc<Hub>> {
        self.hubs.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Serves no hub any more.
    pub(super) fn clear(&self) {
        self.write(BTreeMap::clear);
    }

    /// Serves the hubs that the cloud has, and no others.
    ///
    /// # Errors
    /// Where one cannot be served.
    pub(super) async fn follow(&self, cloud: &SharedCloud) -> Result<(), Failure> {
        let wanted = cloud.read(wanted);
        self.write(|hubs| hubs.retain(|id, _| wanted.contains(id)));
        for id in wanted {
            if self.get(&id).is_none() {
                let hub = Arc::new(Hub::start(&id, cloud, &self.oversight).await?);
                self.write(|hubs| hubs.insert(id, hub));
            }
        }
        Ok(())
    }

    fn write<T>(&self, change: impl FnOnce(&mut BTreeMap<String, Arc<Hub>>) -> T) -> T {
        change(&mut self.hubs.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The hubs that are, or are about to be.
fn wanted(cloud: &Cloud) -> BTreeSet<String> {
    let lives = |state| !matches!(state, HubState::Abnormal | HubState::Deleted);
    cloud.registrations.hubs.values().filter(|hub| lives(hub.phase.state())).map(|hub| hub.id.clone()).collect()
}
