//! How the cloud hands out ways into its clusters, whatever serves their Kubernetes APIs.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use crate::state::SharedCloud;

/// A user of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterUser {
    /// Its name in the cluster: the uin of an account or sub-user, or `roleId:session`.
    pub name: String,
    /// Whether it has all rights in the cluster from the start, as the owner's root account has.
    pub admin: bool,
}

/// Where a cluster's API is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterServer {
    /// An `https://` URL that can be connected to.
    pub url: String,
    /// The certificate authority of the server, PEM.
    pub ca_pem: String,
}

/// The objects of clusters: by cluster id and kind, each as `namespace/name`, or its name where it is in no namespace.
pub type Objects = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// Something that is done when it has been awaited.
pub type Doing<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// The clusters' APIs, by cluster id: those of the world file, and hubs.
///
/// The methods that return at once are called while the cloud is locked: they must neither block nor use the cloud.
pub trait ClusterAccess: Send + Sync + 'static {
    /// Where the cluster's API is served, or nothing where there is none.
    fn server(&self, cluster_id: &str) -> Option<ClusterServer>;

    /// A kubeconfig with a client certificate for the user, whose `server` is that of [`ClusterAccess::server`].
    fn kubeconfig(&self, cluster_id: &str, user: &ClusterUser) -> Option<String>;

    /// A kubeconfig for the user that leads through a hub into a cluster that is registered with it, by the id of its
    /// registration.
    fn kubeconfig_through(&self, _hub_id: &str, _cluster_id: &str, _user: &ClusterUser) -> Option<String> {
        None
    }

    /// A bearer token for the user.
    fn token(&self, cluster_id: &str, user: &ClusterUser) -> Option<String>;

    /// Binds the user to the cluster role `tke:admin`; done when the future is.
    fn grant_admin<'a>(&'a self, cluster_id: &'a str, user: &'a str) -> Doing<'a>;

    /// Waits until what the cloud says now is so in the clusters.
    fn caught_up(&self) -> Doing<'_> {
        Box::pin(std::future::ready(()))
    }

    /// What is in the clusters. Events, which only tell what happened, are left out.
    fn objects(&self) -> Objects {
        Objects::new()
    }

    /// Puts the cloud and the clusters back to how the world began.
    fn reset<'a>(&'a self, cloud: &'a SharedCloud) -> Doing<'a> {
        Box::pin(async { cloud.reset() })
    }
}

/// No cluster's API is served.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoClusters;

impl ClusterAccess for NoClusters {
    fn server(&self, _cluster_id: &str) -> Option<ClusterServer> {
        None
    }

    fn kubeconfig(&self, _cluster_id: &str, _user: &ClusterUser) -> Option<String> {
        None
    }

    fn token(&self, _cluster_id: &str, _user: &ClusterUser) -> Option<String> {
        None
    }

    fn grant_admin<'a>(&'a self, _cluster_id: &'a str, _user: &'a str) -> Doing<'a> {
        Box::pin(std::future::ready(()))
    }
}
