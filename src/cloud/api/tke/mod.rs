//! Tencent Kubernetes Engine (`tke`): clusters, how to reach them, and their container networks in a CCN.

mod access;
mod cluster;
mod container_network;

pub use access::*;
pub use cluster::*;
pub use container_network::*;

use super::Empty;
use crate::cloud::action::actions;
use crate::cloud::page::paged;

actions! { "tke", "2018-05-25";
    Read DescribeClusters -> DescribeClustersResponse,
    Read DescribeEKSClusters -> DescribeEKSClustersResponse,
    Read DescribeEKSClusterCredential -> DescribeEKSClusterCredentialResponse,
    Read DescribeClusterKubeconfig -> DescribeClusterKubeconfigResponse,
    Read DescribeClusterEndpointStatus -> DescribeClusterEndpointStatusResponse,
    Read DescribeClusterEndpoints -> DescribeClusterEndpointsResponse,
    Write AcquireClusterAdminRole -> Empty,
    WriteOnce AddClusterCIDRToCcn -> CcnRoutesResponse,
    Write DeleteClusterCIDRFromCcn -> CcnRoutesResponse,
    Read DescribeCcnRoutes -> CcnRoutesResponse,
}

paged! {
    DescribeClusters: clusters of Cluster, total total_count,;
    DescribeEKSClusters: clusters of EksCluster, total total_count, 20;
}
