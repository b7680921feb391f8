//! Distributed Cloud Center (`tdcc`): a hub, and clusters of any account registered with it.
//!
//! **This API is not documented.** The names of its write actions are published in CAM's list of actions that can be
//! authorised; `DescribeExternalClusterSpec` was public as an action of `tke` until October 2024, and its fields are
//! known. Everything else here is assumed, after the console's forms. What turns out otherwise is set in an [`Adapter`].

mod adapter;
mod external_cluster;
mod hub;

pub use adapter::Adapter;
pub use external_cluster::*;
pub use hub::*;

use super::Empty;
use crate::cloud::action::actions;
use crate::cloud::page::paged;

actions! { "tdcc", "2018-05-25";
    WriteOnce CreateHubCluster -> CreateHubClusterResponse,
    Read DescribeHubClusters -> DescribeHubClustersResponse,
    Write DeleteHubCluster -> Empty,
    WriteOnce CreateExternalCluster -> CreateExternalClusterResponse,
    WriteOnce RegisterClusters -> Empty,
    Read DescribeExternalClusters -> DescribeExternalClustersResponse,
    Write DeleteExternalCluster -> Empty,
    Read DescribeExternalClusterSpec -> DescribeExternalClusterSpecResponse,
    Read DescribeExternalClusterCredential -> DescribeExternalClusterCredentialResponse,
}

paged! {
    DescribeExternalClusters: clusters of ExternalCluster, total total_count,;
}
