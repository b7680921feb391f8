//! What the resources that are one object of Istio's have in common: applied on the server's side by our field manager, read back as
//! their models, and believed to be gone only in the cluster that holds them.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use serde_json::{Value, json};

use super::adoption;
use super::api::{awaited_version, best_version};
use super::id::ObjectId;
use super::json::{map, object, text_map};
use crate::framework::{Change, Computed, Diagnostic, Diagnostics, Error, Model, Planned, Prior, Progress, Resource};
use crate::kubernetes::{self, Cluster, Document, Force, own_fields};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::place::Place;
use crate::scope::Scope;

/// The attributes that every object has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Common {
    /// The attribute `id`.
    pub id: Computed<String>,
    /// The attribute `account_id`.
    pub account_id: Computed<String>,
    /// The attribute `region`.
    pub region: Computed<String>,
    /// The attribute `cluster_id`.
    pub cluster_id: Option<String>,
    /// The attribute `namespace`.
    pub namespace: String,
    /// The attribute `name`.
    pub name: String,
    /// The attribute `labels`.
    pub labels: BTreeMap<String, String>,
    /// The attribute `annotations`.
    pub annotations: BTreeMap<String, String>,
    /// The attribute `force_conflicts`.
    pub force_conflicts: bool,
    /// The attribute `cluster_uid`.
    pub cluster_uid: Computed<String>,
    /// The attribute `api_version`.
    pub api_version: Computed<String>,
}

impl Common {
    fn id(&self) -> ObjectId {
        ObjectId { cluster_id: self.cluster_id.clone(), namespace: self.namespace.clone(), name: self.name.clone() }
    }

    fn place(&self) -> Place {
        Place {
            cluster_id: self.cluster_id.clone(),
            account_id: self.account_id.clone(),
            region: self.region.clone(),
            cluster_uid: self.cluster_uid.clone(),
        }
    }

    /// The attributes of the object `id` in a place, with everything computed.
    fn found(self, id: &ObjectId, place: Place, api_version: String) -> Self {
        let Place { cluster_id, account_id, region, cluster_uid } = place;
        Self {
            id: id.to_string().into(),
            account_id,
            region,
            cluster_id,
            namespace: id.namespace.clone(),
            name: id.name.clone(),
            cluster_uid,
            api_version: api_version.into(),
            ..self
        }
    }

    fn force(&self) -> Force {
        if self.force_conflicts { Force::TakeOver } else { Force::No }
    }
}

/// A model that is one object of Istio's.
pub trait IstioObject: Model {
    /// The resource's name without the provider's prefix.
    const NAME: &'static str;

    /// The kind in the cluster.
    const KIND: &'static str;

    /// The attributes that every object has.
    fn common(&self) -> Common;

    /// The object's `spec`.
    fn spec(&self) -> Value;

    /// The model of an object. Where several spellings mean the same, that of `prior` is taken.
    fn of(common: Common, spec: &Value, prior: &Self) -> Self;

    /// The rules that the known values of one object decide.
    fn check(planned: &Planned<'_, Self>, diagnostics: &mut Diagnostics);
}

/// The resource of a model.
pub struct IstioResource<M>(Arc<Context>, PhantomData<fn() -> M>);

impl<M: IstioObject> Resource for IstioResource<M> {
    const NAME: &'static str = M::NAME;
    type Configuration = Context;
    type Model = M;
    type Id = ObjectId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context), PhantomData))
    }

    fn id_from_identity(model: &M) -> Result<ObjectId, Error> {
        let common = model.common();
        match common.id.get() {
            Some(id) => id.parse().map_err(|problem| Diagnostic::error("Invalid ID", problem).into()),
            None => Ok(common.id()),
        }
    }

    fn check(planned: &Planned<'_, M>, diagnostics: &mut Diagnostics) {
        M::check(planned, diagnostics);
    }

    async fn check_owner(&self, scope: &Scope, prior: &M) -> Result<(), Error> {
        let cluster_id = Self::id_from_identity(prior)?.cluster_id;
        Place { cluster_id, ..prior.common().place() }.check(&self.0, scope).await
    }

    async fn create(&self, scope: &Scope, _: &M, plan: &M, progress: &mut Progress<M>) -> Result<(), Error> {
        let common = plan.common();
        let id = common.id();
        let (place, cluster) = Place::of_new(&self.0, scope, common.cluster_id.as_deref()).await?;
        let doing = || format!("create the {}", title::<M>(&id));
        let api_version = awaited_version(scope, &cluster).await?;
        let target = id.object(&api_version, M::KIND);
        if let Some(live) = cluster.get(scope, &target).await.doing(doing)? {
            progress.warn(adoption::of_existing(&live, M::NAME, &id)?);
        }
        let document = document::<M>(plan, &id, &api_version);
        progress.keep(M::of(common.clone().found(&id, place, api_version), &plan.spec(), plan));
        let applied = cluster.apply(scope, &document, common.force()).await;
        if applied.as_ref().is_err_and(kubernetes::Error::is_refusal) {
            progress.forget();
        }
        applied.map(drop).doing(doing)
    }

    async fn read(&self, scope: &Scope, id: &ObjectId, prior: &Prior<M>) -> Result<Option<M>, Error> {
        let common = prior.common();
        let place = Place { cluster_id: id.cluster_id.clone(), ..common.place() };
        let cluster = place.cluster(&self.0, scope).await?;
        let found = find::<M>(scope, &cluster, id, &common.api_version).await;
        let Some((api_version, live)) = found.doing(|| format!("read the {}", title::<M>(id)))? else {
            return Ok(None);
        };
        let place = place.completed(&self.0, scope, &cluster).await?;
        let labels = of_ours(&live, "labels", &common.labels);
        let annotations = of_ours(&live, "annotations", &common.annotations);
        let common = Common { labels, annotations, ..common }.found(id, place, api_version);
        Ok(Some(M::of(common, &live["spec"], prior)))
    }

    async fn update(
        &self,
        scope: &Scope,
        id: &ObjectId,
        change: &Change<'_, M>,
        progress: &mut Progress<M>,
    ) -> Result<(), Error> {
        let (before, planned) = (change.prior.common(), change.plan.common());
        let cluster = self.0.clusters.for_apply_in(scope, &before.region, id.cluster_id.as_deref()).await?;
        let doing = || format!("change the {}", title::<M>(id));
        let found = find::<M>(scope, &cluster, id, &before.api_version).await.doing(doing)?;
        let api_version = match &found {
            Some((api_version, _)) => api_version.clone(),
            None => awaited_version(scope, &cluster).await?,
        };
        let applied = cluster.apply(scope, &document::<M>(change.plan, id, &api_version), planned.force()).await;
        applied.doing(doing)?;
        if let Some(dropped) = found.and_then(|(_, live)| adoption::dropped::<M>(&live["spec"])) {
            progress.warn(dropped);
        }
        Ok(())
    }

    async fn delete(&self, scope: &Scope, id: &ObjectId, prior: &Prior<M>) -> Result<(), Error> {
        let common = prior.common();
        let cluster = self.0.clusters.for_apply_in(scope, &common.region, id.cluster_id.as_deref()).await?;
        let doing = || format!("delete the {}", title::<M>(id));
        match find::<M>(scope, &cluster, id, &common.api_version).await.doing(doing)? {
            Some((api_version, _)) => cluster.delete(scope, &id.object(&api_version, M::KIND)).await.doing(doing),
            None => Ok(()),
        }
    }
}

/// For people: `Gateway istio-system/cluster`.
fn title<M: IstioObject>(id: &ObjectId) -> String {
    id.object("", M::KIND).title()
}

/// The object with the version that it was found by: the known one, else the best that the cluster serves.
async fn find<M: IstioObject>(
    scope: &Scope,
    cluster: &Cluster,
    id: &ObjectId,
    known: &Computed<String>,
) -> Result<Option<(String, Value)>, kubernetes::Error> {
    if let Some(known) = known.get()
        && let Some(live) = cluster.get(scope, &id.object(known, M::KIND)).await?
    {
        return Ok(Some((known.clone(), live)));
    }
    match best_version(scope, cluster).await? {
        Some(best) if known.get() != Some(&best) => {
            Ok(cluster.get(scope, &id.object(&best, M::KIND)).await?.map(|live| (best, live)))
        }
        _ => Ok(None),
    }
}

fn document<M: IstioObject>(plan: &M, id: &ObjectId, api_version: &str) -> Document {
    let Common { labels, annotations, .. } = plan.common();
    let metadata = object([
        ("namespace", (&*id.namespace).into()),
        ("name", (&*id.name).into()),
        ("labels", map(labels)),
        ("annotations", map(annotations)),
    ]);
    let body = json!({"apiVersion": api_version, "kind": M::KIND, "metadata": metadata, "spec": plan.spec()});
    Document { object: id.object(api_version, M::KIND), body }
}

/// The labels or annotations that we set: those that our field manager holds, and those that it held before somebody else took them.
/// Of an object that it never wrote, as one that is being imported, all.
fn of_ours(live: &Value, name: &str, before: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let ours = own_fields(live);
    let held = text_map(&ours["metadata"], name);
    let is_ours = |key: &String| ours.is_null() || held.contains_key(key) || before.contains_key(key);
    let mut found = text_map(&live["metadata"], name);
    found.retain(|key, _| is_ours(key) && key != "kubectl.kubernetes.io/last-applied-configuration");
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::FIELD_MANAGER;

    #[test]
    fn labels_of_others_are_left_alone_and_lost_ones_show() {
        let texts = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let held = json!([{"manager": FIELD_MANAGER, "operation": "Apply", "fieldsV1": {"f:metadata": {"f:labels": {"f:a": {}}}}}]);
        let labels = json!({"a": "1", "b": "2", "c": "3"});
        let live = json!({"metadata": {"labels": labels, "managedFields": held}});
        assert_eq!(of_ours(&live, "labels", &texts(&[("b", "old")])), texts(&[("a", "1"), ("b", "2")]));
        let foreign = json!({"metadata": {"labels": labels, "annotations":
            {"kubectl.kubernetes.io/last-applied-configuration": "{}", "d": "4"}}});
        assert_eq!(of_ours(&foreign, "labels", &texts(&[])).len(), 3, "an import takes them all");
        assert_eq!(of_ours(&foreign, "annotations", &texts(&[])), texts(&[("d", "4")]));
    }
}
