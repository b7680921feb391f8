//! Linked clusters: each serves the Istio objects of its mesh from one store that all clusters of the mesh share, and has
//! the namespaces of its gateways.
//!
//! That the store is one for a whole mesh is what all that is known of the product points to (its guides read the objects
//! through any linked cluster); it is not documented. Unlinking takes the kinds away from the cluster and leaves the objects
//! in the mesh.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, PostParams};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::injection::{Injection, WEBHOOK};
use super::wanted::{Member, Wanted};
use crate::bridge::cluster::{Cluster, Clusters};
use crate::controllers::writes::delete;
use crate::kubernetes::{Store, istio};

/// The namespace of Istio's own parts.
const SYSTEM: &str = "istio-system";

/// The Istio objects of a mesh.
struct Objects {
    store: Arc<Store>,
    /// Tells of every change.
    _telling: JoinSet<()>,
}

impl Objects {
    /// No objects yet; every change is told to `wake`.
    fn new(wake: &Arc<Notify>) -> Self {
        let store = Store::new();
        let (mut changes, wake) = (store.changes(), Arc::clone(wake));
        let mut telling = JoinSet::new();
        telling.spawn(async move {
            while changes.changed().await.is_ok() {
                wake.notify_one();
            }
        });
        Self { store, _telling: telling }
    }
}

/// Which clusters are linked, as far as it was carried out.
pub(super) struct Members {
    clusters: Arc<Clusters>,
    wake: Arc<Notify>,
    objects: BTreeMap<String, Objects>,
    linked: BTreeMap<String, Member>,
    injections: BTreeMap<String, Injection>,
    /// The namespaces that were made, by cluster.
    namespaces: BTreeSet<(String, String)>,
}

impl Members {
    /// No cluster is linked.
    pub(super) fn new(clusters: &Arc<Clusters>, wake: &Arc<Notify>) -> Self {
        let (objects, linked, injections, namespaces) = Default::default();
        Self { clusters: Arc::clone(clusters), wake: Arc::clone(wake), objects, linked, injections, namespaces }
    }

    /// The Istio objects of a mesh.
    pub(super) fn store(&self, mesh_id: &str) -> Option<&Arc<Store>> {
        self.objects.get(mesh_id).map(|objects| &objects.store)
    }

    /// Serves the Istio kinds where they are wanted, and nowhere else.
    pub(super) fn serve(&mut self, wanted: &Wanted) {
        self.objects.retain(|mesh_id, _| wanted.meshes.contains(mesh_id));
        for mesh_id in &wanted.meshes {
            self.objects.entry(mesh_id.clone()).or_insert_with(|| Objects::new(&self.wake));
        }
        for (id, cluster) in &*self.clusters {
            let member = wanted.members.get(id);
            if member == self.linked.get(id) {
                continue;
            }
            match member {
                Some(member) => cluster
                    .server
                    .attach(&istio::group(release(&member.version), Arc::clone(&self.objects[&member.mesh_id].store))),
                None => cluster.server.detach(istio::GROUP),
            }
        }
        self.linked.clone_from(&wanted.members);
        self.inject(wanted);
    }

    /// Injects sidecars where they are wanted, and nowhere else.
    fn inject(&mut self, wanted: &Wanted) {
        for (id, cluster) in &*self.clusters {
            match wanted.injections.get(id) {
                injection if injection == self.injections.get(id) => {}
                Some(injection) => cluster.server.add_admission(WEBHOOK, injection.clone().webhook()),
                None => cluster.server.remove_admission(WEBHOOK),
            }
        }
        self.injections.clone_from(&wanted.injections);
    }

    /// Makes the namespaces that are wanted in a cluster, and removes those that were made and are not wanted any more.
    ///
    /// # Errors
    /// What the cluster refuses.
    pub(super) async fn place(&mut self, cluster: &Cluster, wanted: &Wanted) -> kube::Result<()> {
        let id = &cluster.described.id;
        let of_gateways = wanted.gateways.keys().filter(|place| place.cluster == *id).map(|place| &*place.namespace);
        let names: BTreeSet<&str> = wanted.members.get(id).map(|_| SYSTEM).into_iter().chain(of_gateways).collect();
        let api: Api<Namespace> = Api::all(cluster.client.clone());
        for name in &names {
            if api.get_opt(name).await?.is_none() {
                let mut namespace = Namespace::default();
                namespace.metadata.name = Some((*name).to_owned());
                api.create(&PostParams::default(), &namespace).await?;
                self.namespaces.insert((id.clone(), (*name).to_owned()));
            }
        }
        let left = self.namespaces.iter().filter(|(cluster, name)| cluster == id && !names.contains(name.as_str()));
        for made in left.cloned().collect::<Vec<_>>() {
            delete(&api, &made.1).await?;
            self.namespaces.remove(&made);
        }
        Ok(())
    }
}

/// The release of a mesh's version.
fn release(version: &str) -> istio::Release {
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    istio::Release { major: numbers.next().unwrap_or(0), minor: numbers.next().unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_of_a_release() {
        assert_eq!(release("1.12.5"), istio::Release { major: 1, minor: 12 });
    }
}
