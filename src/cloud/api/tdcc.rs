//! Distributed Cloud Center (`tdcc`): a hub, and clusters of any account registered with it.
//!
//! **This API is not documented.** The names of its write actions are published in CAM's list of actions that can be
//! authorised; `DescribeExternalClusterSpec` was public as an action of `tke` until October 2024, and its fields are
//! known. Everything else here is assumed, after the console's forms. What turns out otherwise is set in an [`Adapter`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Empty, Filter, TagSpecification, states};
use crate::cloud::action::actions;
use crate::cloud::credentials::Secret;
use crate::cloud::page::paged;

const SERVICE: &str = "tdcc";

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

/// Where the actions of this module really are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// The service's name, in the host and in the signature.
    pub service: String,
    /// The API version.
    pub version: String,
    /// The address of the service, where it is not that of the other services' rule.
    pub endpoint: Option<String>,
    /// The cloud's name for each action that is not called as it is here.
    pub actions: BTreeMap<String, String>,
}

impl Default for Adapter {
    /// The names of this module, at the version of the action that once was public.
    fn default() -> Self {
        let (service, version) = (SERVICE.to_owned(), "2018-05-25".to_owned());
        Self { service, version, endpoint: None, actions: BTreeMap::new() }
    }
}

/// Under which names an action is sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) service: &'a str,
    pub(crate) version: &'a str,
    pub(crate) action: &'a str,
    pub(crate) endpoint: Option<&'a str>,
}

impl Adapter {
    /// The names for an action: this adapter's for those of this module, unchanged for all others.
    pub(crate) fn target<'a>(&'a self, service: &'a str, version: &'a str, action: &'a str) -> Target<'a> {
        if service != SERVICE {
            return Target { service, version, action, endpoint: None };
        }
        let action = self.actions.get(action).map_or(action, String::as_str);
        Target { service: &self.service, version: &self.version, action, endpoint: self.endpoint.as_deref() }
    }
}

states! {
    /// The state of a hub. The words are assumed.
    pub enum HubState {
        /// Being created.
        Creating = "Creating",
        /// Ready for registrations.
        Running = "Running",
        /// Being deleted.
        Deleting = "Deleting",
    }
}

states! {
    /// The state of a registered cluster. The words are assumed.
    pub enum ExternalClusterState {
        /// Its agent has not reported yet.
        WaitingRegister = "WaitingRegister",
        /// Its agent reports.
        Running = "Running",
        /// Its agent reported, and no longer does.
        Abnormal = "Abnormal",
        /// Being deleted.
        Deleting = "Deleting",
    }
}

/// Creates the account's hub, in the region of the request.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateHubCluster {
    /// The hub's name.
    pub cluster_name: String,
    /// The zone, for example `ap-guangzhou-3`.
    pub zone: String,
    /// The VPC that the hub's API server gets an address in.
    pub vpc_id: String,
    /// The subnet of that address.
    pub subnet_id: String,
    /// The hub's tags.
    pub tag_specification: Option<Vec<TagSpecification>>,
}

/// The answer of [`CreateHubCluster`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateHubClusterResponse {
    /// The hub's ID.
    pub cluster_id: String,
}

/// Lists the account's hubs; there is one at most.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeHubClusters {
    /// Only these hubs.
    pub cluster_ids: Option<Vec<String>>,
}

/// The answer of [`DescribeHubClusters`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeHubClustersResponse {
    /// The hubs.
    #[serde(default)]
    pub clusters: Vec<HubCluster>,
}

/// A hub.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HubCluster {
    /// The hub's ID.
    pub cluster_id: String,
    /// The hub's name.
    pub cluster_name: Option<String>,
    /// The hub's region.
    pub region: Option<String>,
    /// The hub's zone.
    pub zone: Option<String>,
    /// The VPC of the hub's address.
    pub vpc_id: Option<String>,
    /// The subnet of the hub's address.
    pub subnet_id: Option<String>,
    /// The hub's state.
    pub status: HubState,
    /// When the hub was created.
    pub created_time: Option<String>,
    /// The hub's tags.
    #[serde(default)]
    pub tag_specification: Vec<TagSpecification>,
}

/// Deletes a hub.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteHubCluster {
    /// The hub.
    pub cluster_id: String,
}

/// Creates the record of a cluster that is to be registered by its agent.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateExternalCluster {
    /// The cluster's name.
    pub cluster_name: String,
    /// The region that the cluster really is in.
    pub cluster_region: String,
    /// What the cluster is for.
    pub cluster_desc: Option<String>,
    /// The record's tags.
    pub tag_specification: Option<Vec<TagSpecification>>,
}

/// The answer of [`CreateExternalCluster`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateExternalClusterResponse {
    /// The registered cluster's ID, for example `cls-65r1c5nu`.
    pub cluster_id: String,
}

/// Registers TKE clusters of the hub's own account, which need no agent manifest.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RegisterClusters {
    /// The clusters.
    pub clusters: Vec<RegisteredCluster>,
}

/// A TKE cluster to register.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RegisteredCluster {
    /// The TKE cluster.
    pub cluster_id: String,
    /// Its region.
    pub region: String,
}

/// Lists registered clusters.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeExternalClusters {
    /// Only these clusters.
    pub cluster_ids: Option<Vec<String>>,
    /// Only clusters that pass all of these.
    pub filters: Option<Vec<Filter>>,
    /// How many to skip.
    pub offset: Option<u64>,
    /// How many to return at most.
    pub limit: Option<u64>,
}

/// The answer of [`DescribeExternalClusters`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeExternalClustersResponse {
    /// How many there are in all.
    pub total_count: u64,
    /// The clusters of this page.
    #[serde(default)]
    pub clusters: Vec<ExternalCluster>,
}

/// A registered cluster.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ExternalCluster {
    /// The registered cluster's ID.
    pub cluster_id: String,
    /// Its name.
    pub cluster_name: Option<String>,
    /// What it is for.
    pub cluster_desc: Option<String>,
    /// The region that it really is in.
    pub cluster_region: Option<String>,
    /// Its Kubernetes version, once its agent has reported.
    pub cluster_version: Option<String>,
    /// How it was registered.
    pub cluster_type: Option<String>,
    /// Its state.
    pub status: ExternalClusterState,
    /// How many nodes it has.
    pub node_num: Option<u64>,
    /// When the record was created.
    pub created_time: Option<String>,
    /// The record's tags.
    #[serde(default)]
    pub tag_specification: Vec<TagSpecification>,
}

/// Deletes the record of a registered cluster; the agent's objects in the cluster stay.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteExternalCluster {
    /// The registered cluster.
    pub cluster_id: String,
}

/// Fetches the agent's manifest. Writes only where `is_refresh_expiration_time` says so, and may then be repeated.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeExternalClusterSpec {
    /// The registered cluster.
    pub cluster_id: String,
    /// Whether the agent reaches the hub over the internet; `false` where absent.
    pub is_extranet: Option<bool>,
    /// Whether to renew the token in the manifest; `false` where absent.
    pub is_refresh_expiration_time: Option<bool>,
}

/// The answer of [`DescribeExternalClusterSpec`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeExternalClusterSpecResponse {
    /// The manifest: several YAML documents, one of which holds a token.
    pub spec: Secret,
    /// When the token expires, for example `2021-09-08T07:04:51Z`.
    pub expiration: Option<String>,
}

/// Fetches a kubeconfig that reaches a registered cluster through the hub. The action's name is assumed; the console
/// has the function as "view credential".
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeExternalClusterCredential {
    /// The registered cluster.
    pub cluster_id: String,
    /// Whether the hub is reached over the internet; `false` where absent.
    pub is_extranet: Option<bool>,
}

/// The answer of [`DescribeExternalClusterCredential`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeExternalClusterCredentialResponse {
    /// The kubeconfig.
    pub kubeconfig: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adapter_renames_the_actions_of_this_service_and_of_no_other() {
        let actions = BTreeMap::from([("CreateHubCluster".to_owned(), "CreateHub".to_owned())]);
        let endpoint = Some("https://hub.example.com".to_owned());
        let adapter = Adapter { service: "tke".into(), version: "2022-05-01".into(), endpoint, actions };
        let target = adapter.target("tdcc", "2018-05-25", "CreateHubCluster");
        assert_eq!((target.service, target.version, target.action), ("tke", "2022-05-01", "CreateHub"));
        assert_eq!(target.endpoint, Some("https://hub.example.com"));
        let target = adapter.target("vpc", "2017-03-12", "CreateHubCluster");
        assert_eq!((target.service, target.action, target.endpoint), ("vpc", "CreateHubCluster", None));
    }

    #[test]
    fn the_default_adapter_changes_nothing() {
        let adapter = Adapter::default();
        let target = adapter.target("tdcc", "2018-05-25", "RegisterClusters");
        let (service, version, action) = ("tdcc", "2018-05-25", "RegisterClusters");
        assert_eq!(target, Target { service, version, action, endpoint: None });
    }
}
