//! Definitions of custom kinds that end: first the objects of the kind, then they themselves.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, ListParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client, ResourceExt};
use serde_json::json;

use super::super::writes;
use super::inventory::Kind;

/// The finalizer that stands for the objects of the kind.
const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

/// Deletes the objects of a definition that ends, and lets it go when there are none.
///
/// # Errors
/// What the API refuses.
pub(super) async fn look_at(name: &str, client: &Client) -> kube::Result<()> {
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    let found = api.get_opt(name).await?.filter(|found| found.metadata.deletion_timestamp.is_some());
    let held = found.filter(|found| found.finalizers().iter().any(|finalizer| finalizer == CLEANUP));
    let Some(definition) = held else { return Ok(()) };
    if !objects_remain(client, &definition).await? {
        let rest: Vec<_> = definition.finalizers().iter().filter(|finalizer| *finalizer != CLEANUP).collect();
        let patch = json!({"metadata": {"finalizers": rest}});
        writes::absent_is_done(writes::merge(&api, name, &patch).await)?;
    }
    Ok(())
}

async fn objects_remain(client: &Client, definition: &CustomResourceDefinition) -> kube::Result<bool> {
    let names = &definition.spec.names;
    let Some(version) = definition.spec.versions.iter().find(|version| version.served) else { return Ok(false) };
    let gvk = GroupVersionKind::gvk(&definition.spec.group, &version.name, &names.kind);
    let resource = ApiResource::from_gvk_with_plural(&gvk, &names.plural);
    let kind = Kind { resource, namespaced: definition.spec.scope == "Namespaced" };
    let all = kind.api(client, None);
    for object in all.list(&ListParams::default()).await? {
        let api = kind.api(client, object.namespace().as_deref());
        writes::delete(&api, &object.name_any()).await?;
    }
    Ok(!all.list(&ListParams::default()).await?.items.is_empty())
}
