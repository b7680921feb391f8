//! What people do in the cloud's console and no documented action does.

use ipnet::Ipv4Net;
use serde::Deserialize;

use crate::state::{Cloud, PublishError};

/// A switch of the console.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ConsoleSwitch {
    /// The switch "register the container network to the CCN" of a Global Router cluster.
    PublishContainerCidr {
        /// The cluster.
        cluster_id: String,
        /// Whether its container CIDR is in the CCN.
        published: bool,
    },
    /// The switch of a VPC's route table entry: a CCN's route carries traffic for this VPC or does not.
    VpcRoute {
        /// The VPC whose route table it is.
        vpc_id: String,
        /// The destination of the route.
        destination: Ipv4Net,
        /// Whether it carries traffic.
        enabled: bool,
    },
}

/// Why a switch cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConsoleError {
    /// The thing it is on does not exist.
    #[error("there is no {0}")]
    NotFound(String),
    /// The cluster's pods have no CIDR of their own.
    #[error("{0} is no Global Router cluster")]
    NotGlobalRouter(String),
    /// The container CIDR cannot be published.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// Uses a switch.
///
/// # Errors
/// Where what it is on does not exist, or is not in a state for it.
pub(crate) fn switch(cloud: &mut Cloud, switch: ConsoleSwitch) -> Result<(), ConsoleError> {
    match switch {
        ConsoleSwitch::PublishContainerCidr { cluster_id, published } => {
            let cluster = cloud.clusters.get(&cluster_id).ok_or_else(|| ConsoleError::NotFound(cluster_id.clone()))?;
            let cidr = cluster.cluster_cidr.ok_or(ConsoleError::NotGlobalRouter(cluster_id))?;
            let vpc_id = cluster.vpc_id.clone();
            match published {
                true => cloud.publish_container_cidr(&vpc_id, cidr)?,
                false => cloud.withdraw_container_cidr(&vpc_id, cidr)?,
            }
        }
        ConsoleSwitch::VpcRoute { vpc_id, destination, enabled } => {
            let vpc = cloud.networks.vpcs.get_mut(&vpc_id).ok_or(ConsoleError::NotFound(vpc_id))?;
            match enabled {
                true => vpc.disabled_destinations.remove(&destination),
                false => vpc.disabled_destinations.insert(destination),
            };
        }
    }
    Ok(())
}
