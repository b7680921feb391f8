//! What a cluster needs to join a mesh (TCM documents, "Service discovery"). That the network carries its pods is not
//! checked: the mesh links all the same, and requests fail.

use ipnet::Ipv4Net;

use super::config::Cluster;
use crate::front::{ApiError, Call};
use crate::state::{self, Cloud, LinkState, Mesh, RegistrationState, Vpc};
use crate::world::{ClusterKind, PodNetwork};

/// Checks that the caller has all rights in a cluster of its own account.
///
/// # Errors
/// `FailedOperation.RBACForbidden`.
pub(super) fn check_rights(call: &Call<'_>, wanted: &Cluster) -> Result<(), ApiError> {
    let caller = call.caller()?;
    let own = call.cloud.clusters.owned(caller.uin(), &wanted.cluster_id);
    if own.is_none_or(|cluster| cluster.is_admin(caller)) {
        return Ok(());
    }
    let message = format!("You have no admin rights in the cluster `{}`.", wanted.cluster_id);
    Err(ApiError::new("FailedOperation.RBACForbidden", message))
}

/// Checks a cluster, and gives the id of the cluster of the world file that it is.
///
/// # Errors
/// Why it cannot be linked, in words.
pub(super) fn check_cluster(cloud: &Cloud, mesh: &Mesh, wanted: &Cluster) -> Result<String, String> {
    let kind = wanted.kind.as_deref().unwrap_or("TKE");
    let member = match kind {
        "TKE" | "EKS" => own_cluster(cloud, mesh, wanted, kind == "EKS")?,
        other if other == cloud.settings.registered_cluster_type => registered_cluster(cloud, mesh, wanted)?,
        other => return Err(format!("cluster type {other} is not supported")),
    };
    check_overlap(cloud, mesh, member)?;
    Ok(member.id.clone())
}

fn own_cluster<'a>(
    cloud: &'a Cloud,
    mesh: &Mesh,
    wanted: &Cluster,
    serverless: bool,
) -> Result<&'a state::Cluster, String> {
    let own = cloud.clusters.owned(&mesh.owner, &wanted.cluster_id).filter(|it| it.region == wanted.region);
    let cluster = own.filter(|it| (it.kind == ClusterKind::Eks) == serverless).ok_or("cluster not found")?;
    if cluster.vpc_id != wanted.vpc_id {
        return Err(format!("cluster is not in {}", wanted.vpc_id));
    }
    Ok(cluster)
}

/// A registered cluster is linked in the region of its hub; its network is taken to be the hub's (assumed).
fn registered_cluster<'a>(cloud: &'a Cloud, mesh: &Mesh, wanted: &Cluster) -> Result<&'a state::Cluster, String> {
    let registration =
        cloud.registrations.owned(&mesh.owner, &wanted.cluster_id).ok_or("cluster not found".to_owned())?;
    let hub = cloud.registrations.hub(&mesh.owner).ok_or("cluster not found".to_owned())?;
    if hub.region != wanted.region {
        return Err(format!("cluster not found in {}: its hub is in {}", wanted.region, hub.region));
    }
    if (&hub.vpc_id, &hub.subnet_id) != (&wanted.vpc_id, &wanted.subnet_id) {
        return Err(format!("the hub of the cluster is in {} and {}", hub.vpc_id, hub.subnet_id));
    }
    let agent = registration.agent.as_ref().filter(|_| registration.phase.state() == RegistrationState::Running);
    let agent = agent.ok_or("cluster is not running".to_owned())?;
    cloud.clusters.get(&agent.cluster_id).ok_or("cluster not found".to_owned())
}

/// The addresses of pods of different clusters must not overlap.
fn check_overlap(cloud: &Cloud, mesh: &Mesh, member: &state::Cluster) -> Result<(), String> {
    let linked = mesh.clusters.iter().filter(|it| it.phase.state() != LinkState::LinkFailed);
    let others = linked.filter_map(|it| cloud.clusters.get(it.member.as_ref()?));
    let own = pod_cidr(cloud, member);
    for other in others.filter(|it| it.id != member.id) {
        let theirs = pod_cidr(cloud, other);
        let overlaps = |a: Ipv4Net, b: Ipv4Net| a.contains(&b) || b.contains(&a);
        if let (Some(own), Some(theirs)) = (own, theirs)
            && overlaps(own, theirs)
            && !(own == theirs && member.vpc_id == other.vpc_id)
        {
            return Err(format!("pod network {own} overlaps {theirs} of {}", other.id));
        }
    }
    Ok(())
}

/// Clusters whose pods have addresses of their network share it with others of the same network.
fn pod_cidr(cloud: &Cloud, cluster: &state::Cluster) -> Option<Ipv4Net> {
    match cluster.network {
        PodNetwork::Gr => cluster.cluster_cidr,
        PodNetwork::VpcCni => cloud.networks.vpcs.get(&cluster.vpc_id).map(|vpc: &Vpc| vpc.cidr),
    }
}
