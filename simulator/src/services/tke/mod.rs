//! tke: clusters, ways into them, and container networks in CCNs (API reference, tke 2018-05-25).

mod access;
mod clusters;
mod container_network;

use crate::front::{ApiError, Call, RegionRule, Service};
use crate::services::tdcc;
use crate::state::Cluster;

pub(super) fn service() -> Service {
    Service::new("tke", "2018-05-25", RegionRule::Required)
        .read::<clusters::DescribeClusters>("DescribeClusters")
        .read::<clusters::DescribeEKSClusters>("DescribeEKSClusters")
        .read::<access::DescribeEKSClusterCredential>("DescribeEKSClusterCredential")
        .read::<access::DescribeClusterKubeconfig>("DescribeClusterKubeconfig")
        .read::<access::DescribeClusterSecurity>("DescribeClusterSecurity")
        .read::<access::DescribeClusterEndpointStatus>("DescribeClusterEndpointStatus")
        .read::<access::DescribeClusterEndpoints>("DescribeClusterEndpoints")
        .write::<access::CreateClusterEndpoint>("CreateClusterEndpoint")
        .ignoring(&["Domain", "SecurityGroup", "ExtensiveParameters", "ExistedLoadBalancerId"])
        .write::<access::DeleteClusterEndpoint>("DeleteClusterEndpoint")
        .write::<access::AcquireClusterAdminRole>("AcquireClusterAdminRole")
        .write::<container_network::AddClusterCIDRToCcn>("AddClusterCIDRToCcn")
        .write::<container_network::DeleteClusterCIDRFromCcn>("DeleteClusterCIDRFromCcn")
        .read::<container_network::DescribeCcnRoutes>("DescribeCcnRoutes")
        .read::<container_network::DescribeCcnInstances>("DescribeCcnInstances")
        .read::<tdcc::DescribeExternalClusterSpec>("DescribeExternalClusterSpec")
}

/// The caller's own cluster in the region.
fn owned<'a>(call: &'a Call<'_>, cluster_id: &str) -> Result<&'a Cluster, ApiError> {
    let own = call.cloud.clusters.owned(&call.uin()?, cluster_id).filter(|cluster| cluster.region == call.region);
    own.ok_or_else(|| not_found(cluster_id))
}

/// The same, to change it.
fn owned_mut<'a>(call: &'a mut Call<'_>, cluster_id: &str) -> Result<&'a mut Cluster, ApiError> {
    let (owner, region) = (call.uin()?, call.region);
    let own = call.cloud.clusters.owned_mut(&owner, cluster_id).filter(|cluster| cluster.region == region);
    own.ok_or_else(|| not_found(cluster_id))
}

fn not_found(cluster_id: &str) -> ApiError {
    ApiError::new("ResourceNotFound.ClusterNotFound", format!("The cluster `{cluster_id}` is not found."))
}
