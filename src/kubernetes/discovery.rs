//! What a cluster serves: kinds and API versions, asked for one by one and each only once, since a full discovery of a cluster
//! is slow and fails when one aggregated API is down.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kube::api::{Api, ApiResource, DynamicObject};
use kube::discovery::{ApiCapabilities, Scope as Extent};

use super::{Cluster, Error, ObjectReference, kinds};
use crate::scope::Scope;

/// The namespace of objects that name none, as for kubectl.
const DEFAULT_NAMESPACE: &str = "default";

/// What was learned of a cluster so far.
#[derive(Debug, Default)]
pub(super) struct Known {
    kinds: Mutex<HashMap<(String, String), (ApiResource, ApiCapabilities)>>,
    versions: Mutex<HashMap<String, Vec<String>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cluster {
    /// The versions of an API group that the cluster serves, the preferred one first; empty where it has no such group. A
    /// group that is not there yet is asked for again.
    ///
    /// # Errors
    /// As for reads.
    pub async fn served_versions(&self, scope: &Scope, group: &str) -> Result<Vec<String>, Error> {
        if let Some(known) = lock(&self.known.versions).get(group) {
            return Ok(known.clone());
        }
        let doing = || format!("asking for the API group {group}");
        let groups = self.ask(scope, doing, || self.client.list_api_groups()).await?;
        let Some(found) = groups.groups.into_iter().find(|found| found.name == group) else { return Ok(Vec::new()) };
        let preferred = found.preferred_version.map(|version| version.version);
        let all = found.versions.into_iter().map(|version| version.version);
        let others = all.filter(|version| Some(version) != preferred.as_ref());
        let versions: Vec<_> = preferred.clone().into_iter().chain(others).collect();
        lock(&self.known.versions).insert(group.to_owned(), versions.clone());
        Ok(versions)
    }

    /// Whether the cluster serves the version of an object's group, asked anew. Every cluster serves the core group.
    pub(super) async fn still_serves(&self, scope: &Scope, object: &ObjectReference) -> Result<bool, Error> {
        if object.group().is_empty() {
            return Ok(true);
        }
        lock(&self.known.versions).remove(object.group());
        let served = self.served_versions(scope, object.group()).await?;
        Ok(served.iter().any(|version| version == object.version()))
    }

    /// The place of an object among the paths of the API. Where an object of a namespaced kind names no namespace, it is in
    /// `default`.
    pub(super) async fn api(&self, scope: &Scope, object: &ObjectReference) -> Result<Api<DynamicObject>, Error> {
        let (resource, namespaced) = self.resource(scope, object).await?;
        let namespace = object.namespace.as_deref().or(namespaced.then_some(DEFAULT_NAMESPACE));
        Ok(self.api_in(&resource, namespace))
    }

    /// The place of all objects of a kind, in one namespace or in all.
    pub(super) async fn all(&self, scope: &Scope, like: &ObjectReference) -> Result<Api<DynamicObject>, Error> {
        let (resource, _) = self.resource(scope, like).await?;
        Ok(self.api_in(&resource, like.namespace.as_deref()))
    }

    fn api_in(&self, resource: &ApiResource, namespace: Option<&str>) -> Api<DynamicObject> {
        match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, resource),
            None => Api::all_with(self.client.clone(), resource),
        }
    }

    /// The path of a kind, and whether its objects live in namespaces.
    async fn resource(&self, scope: &Scope, object: &ObjectReference) -> Result<(ApiResource, bool), Error> {
        if let (Some(known), Some(namespaced)) =
            (kinds::well_known(object), kinds::namespaced(object.group(), &object.kind))
        {
            return Ok((known, namespaced));
        }
        let (resource, capabilities) = self.asked(scope, object).await?;
        Ok((resource, capabilities.scope == Extent::Namespaced))
    }

    /// A kind that only the cluster knows.
    async fn asked(&self, scope: &Scope, object: &ObjectReference) -> Result<(ApiResource, ApiCapabilities), Error> {
        let key = (object.api_version.clone(), object.kind.clone());
        if let Some(known) = lock(&self.known.kinds).get(&key) {
            return Ok(known.clone());
        }
        let kind = kinds::kind_of(object);
        let doing = || format!("asking for the kind {} of {}", object.kind, object.api_version);
        let found = self.ask(scope, doing, || kube::discovery::pinned_kind(&self.client, &kind)).await?;
        lock(&self.known.kinds).insert(key, found.clone());
        Ok(found)
    }
}
