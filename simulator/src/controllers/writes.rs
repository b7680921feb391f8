//! Writes that controllers make, under the name that the real ones use.

use std::fmt::Debug;

use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use kube::{Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// The manager of what controllers set.
pub(crate) const MANAGER: &str = "kube-controller-manager";

fn params() -> PatchParams {
    PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() }
}

/// Changes fields of an object.
///
/// # Errors
/// What the API refuses.
pub(crate) async fn merge<K: Clone + Debug + DeserializeOwned>(
    api: &Api<K>,
    name: &str,
    patch: &serde_json::Value,
) -> kube::Result<K> {
    api.patch(name, &params(), &Patch::Merge(patch)).await
}

/// Sets an annotation of an object.
///
/// # Errors
/// What the API refuses.
pub(crate) async fn annotate<K: Clone + Debug + DeserializeOwned>(
    api: &Api<K>,
    name: &str,
    annotation: &str,
    value: &str,
) -> kube::Result<K> {
    merge(api, name, &json!({"metadata": {"annotations": {annotation: value}}})).await
}

/// Sets the status of an object to the one it holds.
///
/// # Errors
/// What the API refuses.
pub(crate) async fn status<K>(api: &Api<K>, mut object: K) -> kube::Result<K>
where
    K: Clone + Debug + DeserializeOwned + Serialize + Resource,
{
    // Whoever reports looked just now, and nobody else reports the same.
    object.meta_mut().resource_version = None;
    let name = object.name_any();
    let params = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
    api.replace_status(&name, &params, &object).await
}

/// Deletes an object, its dependents after it; one that is gone already is as good.
///
/// # Errors
/// What the API refuses.
pub(crate) async fn delete<K: Clone + Debug + DeserializeOwned>(api: &Api<K>, name: &str) -> kube::Result<()> {
    absent_is_done(api.delete(name, &DeleteParams::background()).await).map(drop)
}

/// Takes "not found" for done.
///
/// # Errors
/// Every other refusal.
pub(crate) fn absent_is_done<T>(result: kube::Result<T>) -> kube::Result<Option<T>> {
    match result {
        Ok(done) => Ok(Some(done)),
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
