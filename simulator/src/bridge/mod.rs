//! What ties the cloud to its clusters.
//!
//! The cloud is data, the clusters are APIs with controllers, and neither knows the other. Here are the clusters of the
//! world, and the ways into them that the cloud hands out.

mod access;
pub(crate) mod apply;
mod clock;
mod cluster;
mod pods;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::cluster::Cluster;
use crate::kubernetes::{self, ApiServer};
use crate::state::SharedCloud;

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

/// The clusters of a world. They end when this is dropped.
pub(crate) struct Bridge {
    cloud: SharedCloud,
    clusters: BTreeMap<String, Cluster>,
}

impl Bridge {
    /// Starts the clusters of the world.
    ///
    /// # Errors
    /// Where one of them cannot be started.
    ///
    /// # Cancellation
    /// Dropping the future ends the clusters that were started.
    pub(crate) async fn start(cloud: &SharedCloud) -> Result<Arc<Self>, StartError> {
        let started = cloud.world().clusters.iter().map(|it| Ok((it.id.clone(), Cluster::start(it, cloud)?)));
        let bridge = Self { cloud: cloud.clone(), clusters: started.collect::<Result<_, StartError>>()? };
        bridge.furnished().await;
        Ok(Arc::new(bridge))
    }

    async fn furnished(&self) {
        for cluster in self.clusters.values() {
            cluster.furnished().await;
        }
    }

    /// Puts cloud and clusters back to how the world began.
    async fn begin_anew(&self) {
        for cluster in self.clusters.values() {
            cluster.stop().await;
        }
        self.cloud.reset();
        for (id, cluster) in &self.clusters {
            if let Err(error) = cluster.begin(&self.cloud) {
                tracing::error!(id, %error, "a cluster did not begin anew");
            }
        }
        self.furnished().await;
    }

    /// Looks at the API server of a cluster.
    fn with_server<T>(&self, cluster_id: &str, look: impl FnOnce(&ApiServer) -> T) -> Option<T> {
        self.clusters.get(cluster_id).map(|cluster| look(&cluster.server))
    }
}
