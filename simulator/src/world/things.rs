//! Networks, clusters and domains in a world file.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// A private network.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// `vpc-` and 8 letters and digits.
    pub id: String,
    /// The owner, by its name in this file.
    pub account: String,
    /// Where it is, such as `ap-guangzhou`.
    pub region: String,
    /// Its name.
    pub name: String,
    /// Its addresses.
    pub cidr: Ipv4Net,
    /// Its subnets.
    #[serde(default)]
    pub subnets: Vec<Subnet>,
}

/// A subnet of a private network.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    /// `subnet-` and 8 letters and digits.
    pub id: String,
    /// Where in the region it is, such as `ap-guangzhou-3`.
    pub zone: String,
    /// Its addresses.
    pub cidr: Ipv4Net,
}

/// A container cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// `cls-` and 8 letters and digits.
    pub id: String,
    /// The owner, by its name in this file.
    pub account: String,
    /// Where it is.
    pub region: String,
    /// The network it lives in.
    pub vpc_id: String,
    /// The subnet of its nodes.
    pub subnet_id: String,
    /// Its name.
    pub name: String,
    /// Who runs its control plane.
    pub kind: ClusterKind,
    /// Where its pods have their addresses from.
    pub network: PodNetwork,
    /// The addresses of the pods of a Global Router cluster.
    pub cluster_cidr: Option<Ipv4Net>,
    /// The addresses of its services.
    pub service_cidr: Ipv4Net,
    /// Its Kubernetes version, such as `1.30.0`.
    pub version: String,
    /// Which of its endpoints are open.
    #[serde(default)]
    pub endpoints: Endpoints,
}

/// Who runs a cluster's control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClusterKind {
    /// The cloud, outside the user's network (TKE managed cluster).
    Managed,
    /// The user, on virtual machines of the user's network (TKE independent cluster).
    Independent,
    /// The cloud, and there are no nodes either (EKS, serverless).
    Eks,
}

/// Where a cluster's pods have their addresses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PodNetwork {
    /// Global Router: from the cluster's own CIDR, known in its VPC only until it is published.
    Gr,
    /// From the cluster's subnet.
    VpcCni,
}

/// Which endpoints of a cluster are open.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Endpoints {
    /// The one in the VPC.
    pub intranet: bool,
    /// The public one.
    pub extranet: bool,
}

/// A domain hosted by DNSPod.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// The owner, by its name in this file.
    pub account: String,
    /// Its name, such as `imroc.cc`.
    pub name: String,
}
