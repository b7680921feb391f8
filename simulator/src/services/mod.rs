//! The services: one file for the actions of each area, named and shaped as the API reference has them.

mod cam;
mod clb;
mod dnspod;
mod list;
mod sts;
mod tag;
mod tcm;
mod tdcc;
mod tke;
mod vpc;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::cluster_access::ClusterUser;
use crate::front::{ApiError, Call, Service};
use crate::ids;
use crate::state::{Caller, Cloud, Tagged};

/// All services with all their actions.
pub(crate) fn all() -> Vec<Service> {
    vec![
        cam::service(),
        clb::service(),
        dnspod::service(),
        sts::service(),
        tag::service(),
        tcm::service(),
        tdcc::service(),
        tke::service(),
        vpc::service(),
    ]
}

/// Checks the form of an id in a request of vpc.
///
/// # Errors
/// `InvalidParameterValue.Malformed`.
fn check_id(prefix: &str, id: &str) -> Result<(), ApiError> {
    if ids::is_resource(prefix, id) {
        return Ok(());
    }
    Err(ApiError::new("InvalidParameterValue.Malformed", format!("The id `{id}` is not `{prefix}-xxxxxxxx`.")))
}

/// Checks a name or description.
///
/// # Errors
/// `InvalidParameterValue.TooLong`.
fn check_length(what: &str, text: &str, limit: usize) -> Result<(), ApiError> {
    if text.len() <= limit {
        return Ok(());
    }
    Err(ApiError::new("InvalidParameterValue.TooLong", format!("`{what}` is longer than {limit} bytes.")))
}

/// Checks that a text is one of a few.
///
/// # Errors
/// `InvalidParameterValue`.
fn check_one_of(what: &str, text: &str, known: &[&str]) -> Result<(), ApiError> {
    if known.contains(&text) {
        return Ok(());
    }
    Err(ApiError::invalid_value(format!("`{what}` must be one of {}, not `{text}`.", known.join(", "))))
}

/// Tags as the requests of tke and tdcc carry them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TagSpecification {
    #[serde(rename = "ResourceType")]
    _resource_type: Option<IgnoredAny>,
    tags: Vec<SpecifiedTag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SpecifiedTag {
    key: String,
    value: String,
}

impl TagSpecification {
    fn pairs(specifications: Vec<Self>) -> impl Iterator<Item = (String, String)> {
        specifications.into_iter().flat_map(|it| it.tags).map(|tag| (tag.key, tag.value))
    }
}

/// The tags of a cluster as the answers of tke and tdcc carry them.
fn tag_specification(cloud: &Cloud, resource: &Tagged) -> Value {
    let tags = cloud.tags.of(resource).map(|(key, value)| json!({ "Key": key, "Value": value }));
    json!([{ "ResourceType": "cluster", "Tags": tags.collect::<Value>() }])
}

/// The caller as a user of clusters.
fn cluster_user(caller: &Caller, admin: bool) -> ClusterUser {
    ClusterUser { name: caller.user_id(), admin }
}

/// A kubeconfig for the caller.
///
/// # Errors
/// `FailedOperation.KubernetesClientBuildError` where nothing serves the cluster's API.
fn kubeconfig(call: &Call<'_>, cluster_id: &str, admin: bool) -> Result<String, ApiError> {
    let user = cluster_user(call.caller()?, admin);
    call.access.kubeconfig(cluster_id, &user).ok_or_else(|| not_served(cluster_id))
}

/// A kubeconfig for the caller that leads through a hub.
///
/// # Errors
/// `FailedOperation.KubernetesClientBuildError` where nothing serves the hub's API, or the cluster is not known there.
fn kubeconfig_through(call: &Call<'_>, hub_id: &str, cluster_id: &str, admin: bool) -> Result<String, ApiError> {
    let user = cluster_user(call.caller()?, admin);
    call.access.kubeconfig_through(hub_id, cluster_id, &user).ok_or_else(|| not_served(cluster_id))
}

fn not_served(cluster_id: &str) -> ApiError {
    let message = format!("The API of `{cluster_id}` is not served in this world.");
    ApiError::new("FailedOperation.KubernetesClientBuildError", message)
}
