//! The container CIDR of a Global Router cluster in a CCN.
//!
//! **These actions are not documented on the public cloud.** `AddClusterCIDRToCcn` is in CAM's published list of actions
//! of `tke`; the names and fields of the others are those of the vendor's private-cloud edition. Where they are missing,
//! the API answers `InvalidAction`, and the console has the switch. The CCN is found through the VPC's attachment.

use serde::{Deserialize, Serialize};

/// Publishes a cluster's container CIDR to the CCN that its VPC is attached to.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AddClusterCIDRToCcn {
    /// The cluster's VPC.
    pub vpc_id: String,
    /// The cluster's container CIDR.
    #[serde(rename = "ClusterCIDR")]
    pub cluster_cidr: String,
}

/// Takes a cluster's container CIDR out of the CCN.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteClusterCIDRFromCcn {
    /// The cluster's VPC.
    pub vpc_id: String,
    /// The cluster's container CIDR.
    #[serde(rename = "ClusterCIDR")]
    pub cluster_cidr: String,
}

/// Asks whether a cluster's container CIDR is in the CCN.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeCcnRoutes {
    /// The cluster's VPC.
    pub vpc_id: String,
    /// The cluster's container CIDR.
    #[serde(rename = "ClusterCIDR")]
    pub cluster_cidr: String,
}

/// The answer of the actions of this file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CcnRoutesResponse {
    /// The routes of the CCN that lead to the container CIDR.
    #[serde(default)]
    pub route_set: Vec<CcnRoute>,
}

/// A route of a CCN, as this service shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CcnRoute {
    /// For example `ccnr-gree226l`.
    pub route_id: Option<String>,
    /// Where it leads to.
    pub destination_cidr_block: String,
    /// The type of the instance that brought it.
    pub instance_type: Option<String>,
    /// The instance that brought it.
    pub instance_id: Option<String>,
    /// The instance's region.
    pub instance_region: Option<String>,
    /// The root uin of the instance's owner.
    pub instance_uin: Option<String>,
}
