//! Changing what a mesh does in one of its clusters: a list of namespaces and a list of gateways, each of which may have
//! elements of somebody else.
//!
//! Whether the API replaces a list that it is sent, or merges it into its own, is not documented, and there is no write on
//! a condition. So the cluster is read just before each write, sent whole with the change in it, and read again after it:
//! a change that somebody else's write undid is made once more.

use std::time::Duration;

use super::link_id::LinkId;
use super::queue::Turn;
use crate::cloud::api::tcm::{Cluster, ClusterConfig, Mesh, ModifyMesh};
use crate::cloud::{self, Error};
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// How often a change is made that does not stay.
const TRIES: u32 = 3;

/// How long a change may take to be seen.
const VISIBLE: Duration = Duration::from_secs(20);

/// A change of a cluster's configuration.
pub(super) struct Edit<'a> {
    /// Makes it.
    pub(super) make: &'a (dyn Fn(&mut ClusterConfig) + Sync),
    /// Whether it is made.
    pub(super) is_made: &'a (dyn Fn(&ClusterConfig) -> bool + Sync),
}

/// How a change ended that the API accepted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Edited {
    /// It is made.
    Made,
    /// The cluster is not in the mesh.
    NotLinked,
    /// The API accepts it, and it does not stay.
    Undone,
}

/// Makes a change in the caller's turn.
///
/// # Errors
/// As of [`Turn::send`].
///
/// # Cancellation
/// As of [`Turn::send`].
pub(super) async fn change(scope: &Scope, turn: &Turn, link: &LinkId, edit: Edit<'_>) -> Result<Edited, Error> {
    for _ in 0..TRIES {
        let mesh = turn.mesh(scope).await?;
        let Some(cluster) = mesh.cluster(link.cluster.as_str()) else { return Ok(Edited::NotLinked) };
        match turn.send(scope, &request(link, cluster, &edit)).await {
            // What became of it, the look tells.
            Err(error) if error.may_have_happened() => {}
            sent => drop(sent?),
        }
        if is_seen(scope, turn, link, &edit).await? {
            return Ok(Edited::Made);
        }
    }
    Ok(Edited::Undone)
}

fn request(link: &LinkId, cluster: &Cluster, edit: &Edit<'_>) -> ModifyMesh {
    let mut config = cluster.config.clone().unwrap_or_default();
    (edit.make)(&mut config);
    let ClusterConfig { auto_injection_namespace_list, mut ingress_gateway_list, egress_gateway_list, .. } = config;
    ingress_gateway_list.iter_mut().flatten().for_each(|gateway| gateway.status = None);
    let config = ClusterConfig {
        auto_injection_namespace_list: Some(auto_injection_namespace_list.unwrap_or_default()),
        ingress_gateway_list: Some(ingress_gateway_list.unwrap_or_default()),
        egress_gateway_list: egress_gateway_list.filter(|list| !list.is_empty()),
        ..ClusterConfig::default()
    };
    let Cluster { cluster_id, region, role, vpc_id, subnet_id, r#type, .. } = cluster.clone();
    let config = Some(config);
    let cluster = Cluster { cluster_id, region, role, vpc_id, subnet_id, r#type, config, ..Cluster::default() };
    ModifyMesh { mesh_id: link.mesh.to_string(), cluster_list: Some(vec![cluster]), ..ModifyMesh::default() }
}

async fn is_seen(scope: &Scope, turn: &Turn, link: &LinkId, edit: &Edit<'_>) -> Result<bool, Error> {
    let probe = async || {
        let mesh = turn.mesh(scope).await?;
        let made = config(&mesh, link).is_some_and(|config| (edit.is_made)(config));
        Ok::<_, cloud::Error>(if made { Probe::Done(()) } else { Probe::Pending("not seen yet".into()) })
    };
    match wait::until(&scope.within(VISIBLE), wait::SOON, "the change of the mesh to be seen", probe).await {
        Err(Error::TimedOut { .. }) if scope.interrupted().is_none() => Ok(false),
        seen => seen.map(|()| true),
    }
}

/// What a mesh does in one of its clusters.
pub(super) fn config<'a>(mesh: &'a Mesh, link: &LinkId) -> Option<&'a ClusterConfig> {
    mesh.cluster(link.cluster.as_str())?.config.as_ref()
}
