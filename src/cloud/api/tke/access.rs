//! How to reach a cluster's Kubernetes API, and with which rights.

use serde::{Deserialize, Serialize};

use crate::cloud::api::states;
use crate::cloud::credentials::Secret;

states! {
    /// The state of an endpoint of a cluster (API reference, `DescribeClusterEndpointStatus`).
    pub enum EndpointStatus {
        /// Open.
        Created = "Created",
        /// Being opened.
        Creating = "Creating",
        /// Not open.
        NotFound = "NotFound",
        /// Opening it failed.
        CreateFailed = "CreateFailed",
    }
}

/// Fetches the caller's kubeconfig; the first time, a client certificate is made for the caller, which has no rights in
/// the cluster unless the caller owns it. The server in it cannot be reached while the endpoint is not open.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeClusterKubeconfig {
    /// The cluster.
    pub cluster_id: String,
    /// Whether for the public endpoint; `false` where absent.
    pub is_extranet: Option<bool>,
}

/// The answer of [`DescribeClusterKubeconfig`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeClusterKubeconfigResponse {
    /// The kubeconfig.
    pub kubeconfig: Secret,
}

/// Asks whether an endpoint is open.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeClusterEndpointStatus {
    /// The cluster.
    pub cluster_id: String,
    /// Whether the public endpoint is meant; `false` where absent.
    pub is_extranet: Option<bool>,
}

/// The answer of [`DescribeClusterEndpointStatus`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeClusterEndpointStatusResponse {
    /// The state.
    pub status: EndpointStatus,
    /// Why opening failed.
    pub error_msg: Option<String>,
}

/// Lists the addresses of a cluster's endpoints.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeClusterEndpoints {
    /// The cluster.
    pub cluster_id: String,
}

/// The answer of [`DescribeClusterEndpoints`]; addresses of endpoints that are not open are empty.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeClusterEndpointsResponse {
    /// The cluster's certificate authority, in PEM form.
    pub certification_authority: Option<String>,
    /// The public address.
    pub cluster_external_endpoint: Option<String>,
    /// The address within the VPC.
    pub cluster_intranet_endpoint: Option<String>,
    /// The cluster's domain.
    pub cluster_domain: Option<String>,
    /// The public domain.
    pub cluster_external_domain: Option<String>,
    /// The domain within the VPC.
    pub cluster_intranet_domain: Option<String>,
}

/// Gives the caller the role `tke:admin` in the cluster.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AcquireClusterAdminRole {
    /// The cluster.
    pub cluster_id: String,
}

/// Fetches how to reach a serverless cluster.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeEKSClusterCredential {
    /// The cluster.
    pub cluster_id: String,
}

/// The answer of [`DescribeEKSClusterCredential`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeEKSClusterCredentialResponse {
    /// The addresses.
    #[serde(default)]
    pub addresses: Vec<IPAddress>,
    /// The authority and, for the root account only, a token.
    pub credential: Option<ClusterCredential>,
    /// The public endpoint.
    #[serde(rename = "PublicLB")]
    pub public_lb: Option<ClusterLB>,
    /// The endpoint within the VPC.
    #[serde(rename = "InternalLB")]
    pub internal_lb: Option<ClusterLB>,
    /// The kubeconfig.
    pub kubeconfig: Option<Secret>,
}

/// An address of a serverless cluster.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IPAddress {
    /// The kind of address.
    pub r#type: String,
    /// The address.
    pub ip: String,
    /// The port.
    pub port: u64,
}

/// The credentials of a serverless cluster.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ClusterCredential {
    /// The cluster's certificate authority, in PEM form.
    #[serde(rename = "CACert")]
    pub ca_cert: Option<String>,
    /// A token, for the root account only.
    pub token: Option<Secret>,
}

/// Whether an endpoint of a serverless cluster is open.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ClusterLB {
    /// Whether it is open.
    pub enabled: bool,
}
