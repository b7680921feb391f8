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

/// Sets an annotation of an object as a part of its status: that is no change of what is wanted.
///
/// # Errors
/// What the API refuses.
pub(crate) async fn annotate<K: Clone + Debug + DeserializeOwned>(
    api: &Api<K>,
    name: &str,
    annotation: &str,
    value: &str,
) -> kube::Result<K> {
    let patch = json!({"metadata": {"annotations": {annotation: value}}});
    api.patch_status(name, &params(), &Patch::Merge(patch)).await
}

/// Sets the status of an object to the one it holds. Everything else stays as it is by then: a write of the status takes
/// metadata too.
///
/// # Errors
/// What the API refuses.
pub(crate) async fn status<K>(api: &Api<K>, object: K) -> kube::Result<K>
where
    K: Clone + Debug + DeserializeOwned + Serialize + Resource,
{
    // Objects are large, and so are futures that hold some of them.
    Box::pin(write_status(api, object)).await
}

async fn write_status<K>(api: &Api<K>, object: K) -> kube::Result<K>
where
    K: Clone + Debug + DeserializeOwned + Serialize + Resource,
{
    let (name, params) =
        (object.name_any(), PostParams { field_manager: Some(MANAGER.to_owned()), ..Default::default() });
    let reported = serde_json::to_value(&object).map_err(kube::Error::SerdeError)?["status"].take();
    loop {
        let latest = api.get(&name).await?;
        if object.uid().is_some_and(|uid| latest.uid() != Some(uid)) {
            // It is another object of that name: the API says so.
            return api.replace_status(&name, &params, &object).await;
        }
        let mut latest = serde_json::to_value(&latest).map_err(kube::Error::SerdeError)?;
        latest["status"] = reported.clone();
        let latest = serde_json::from_value(latest).map_err(kube::Error::SerdeError)?;
        match api.replace_status(&name, &params, &latest).await {
            Err(kube::Error::Api(status)) if status.is_conflict() => {}
            done => return done,
        }
    }
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
