//! Meshes in the clusters: what is served in linked clusters, the workloads of ingress gateways, and the data path.

mod data_path;
mod discovery;
mod injection;
mod members;
mod wanted;
mod workloads;

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Notify;

use self::data_path::DataPath;
use self::members::Members;
use self::wanted::{Place, Wanted};
use super::Failure;
use super::cluster::Clusters;
use crate::gateway::Gateways;
use crate::state::SharedCloud;

/// All meshes, as far as they were carried out.
pub(super) struct Meshes {
    cloud: SharedCloud,
    clusters: Arc<Clusters>,
    members: Members,
    /// The gateways that were put into clusters.
    placed: BTreeSet<Place>,
    data_path: DataPath,
}

impl Meshes {
    /// Nothing yet. `wake` is told when there may be something to do.
    pub(super) fn new(cloud: &SharedCloud, clusters: &Arc<Clusters>, gateways: &Gateways, wake: &Arc<Notify>) -> Self {
        Self {
            cloud: cloud.clone(),
            clusters: Arc::clone(clusters),
            members: Members::new(clusters, wake),
            placed: BTreeSet::new(),
            data_path: DataPath::new(cloud, clusters, gateways),
        }
    }

    /// Brings the clusters to what the meshes want now.
    ///
    /// # Errors
    /// The first thing that could not be done; everything else was.
    pub(super) async fn follow(&mut self) -> Result<(), Failure> {
        let wanted = self.cloud.read(Wanted::of);
        self.members.serve(&wanted);
        let placed = self.place(&wanted).await;
        let opened = self.data_path.follow(&wanted, &self.members).await;
        placed?;
        Ok(opened?)
    }

    /// Closes the data path.
    pub(super) fn close(&mut self) {
        self.data_path.close();
    }

    async fn place(&mut self, wanted: &Wanted) -> kube::Result<()> {
        let mut result = Ok(());
        let gone = self.placed.iter().filter(|place| !wanted.gateways.contains_key(place));
        for place in gone.cloned().collect::<Vec<_>>() {
            let removed = workloads::remove(&self.clusters, &place).await;
            self.placed.retain(|it| removed.is_err() || *it != place);
            result = result.and(removed);
        }
        for cluster in self.clusters.values() {
            result = result.and(self.members.place(cluster, wanted).await);
        }
        for (place, gateway) in &wanted.gateways {
            if let Some(cluster) = self.clusters.get(&place.cluster) {
                self.placed.insert(place.clone());
                result = result.and(workloads::put(&cluster.client, place, gateway).await);
            }
        }
        result
    }
}
