//! Ways into clusters: endpoints, kubeconfigs and rights.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::kubeconfig;
use super::{not_found, owned, owned_mut};
use crate::front::{Action, Answer, ApiError, Call, Effect};
use crate::state::{Cluster, EndpointState};
use crate::world::{ClusterKind, Step};

/// Hands out a kubeconfig with a certificate of the caller's own.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeClusterKubeconfig {
    cluster_id: String,
    is_extranet: Option<bool>,
}

impl Action for DescribeClusterKubeconfig {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let cluster = owned(call, &self.cluster_id)?;
        let open = is_open(cluster, self.is_extranet.unwrap_or(false));
        let text = kubeconfig(call, &cluster.id, cluster.is_admin(call.caller()?))?;
        Ok(json!({ "Kubeconfig": if open { text } else { unreachable(call, cluster, &text) } }))
    }
}

/// A kubeconfig whose server is the address that a cluster has while the chosen endpoint is closed: a name that does
/// not resolve (API reference, `DescribeClusterKubeconfig`).
fn unreachable(call: &Call<'_>, cluster: &Cluster, kubeconfig: &str) -> String {
    match call.access.server(&cluster.id) {
        Some(server) => kubeconfig.replace(&server.url, &format!("https://{}", domain(cluster))),
        None => kubeconfig.to_owned(),
    }
}

fn domain(cluster: &Cluster) -> String {
    format!("{}.ccs.tencent-cloud.com", cluster.id)
}

fn is_open(cluster: &Cluster, extranet: bool) -> bool {
    cluster.endpoint(extranet).state() == EndpointState::Created
}

/// Hands out the addresses and credential of a serverless cluster. The token is for the root account only.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeEKSClusterCredential {
    cluster_id: String,
}

impl Action for DescribeEKSClusterCredential {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let cluster = owned(call, &self.cluster_id)?;
        if cluster.kind != ClusterKind::Eks {
            return Err(not_found(&self.cluster_id));
        }
        let admin = cluster.is_admin(call.caller()?);
        let kubeconfig = kubeconfig(call, &cluster.id, admin)?;
        let server = call.access.server(&cluster.id);
        let user = super::super::cluster_user(call.caller()?, admin);
        let token = call.access.token(&cluster.id, &user).filter(|_| admin).unwrap_or_default();
        let address = |extranet: bool, kind: &str| {
            let (ip, port) = server.as_ref().and_then(|server| host_and_port(&server.url))?;
            is_open(cluster, extranet).then(|| json!({ "Type": kind, "Ip": ip, "Port": port }))
        };
        let addresses: Vec<Value> =
            [address(false, "Internal"), address(true, "Public")].into_iter().flatten().collect();
        Ok(json!({
            "Addresses": addresses,
            "Credential": { "CACert": server.map(|server| server.ca_pem).unwrap_or_default(), "Token": token },
            "PublicLB": { "Enabled": is_open(cluster, true), "AllowFromCidrs": [], "SecurityPolicies": [], "ExtraParam": "", "SecurityGroup": "" },
            "InternalLB": { "Enabled": is_open(cluster, false), "SubnetId": cluster.subnet_id },
            "ProxyLB": false,
            "Kubeconfig": kubeconfig,
        }))
    }
}

fn host_and_port(url: &str) -> Option<(&str, u16)> {
    let (host, port) = url.strip_prefix("https://")?.rsplit_once(':')?;
    Some((host, port.parse().ok()?))
}

/// Retired; some clients still ask.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeClusterSecurity {
    cluster_id: String,
}

impl Action for DescribeClusterSecurity {
    fn run(self, call: &mut Call<'_>) -> Answer {
        owned(call, &self.cluster_id)?;
        let message = "Use DescribeClusterKubeconfig and DescribeClusterEndpoints.";
        Err(ApiError::new("FailedOperation.DeprecatedAPI", message))
    }
}

/// Says whether an endpoint is open.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeClusterEndpointStatus {
    cluster_id: String,
    is_extranet: Option<bool>,
}

impl Action for DescribeClusterEndpointStatus {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let state = owned(call, &self.cluster_id)?.endpoint(self.is_extranet.unwrap_or(false)).state();
        let reason = if state == EndpointState::CreateFailed { "the load balancer could not be made" } else { "" };
        Ok(json!({ "Status": state, "ErrorMsg": reason }))
    }
}

/// Says where a cluster's open endpoints are.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeClusterEndpoints {
    cluster_id: String,
}

impl Action for DescribeClusterEndpoints {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let cluster = owned(call, &self.cluster_id)?;
        let server = call.access.server(&cluster.id);
        let endpoint = |extranet: bool| {
            let url = server.as_ref().filter(|_| is_open(cluster, extranet)).map(|server| server.url.as_str());
            url.unwrap_or_default().trim_start_matches("https://")
        };
        Ok(json!({
            "CertificationAuthority": server.as_ref().map(|server| server.ca_pem.as_str()).unwrap_or_default(),
            "ClusterExternalEndpoint": endpoint(true),
            "ClusterIntranetEndpoint": endpoint(false),
            "ClusterDomain": domain(cluster),
            "ClusterExternalACL": Value::Null,
            "ClusterExternalDomain": "",
            "ClusterIntranetDomain": "",
            "SecurityGroup": "",
            "ClusterIntranetSubnetId": cluster.subnet_id,
            "IntranetSecurityGroup": "",
        }))
    }
}

/// Opens an endpoint. The one in the network needs a subnet.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateClusterEndpoint {
    cluster_id: String,
    subnet_id: Option<String>,
    is_extranet: Option<bool>,
}

impl Action for CreateClusterEndpoint {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let extranet = self.is_extranet.unwrap_or(false);
        let timing = call.cloud.timing.clone();
        let cluster = owned_mut(call, &self.cluster_id)?;
        if !extranet && self.subnet_id.is_none() {
            return Err(ApiError::new("InvalidParameter.Param", "An intranet endpoint needs a `SubnetId`."));
        }
        let endpoint = cluster.endpoint_mut(extranet);
        if !matches!(endpoint.state(), EndpointState::NotFound | EndpointState::CreateFailed) {
            return Err(ApiError::new("ResourceInUse", "The endpoint is open already."));
        }
        let failed = EndpointState::CreateFailed;
        *endpoint = timing.begin(Step::Endpoint, EndpointState::Creating, EndpointState::Created, failed);
        Ok(json!({}))
    }
}

/// Closes an endpoint.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteClusterEndpoint {
    cluster_id: String,
    is_extranet: Option<bool>,
}

impl Action for DeleteClusterEndpoint {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let timing = call.cloud.timing.clone();
        let endpoint = owned_mut(call, &self.cluster_id)?.endpoint_mut(self.is_extranet.unwrap_or(false));
        if !matches!(endpoint.state(), EndpointState::Created | EndpointState::CreateFailed) {
            return Err(ApiError::not_found("endpoint"));
        }
        let states = (EndpointState::Deleted, EndpointState::NotFound, EndpointState::Created);
        *endpoint = timing.begin(Step::Endpoint, states.0, states.1, states.2);
        Ok(json!({}))
    }
}

/// Gives the caller all rights in a cluster of its account.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AcquireClusterAdminRole {
    cluster_id: String,
}

impl Action for AcquireClusterAdminRole {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let user = call.caller()?.user_id();
        owned_mut(call, &self.cluster_id)?.admins.insert(user.clone());
        call.effects.push(Effect::GrantAdmin { cluster_id: self.cluster_id, user });
        Ok(json!({}))
    }
}
