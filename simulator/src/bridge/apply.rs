//! Objects of any kind, by the names of their kinds.

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client, ResourceExt};
use serde_json::Value;

/// The objects of a kind, in a namespace or of the cluster.
pub(crate) fn objects(client: &Client, api_version: &str, kind: &str, namespace: Option<&str>) -> Api<DynamicObject> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    match namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    }
}

/// Applies an object, given by its other fields: what it says is so, whoever said otherwise.
///
/// # Errors
/// What the API refuses.
///
/// # Cancellation
/// An object that was sent may have been applied.
pub(crate) async fn apply(
    client: &Client,
    manager: &str,
    api_version: &str,
    kind: &str,
    mut fields: Value,
) -> kube::Result<DynamicObject> {
    fields["apiVersion"] = api_version.into();
    fields["kind"] = kind.into();
    let object: DynamicObject = serde_json::from_value(fields).map_err(kube::Error::SerdeError)?;
    let api = objects(client, api_version, kind, object.namespace().as_deref());
    api.patch(&object.name_any(), &PatchParams::apply(manager).force(), &Patch::Apply(&object)).await
}
