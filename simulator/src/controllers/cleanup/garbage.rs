//! Garbage collection: what has owners ends with the last of them (Kubernetes documentation, "Garbage Collection").

use std::collections::HashMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::Client;
use kube::api::{DeleteParams, Patch, PatchParams, Preconditions};
use serde_json::json;

use super::super::writes::absent_is_done;
use super::inventory::{Kind, Kinds, Observed};

const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

/// Who owns whom.
#[derive(Default)]
pub(super) struct Garbage {
    objects: HashMap<String, Object>,
}

#[derive(Clone)]
struct Object {
    uid: String,
    kind: Kind,
    namespace: Option<String>,
    name: String,
    owners: Vec<OwnerReference>,
    finalizers: Vec<String>,
    is_ending: bool,
}

impl Object {
    fn waits_for(&self, finalizer: &str) -> bool {
        self.is_ending && self.finalizers.iter().any(|name| name == finalizer)
    }

    fn owner(&self, uid: &str) -> Option<&OwnerReference> {
        self.owners.iter().find(|owner| owner.uid == uid)
    }

    async fn merge(&self, client: &Client, patch: serde_json::Value) -> kube::Result<()> {
        let api = self.kind.api(client, self.namespace.as_deref());
        let result = api.patch_metadata(&self.name, &PatchParams::default(), &Patch::Merge(patch)).await;
        absent_is_done(result).map(drop)
    }

    async fn remove_finalizer(&self, client: &Client, finalizer: &str) -> kube::Result<()> {
        let rest: Vec<_> = self.finalizers.iter().filter(|name| *name != finalizer).collect();
        self.merge(client, json!({"metadata": {"uid": self.uid, "finalizers": rest}})).await
    }

    async fn keep_owners(&self, client: &Client, keep: impl Fn(&OwnerReference) -> bool) -> kube::Result<()> {
        let rest: Vec<_> = self.owners.iter().filter(|owner| keep(owner)).collect();
        self.merge(client, json!({"metadata": {"uid": self.uid, "ownerReferences": rest}})).await
    }

    async fn delete(&self, client: &Client, params: DeleteParams) -> kube::Result<()> {
        let preconditions = Preconditions { uid: Some(self.uid.clone()), resource_version: None };
        let params = DeleteParams { preconditions: Some(preconditions), ..params };
        let api = self.kind.api(client, self.namespace.as_deref());
        match api.delete(&self.name, &params).await {
            // Another object took its name: this one is gone.
            Err(kube::Error::Api(status)) if status.is_conflict() => Ok(()),
            result => absent_is_done(result).map(drop),
        }
    }
}

impl Garbage {
    /// Takes in an observation; answers which objects, by UID, are to be looked at.
    pub(super) fn observe(&mut self, observed: &Observed) -> Vec<String> {
        let (kind, metadata, is_gone) = match observed {
            Observed::Object { kind, metadata, is_gone } => (kind, metadata, *is_gone),
            Observed::Restarted(kind) => {
                self.objects.retain(|_, object| object.kind.resource != kind.resource);
                return Vec::new();
            }
        };
        let uid = metadata.uid.clone().unwrap_or_default();
        if is_gone {
            let owners = self.objects.remove(&uid).map(|object| object.owners).unwrap_or_default();
            let dependents = self.dependents(&uid).map(|object| object.uid.clone());
            return dependents.chain(owners.into_iter().map(|owner| owner.uid)).collect();
        }
        let object = Object {
            uid: uid.clone(),
            kind: kind.clone(),
            namespace: metadata.namespace.clone(),
            name: metadata.name.clone().unwrap_or_default(),
            owners: metadata.owner_references.clone().unwrap_or_default(),
            finalizers: metadata.finalizers.clone().unwrap_or_default(),
            is_ending: metadata.deletion_timestamp.is_some(),
        };
        let is_concerned = !object.owners.is_empty() || object.waits_for(ORPHAN) || object.waits_for(FOREGROUND);
        self.objects.insert(uid.clone(), object);
        is_concerned.then_some(uid).into_iter().collect()
    }

    fn dependents<'a>(&'a self, uid: &'a str) -> impl Iterator<Item = &'a Object> {
        self.objects.values().filter(move |object| object.owner(uid).is_some())
    }

    /// Does with an object what its owners' state, or its own, asks for.
    ///
    /// # Errors
    /// What the API refuses.
    pub(super) async fn look_at(&self, uid: &str, client: &Client, kinds: &Kinds) -> kube::Result<()> {
        match self.objects.get(uid) {
            None => Ok(()),
            Some(owner) if owner.waits_for(ORPHAN) => self.orphan(owner, client).await,
            Some(owner) if owner.waits_for(FOREGROUND) => self.end_dependents(owner, client).await,
            Some(object) => self.check_owners(object, client, kinds).await,
        }
    }

    async fn orphan(&self, owner: &Object, client: &Client) -> kube::Result<()> {
        for dependent in self.dependents(&owner.uid) {
            dependent.keep_owners(client, |reference| reference.uid != owner.uid).await?;
        }
        owner.remove_finalizer(client, ORPHAN).await
    }

    /// An owner that is deleted in the foreground goes after the dependents that block it.
    async fn end_dependents(&self, owner: &Object, client: &Client) -> kube::Result<()> {
        for dependent in self.dependents(&owner.uid).filter(|dependent| !dependent.is_ending) {
            dependent.delete(client, DeleteParams::foreground()).await?;
        }
        let blocks = |object: &Object| object.owner(&owner.uid).is_some_and(|it| it.block_owner_deletion == Some(true));
        if self.dependents(&owner.uid).any(blocks) {
            return Ok(());
        }
        owner.remove_finalizer(client, FOREGROUND).await
    }

    async fn check_owners(&self, object: &Object, client: &Client, kinds: &Kinds) -> kube::Result<()> {
        if object.owners.is_empty() || object.is_ending {
            return Ok(());
        }
        let mut present = Vec::new();
        for owner in &object.owners {
            if self.objects.contains_key(&owner.uid) || exists(owner, object, client, kinds).await? {
                present.push(owner.uid.as_str());
            }
        }
        match present.len() {
            0 => object.delete(client, DeleteParams::background()).await,
            all if all == object.owners.len() => Ok(()),
            _ => object.keep_owners(client, |owner| present.contains(&owner.uid.as_str())).await,
        }
    }
}

/// Whether an owner that was never seen is there after all; one of an unknown kind counts as there.
async fn exists(owner: &OwnerReference, object: &Object, client: &Client, kinds: &Kinds) -> kube::Result<bool> {
    let group = owner.api_version.split_once('/').map_or("", |(group, _)| group);
    let kind = kinds.values().find(|kind| kind.resource.group == group && kind.resource.kind == owner.kind);
    let Some(kind) = kind else { return Ok(true) };
    let found = kind.api(client, object.namespace.as_deref()).get_metadata_opt(&owner.name).await?;
    Ok(found.is_some_and(|found| found.metadata.uid.as_ref() == Some(&owner.uid)))
}
