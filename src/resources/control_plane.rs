//! Who runs the control plane of a cluster: a managed one has its API server outside of every VPC, which cannot call a webhook
//! in another account's.

use crate::cloud::api::tke::{ClusterType, DescribeClusters};
use crate::cloud::{Client, Error};
use crate::scope::Scope;

/// In the words of configurations: `managed`, `independent` or `serverless` for a cluster that the caller's account has, else
/// `unknown`.
///
/// # Errors
/// As of [`Client::send`].
pub async fn control_plane(scope: &Scope, client: &Client, cluster_id: Option<&str>) -> Result<&'static str, Error> {
    let Some(cluster_id) = cluster_id else { return Ok("unknown") };
    let found = client.send(scope, &DescribeClusters::by_id(cluster_id)).await?.clusters.into_iter().next();
    Ok(match found.map(|cluster| cluster.cluster_type) {
        Some(ClusterType::Managed) => "managed",
        Some(ClusterType::Independent) => "independent",
        Some(ClusterType::Unknown(_)) => "unknown",
        // The other list is that of the serverless ones.
        None => "serverless",
    })
}
