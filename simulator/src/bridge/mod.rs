//! What ties the cloud to its clusters.
//!
//! The cloud is data, the clusters are APIs with controllers, and neither knows the other. Here are the clusters of the
//! world, the ways into them that the cloud hands out, and what meshes do in them. All of it follows the cloud by one loop:
//! whatever changes, the clusters are brought to what the cloud says then.

mod access;
pub(crate) mod apply;
mod clock;
mod cluster;
mod mesh;
mod observe;
mod pods;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinSet;

use self::cluster::{Cluster, Clusters};
use self::mesh::Meshes;
use crate::gateway::{Gateways, ListenError};
use crate::kubernetes::{self, ApiServer};
use crate::state::SharedCloud;

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
    /// A port of a gateway could not be opened.
    #[error("a gateway's port could not be opened")]
    Listen(#[from] ListenError),
}

/// The clusters of a world, and what the cloud does in them. They end when this is dropped.
pub(crate) struct Bridge {
    cloud: SharedCloud,
    clusters: Arc<Clusters>,
    gateways: Gateways,
    meshes: Mutex<Meshes>,
    /// Is told when something beside the cloud has changed.
    wake: Arc<Notify>,
    /// The version of the cloud that was carried out last.
    carried_out: watch::Sender<u64>,
    _observers: JoinSet<()>,
}

impl Bridge {
    /// Starts the clusters of the world; those of its gateways that come up are put into `gateways`.
    ///
    /// # Errors
    /// Where a cluster cannot be started.
    ///
    /// # Cancellation
    /// Dropping the future ends the clusters that were started.
    pub(crate) async fn start(cloud: &SharedCloud, gateways: &Gateways) -> Result<Arc<Self>, StartError> {
        let started = cloud.world().clusters.iter().map(|it| Ok((it.id.clone(), Cluster::start(it, cloud)?)));
        let clusters = Arc::new(started.collect::<Result<Clusters, StartError>>()?);
        let wake = Arc::new(Notify::new());
        let mut observers = JoinSet::new();
        for cluster in clusters.values() {
            cluster.furnished().await;
            observers.spawn(observe::observe(cluster.client.clone(), Arc::clone(&wake)));
        }
        Ok(Arc::new(Self {
            cloud: cloud.clone(),
            meshes: Mutex::new(Meshes::new(cloud, &clusters, gateways, &wake)),
            clusters,
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
            let done = self.meshes.lock().await.follow().await;
            self.carried_out.send_replace(version);
            let failed = done.inspect_err(|error| tracing::debug!(%error, "following the cloud failed")).is_err();
            tokio::select! {
                _ = changes.changed() => {}
                () = self.wake.notified() => {}
                () = tokio::time::sleep(PAUSE), if failed => {}
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
        let mut meshes = self.meshes.lock().await;
        meshes.close();
        *meshes = Meshes::new(&self.cloud, &self.clusters, &self.gateways, &self.wake);
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

    /// Looks at the API server of a cluster.
    fn with_server<T>(&self, cluster_id: &str, look: impl FnOnce(&ApiServer) -> T) -> Option<T> {
        self.clusters.get(cluster_id).map(|cluster| look(&cluster.server))
    }
}
