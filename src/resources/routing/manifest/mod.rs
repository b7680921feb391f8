//! `tcmesh_manifest`: any Kubernetes objects, as YAML.

mod apply;
mod drift;
mod id;
mod waiting;

use std::sync::Arc;

use crate::framework::{Change, Computed, Diagnostic, Diagnostics, Error, Model, Planned, Prior, Progress, Resource};
use crate::kubernetes::{Document, Force, ObjectReference, documents};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::resources::place::Place;
use crate::scope::Scope;

use id::ManifestId;
pub use waiting::{Wait, WaitCondition, WaitField};

/// Kubernetes objects as YAML, one or several documents: applied on the server's side, in the order in which they need each other, under a
/// field manager of our own. Only the fields that stand in the manifest are managed: defaults and the fields of others are left alone.
/// Objects that a changed manifest does not hold any more are deleted; so are all of them when the resource is destroyed. Objects that
/// somebody else made are taken on, with a warning, unless a field in conflict is in the way.
///
/// A plan needs no cluster: it may be made by the same apply. The manifest stands in the state: keep secrets out of it.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Manifest {
    /// The ID: the cluster and the objects that it was created with, for example
    /// `cls-65r1c5nu#v1/Namespace//test,apps/v1/Deployment/test/cluster1`; without the first part for the cluster of the provider's
    /// `kubernetes` block.
    #[tf(computed, identity)]
    pub id: Computed<String>,
    /// The root account that the cluster is reached by, for example `100000000001`.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The cluster's region, for example `ap-guangzhou`.
    #[tf(computed, identity(optional))]
    pub region: Computed<String>,
    /// The cluster, for example `cls-65r1c5nu`. Without it, the cluster of the provider's `kubernetes` block.
    #[tf(optional, force_new, check = checks::cluster)]
    pub cluster_id: Option<String>,
    /// The objects, documents separated by `---`, for example `file("${path.module}/services.yaml")`.
    #[tf(required, config_only, check = check_yaml, same = same_yaml)]
    pub yaml: String,
    /// Whether fields that other field managers hold are taken over, for example `true`. Else they are an error that names manager and field.
    #[tf(optional, default = false, config_only)]
    pub force_conflicts: bool,
    /// What tells the cluster from every other: the UID of its `kube-system` namespace, for example `7c4bd8a2-3b1e-4f5a-9d6c-0e8f1a2b3c4d`.
    #[tf(computed)]
    pub cluster_uid: Computed<String>,
    /// The objects in the order in which they were applied, for example `objects[0].name`.
    #[tf(computed, changes_with("yaml"))]
    pub objects: Computed<Vec<Object>>,
    /// Where the cluster is not as the manifest says, one line each, for example `Deployment test/web: spec.replicas = 3`. The next apply
    /// puts it right.
    #[tf(computed, settles = [])]
    pub drift: Computed<Vec<String>>,
    /// What an apply waits for after the objects were applied.
    #[tf(block, config_only)]
    pub wait: Option<Wait>,
}

/// An object of a manifest.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Object {
    /// Its API version, for example `apps/v1`.
    #[tf(computed)]
    pub api_version: Computed<String>,
    /// Its kind, for example `Deployment`.
    #[tf(computed)]
    pub kind: Computed<String>,
    /// Its namespace, for example `test`; null for kinds without one.
    #[tf(computed)]
    pub namespace: Computed<String>,
    /// Its name, for example `cluster1`.
    #[tf(computed)]
    pub name: Computed<String>,
}

impl From<&ObjectReference> for Object {
    fn from(object: &ObjectReference) -> Self {
        let ObjectReference { api_version, kind, namespace, name } = object.clone();
        Self { api_version: api_version.into(), kind: kind.into(), namespace: namespace.into(), name: name.into() }
    }
}

impl Object {
    /// The object as a cluster is asked for it.
    pub(crate) fn reference(&self) -> ObjectReference {
        let text = |text: &Computed<String>| text.get().cloned().unwrap_or_default();
        ObjectReference {
            api_version: text(&self.api_version),
            kind: text(&self.kind),
            namespace: self.namespace.get().cloned(),
            name: text(&self.name),
        }
    }
}

fn check_yaml(yaml: &str) -> Result<(), String> {
    documents(yaml).map(drop).map_err(|error| format!("Expected Kubernetes objects; {error}."))
}

fn same_yaml(one: &str, other: &str) -> bool {
    matches!((documents(one), documents(other)), (Ok(one), Ok(other)) if one == other)
}

impl Manifest {
    fn force(&self) -> Force {
        if self.force_conflicts { Force::TakeOver } else { Force::No }
    }

    /// The documents of a manifest that was checked when it was planned.
    fn documents(&self) -> Result<Vec<Document>, Error> {
        documents(&self.yaml).doing(|| "read the manifest".into())
    }

    fn place(&self, id: &ManifestId) -> Place {
        Place {
            cluster_id: id.cluster_id.clone(),
            account_id: self.account_id.clone(),
            region: self.region.clone(),
            cluster_uid: self.cluster_uid.clone(),
        }
    }

    /// The objects that are known to exist or to have existed: of an imported manifest, those that its ID names.
    fn known(&self, id: &ManifestId) -> Vec<ObjectReference> {
        match self.objects.get() {
            Some(objects) => objects.iter().map(Object::reference).collect(),
            None => id.objects.clone(),
        }
    }

    /// The manifest with these objects, none of which drifts.
    fn with_objects(self, objects: &[ObjectReference]) -> Self {
        let objects: Vec<Object> = objects.iter().map(Object::from).collect();
        Self { objects: objects.into(), drift: Vec::new().into(), ..self }
    }

    fn in_place(self, id: &ManifestId, place: Place) -> Self {
        let Place { cluster_id, account_id, region, cluster_uid } = place;
        Self { id: id.to_string().into(), account_id, region, cluster_id, cluster_uid, ..self }
    }
}

fn taken_on(titles: &[String]) -> Diagnostic {
    let detail = format!(
        "Somebody else made {} before: the manifest is applied to it, and destroying this resource deletes it.",
        titles.join(", ")
    );
    Diagnostic::warning("Existing objects taken on", detail).at("yaml")
}

fn references(documents: &[Document]) -> Vec<ObjectReference> {
    documents.iter().map(|document| document.object.clone()).collect()
}

/// The resource.
pub struct ManifestResource(Arc<Context>);

impl Resource for ManifestResource {
    const NAME: &'static str = "manifest";
    type Configuration = Context;
    type Model = Manifest;
    type Id = ManifestId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    fn check(planned: &Planned<'_, Manifest>, diagnostics: &mut Diagnostics) {
        waiting::check(planned, diagnostics);
    }

    async fn check_owner(&self, scope: &Scope, prior: &Manifest) -> Result<(), Error> {
        let id = Self::id_from_identity(prior)?;
        prior.place(&id).check(&self.0, scope).await
    }

    async fn create(
        &self,
        scope: &Scope,
        _: &Manifest,
        plan: &Manifest,
        progress: &mut Progress<Manifest>,
    ) -> Result<(), Error> {
        let documents = plan.documents()?;
        let objects = references(&documents);
        let (place, cluster) = Place::of_new(&self.0, scope, plan.cluster_id.as_deref()).await?;
        let id = ManifestId { cluster_id: plan.cluster_id.clone(), objects: objects.clone() };
        let others = apply::made_by_others(scope, &cluster, &documents).await?;
        progress.keep(plan.clone().in_place(&id, place).with_objects(&objects));
        if !others.is_empty() {
            progress.warn(taken_on(&others));
        }
        apply::all(scope, &cluster, &documents, plan.force()).await?;
        waiting::until_ready(scope, &cluster, &objects, plan.wait.as_ref()).await
    }

    async fn read(&self, scope: &Scope, id: &ManifestId, prior: &Prior<Manifest>) -> Result<Option<Manifest>, Error> {
        let place = prior.place(id);
        let cluster = place.cluster(&self.0, scope).await?;
        let documents = if prior.yaml.is_empty() { Vec::new() } else { prior.documents()? };
        let found = drift::look(scope, &cluster, &documents, prior.known(id)).await;
        let found = found.doing(|| format!("read the objects of the manifest {id}"))?;
        if found.all_gone {
            return Ok(None);
        }
        let place = place.completed(&self.0, scope, &cluster).await?;
        let read = Manifest::clone(prior).in_place(id, place).with_objects(&found.objects);
        Ok(Some(Manifest { drift: found.drift.into(), ..read }))
    }

    async fn update(
        &self,
        scope: &Scope,
        id: &ManifestId,
        change: &Change<'_, Manifest>,
        progress: &mut Progress<Manifest>,
    ) -> Result<(), Error> {
        let cluster = self.0.clusters.for_apply_in(scope, &change.prior.region, id.cluster_id.as_deref()).await?;
        let documents = change.plan.documents()?;
        let objects = references(&documents);
        let known = change.prior.known(id);
        let dropped: Vec<_> =
            known.iter().filter(|known| !objects.iter().any(|object| object.is_same(known))).cloned().collect();
        // Until everything is done, the state holds the old manifest and all objects: so the next plan finds what is left.
        let both = [objects.clone(), dropped.clone()].concat();
        progress.keep(Manifest::clone(change.prior).with_objects(&both));
        apply::all(scope, &cluster, &documents, change.plan.force()).await?;
        apply::delete(scope, &cluster, dropped).await?;
        waiting::until_ready(scope, &cluster, &objects, change.plan.wait.as_ref()).await?;
        let place = change.prior.place(id);
        progress.keep(change.plan.clone().in_place(id, place).with_objects(&objects));
        Ok(())
    }

    async fn delete(&self, scope: &Scope, id: &ManifestId, prior: &Prior<Manifest>) -> Result<(), Error> {
        let cluster = self.0.clusters.for_apply_in(scope, &prior.region, id.cluster_id.as_deref()).await?;
        apply::delete(scope, &cluster, prior.known(id)).await
    }
}
