//! What ties the cloud to its clusters.
//!
//! The cloud is data, the clusters are APIs with controllers, and neither knows the other. Here are the clusters of the
//! world, the hubs, the ways into them that the cloud hands out, and what registrations and meshes do in them. All of it follows the cloud by one loop:
//! whatever changes, the clusters are brought to what the cloud says then.

mod access;
mod api;
mod clock;
mod cluster;
mod hubs;
mod mesh;
mod observe;
mod pods;
mod real;
mod registrations;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinSet;

use self::api::ClusterApi;
use self::cluster::{Cluster, Clusters};
use self::hubs::Hubs;
use self::mesh::Meshes;
use self::real::RealApi;
use self::registrations::Registrations;
use crate::gateway::{Gateways, ListenError};
use crate::kubernetes;
use crate::oversight::Oversight;
use crate::state::SharedCloud;
use crate::world;

/// The wait before failed work is tried again.
const PAUSE: Duration = Duration::from_millis(200);

/// Why the clusters of a world could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A cluster's API cannot be served.
    #[error("cannot start the API of {id}")]
    Cluster {
        /// The cluster.
        id: String,
        /// Why not.
        source: kubernetes::StartError,
    },
    /// A cluster that is served elsewhere cannot be used.
    #[error("cannot use the cluster that is to be {id}")]
    Unusable {
        /// The cluster.
        id: String,
        /// Why not.
        source: real::Unusable,
    },
    /// A kubeconfig is given for a cluster that the world has not.
    #[error("the world has no cluster {0}")]
    NoSuchCluster(String),
    /// A cluster's subnet is full.
    #[error("{subnet_id} has no address for the node of {id}")]
    NoAddress {
        /// The cluster.
        id: String,
        /// Its subnet.
        subnet_id: String,
    },
}

/// Why a cluster could not be brought to what the cloud says.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// A cluster refused something.
    #[error("a cluster's API failed")]
    Kubernetes(#[from] kube::Error),
    /// A hub's API cannot be served.
    #[error("a hub's API cannot be served")]
    Hub(#[from] kubernetes::StartError),
    /// A port of a gateway could not be opened.
    #[error("a gateway's port could not be opened")]
    Listen(#[from] ListenError),
}

/// The clusters of a world, and what the cloud does in them. They end when this is dropped.
pub(crate) struct Bridge {
    cloud: SharedCloud,
    clusters: Arc<Clusters>,
    hubs: Hubs,
    gateways: Gateways,
    work: Mutex<Work>,
    /// Is told when something beside the cloud has changed.
    wake: Arc<Notify>,
    /// The version of the cloud that was carried out last.
    carried_out: watch::Sender<u64>,
    _observers: JoinSet<()>,
}

/// What is done in the clusters.
struct Work {
    registrations: Registrations,
    meshes: Meshes,
}

impl Work {
    fn new(
        cloud: &SharedCloud,
        clusters: &Arc<Clusters>,
        hubs: &Hubs,
        gateways: &Gateways,
        wake: &Arc<Notify>,
    ) -> Self {
        Self {
            registrations: Registrations::new(cloud, clusters, hubs, wake),
            meshes: Meshes::new(cloud, clusters, gateways, wake),
        }
    }

    /// Does what is to be done now, and tells when to look again although nothing changed.
    async fn follow(&mut self) -> Result<Option<Timestamp>, Failure> {
        let registrations = self.registrations.follow().await;
        self.meshes.follow().await?;
        registrations
    }
}

/// The APIs of the clusters that are served elsewhere.
async fn connect(
    cloud: &SharedCloud,
    kubeconfigs: &BTreeMap<String, PathBuf>,
    wake: &Arc<Notify>,
) -> Result<BTreeMap<String, Box<dyn ClusterApi>>, StartError> {
    let mut served = BTreeMap::<_, Box<dyn ClusterApi>>::new();
    for (id, path) in kubeconfigs {
        if !cloud.world().clusters.iter().any(|it| it.id == *id) {
            return Err(StartError::NoSuchCluster(id.clone()));
        }
        let unusable = |source| StartError::Unusable { id: id.clone(), source };
        served.insert(id.clone(), Box::new(RealApi::connect(path, wake).await.map_err(unusable)?));
    }
    Ok(served)
}

impl Bridge {
    /// Starts the clusters of the world, but those with a kubeconfig, which are served already; gateways that come up are
    /// put into `gateways`.
    ///
    /// # Errors
    /// Where a cluster cannot be started.
    ///
    /// # Cancellation
    /// Dropping the future ends the clusters that were started.
    pub(crate) async fn start(
        cloud: &SharedCloud,
        gateways: &Gateways,
        oversight: &Oversight,
        kubeconfigs: &BTreeMap<String, PathBuf>,
    ) -> Result<Arc<Self>, StartError> {
        let wake = Arc::new(Notify::new());
        let mut served = connect(cloud, kubeconfigs, &wake).await?;
        let mut start =
            |it: &world::Cluster| Ok((it.id.clone(), Cluster::start(it, served.remove(&it.id), cloud, oversight)?));
        let started = cloud.world().clusters.iter().map(&mut start);
        let clusters = Arc::new(started.collect::<Result<Clusters, StartError>>()?);
        let mut observers = JoinSet::new();
        for cluster in clusters.values() {
            cluster.furnished().await;
            observers.spawn(observe::observe(cluster.client.clone(), Arc::clone(&wake)));
        }
        let hubs = Hubs::new(oversight);
        Ok(Arc::new(Self {
            cloud: cloud.clone(),
            work: Mutex::new(Work::new(cloud, &clusters, &hubs, gateways, &wake)),
            clusters,
            hubs,
            gateways: gateways.clone(),
            wake,
            carried_out: watch::Sender::new(0),
            _observers: observers,
        }))
    }

    /// Follows the cloud for as long as it is awaited.
    pub(crate) async fn follow(&self) {
        let mut changes = self.cloud.changes();
        loop {
            let version = *changes.borrow_and_update();
            let done = self.work.lock().await.follow().await;
            self.carried_out.send_replace(version);
            tokio::select! {
                _ = changes.changed() => {}
                () = self.wake.notified() => {}
                () = self.again(done) => {}
            }
        }
    }

    /// Waits until it is time to look again although nothing changed.
    async fn again(&self, done: Result<Option<Timestamp>, Failure>) {
        match done {
            Ok(Some(due)) => self.cloud.until(due).await,
            Ok(None) => std::future::pending().await,
            Err(error) => {
                tracing::debug!(%error, "following the cloud failed");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Waits until what the cloud says now was carried out in the clusters, or failed.
    async fn caught_up(&self) {
        let version = *self.cloud.changes().borrow();
        // The sender lives as long as this does.
        let _ = self.carried_out.subscribe().wait_for(|done| *done >= version).await;
    }

    /// Puts cloud and clusters back to how the world began.
    async fn begin_anew(&self) {
        let mut work = self.work.lock().await;
        work.meshes.close();
        *work = Work::new(&self.cloud, &self.clusters, &self.hubs, &self.gateways, &self.wake);
        self.hubs.clear();
        for cluster in self.clusters.values() {
            cluster.stop().await;
        }
        self.cloud.reset();
        for (id, cluster) in &*self.clusters {
            if let Err(error) = cluster.begin(&self.cloud) {
                tracing::error!(id, %error, "a cluster did not begin anew");
            }
        }
        for cluster in self.clusters.values() {
            cluster.furnished().await;
        }
    }

    /// Looks at the API of a cluster or hub.
    fn with_server<T>(&self, cluster_id: &str, look: impl FnOnce(&dyn ClusterApi) -> T) -> Option<T> {
        match self.clusters.get(cluster_id) {
            Some(cluster) => Some(look(&*cluster.server)),
            None => self.hubs.get(cluster_id).map(|hub| look(&hub.server)),
        }
    }
}
