//! The whole simulated cloud as data: what exists in every account, and what will change by itself.
//!
//! Nothing here answers requests or checks who may do what: that is the part of the services.

mod balancer;
mod ccn;
mod cluster;
mod identity;
mod mesh;
mod phase;
mod registration;
mod role;
mod shared;
mod tags;
mod vpc;
mod zone;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::Serialize;

pub use self::balancer::{Balancer, BalancerKind, BalancerRequest, BalancerState, Balancers, Task, TaskState};
pub use self::ccn::{Attachment, AttachmentState, Ccn, CcnRoute, Ccns};
pub use self::cluster::{Cluster, Clusters, EndpointState, PublishError};
pub use self::identity::{Account, Caller, Identity, Key, Principal, Uin};
pub use self::mesh::{
    Gateway, GatewayState, LinkState, Mesh, MeshCluster, MeshState, Meshes, Prometheus, PrometheusState, begin_gateway,
};
pub use self::phase::{Course, Phase, Timing};
pub use self::registration::{
    AgentReport, AgentToken, Hub, HubState, Registration, RegistrationKind, RegistrationState, Registrations,
};
pub use self::role::{Role, Trust};
pub use self::shared::SharedCloud;
pub use self::tags::{Tagged, Tags};
pub use self::vpc::{Networks, Subnet, Vpc};
pub use self::zone::{NAME_SERVERS, Record, Zone, Zones};
use crate::issued::Issued;
use crate::world::{Quotas, Settings, World};

/// Everything that exists in the simulated cloud.
#[derive(Clone, Debug, Serialize)]
pub struct Cloud {
    /// World time and waits.
    pub timing: Timing,
    /// The rules of the world.
    #[serde(skip)]
    pub settings: Settings,
    /// The largest numbers of things.
    #[serde(skip)]
    pub quotas: Quotas,
    /// Where every secret that is given out is noted.
    #[serde(skip)]
    pub(crate) issued: Issued,
    /// Accounts, users, roles and keys.
    pub identity: Identity,
    /// Tags of all resources.
    pub tags: Tags,
    /// VPCs and subnets.
    pub networks: Networks,
    /// CCNs, attachments and routes.
    pub ccns: Ccns,
    /// Container clusters.
    pub clusters: Clusters,
    /// Hubs and registered clusters.
    pub registrations: Registrations,
    /// Load balancers and public addresses.
    pub balancers: Balancers,
    /// Hosted domains.
    pub zones: Zones,
    /// Meshes.
    pub meshes: Meshes,
    /// Where the data path listens: for each address of a load balancer, its ports and the real addresses behind them.
    pub gateways: BTreeMap<IpAddr, BTreeMap<u16, SocketAddr>>,
}

impl Cloud {
    /// The cloud as `world` describes it, which notes in `issued` what secrets it gives out.
    pub fn new(world: &World, now: Timestamp, issued: Issued) -> Self {
        Self {
            timing: Timing { now, course: Course::Normal, waits: world.waits.clone() },
            settings: world.settings.clone(),
            quotas: world.quotas.clone(),
            identity: Identity::new(world, now, issued.clone()),
            issued,
            tags: Tags::default(),
            networks: Networks::new(world, now),
            ccns: Ccns::default(),
            clusters: Clusters::new(world, now),
            registrations: Registrations::default(),
            balancers: Balancers::default(),
            zones: Zones::new(world, now),
            meshes: Meshes::default(),
            gateways: BTreeMap::new(),
        }
    }

    /// When the next thing changes by itself.
    pub fn next_due(&self) -> Option<Timestamp> {
        let due = [
            self.ccns.next_due(),
            self.clusters.next_due(),
            self.registrations.next_due(),
            self.balancers.next_due(),
            self.zones.next_due(),
            self.meshes.next_due(),
        ];
        due.into_iter().flatten().min()
    }

    /// Moves everything on that is due by `now`, each at its own time, and says whether anything was.
    pub fn settle(&mut self, now: Timestamp) -> bool {
        let mut changed = false;
        while let Some(due) = self.next_due().filter(|due| *due <= now) {
            self.timing.now = due;
            self.ccns.settle(&self.timing, &self.networks, &self.settings);
            self.clusters.settle(due);
            self.settle_registrations();
            self.settle_balancers();
            self.zones.settle(due);
            self.settle_meshes();
            changed = true;
        }
        self.timing.now = now;
        changed
    }
}
