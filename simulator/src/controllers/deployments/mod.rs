//! Deployments: one replica set for each template that a deployment had, the newest of which takes over from the others.
//!
//! Not modelled: pausing half-way with proportional scaling, and the adoption of replica sets that nobody controls.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use futures_util::stream::BoxStream;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, ReplicaSetSpec};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use kube::api::{Api, ObjectMeta, PostParams};
use kube::{Client, ResourceExt};

use super::owners::{control_by, is_controlled_by};
use super::pods::selecting;
use super::watch::keys;
use super::work::{Again, Controller, Key};
use super::writes;
use crate::kubernetes::Clock;

mod rollout;
mod status;

/// The label by which replica sets of one deployment differ.
const HASH: &str = "pod-template-hash";
/// The annotation that numbers the templates of a deployment.
const REVISION: &str = "deployment.kubernetes.io/revision";
/// The letters of a hash; as in generated names, none that make words.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// The controller of deployments.
pub(super) struct Deployments {
    pub(super) client: Client,
    pub(super) clock: Arc<dyn Clock>,
}

/// A deployment and its replica sets.
struct Family {
    deployment: Deployment,
    newest: ReplicaSet,
    older: Vec<ReplicaSet>,
}

impl Deployments {
    /// What leads to work: changes of deployments and of their replica sets.
    pub(super) fn triggers(client: &Client) -> Vec<BoxStream<'static, Key>> {
        let deployments: Api<Deployment> = Api::all(client.clone());
        let sets: Api<ReplicaSet> = Api::all(client.clone());
        vec![
            keys(deployments, |deployment| Some(Key::of(deployment))),
            keys(sets, |set| Key::of_controller(set, "Deployment")),
        ]
    }

    fn sets(&self, namespace: &str) -> Api<ReplicaSet> {
        Api::namespaced(self.client.clone(), namespace)
    }

    async fn family(&self, deployment: Deployment) -> kube::Result<Family> {
        let selector = deployment.spec.as_ref().map(|spec| spec.selector.clone()).unwrap_or_default();
        let sets = self.sets(&deployment.namespace().unwrap_or_default());
        let mut all = sets.list(&selecting(&selector)).await?.items;
        all.retain(|set| is_controlled_by(set, &deployment));
        all.sort_by_key(revision);
        let template = template_of(&deployment);
        let latest = all.last().map_or(0, revision);
        let newest = match all.iter().position(|set| template_without_hash(set) == template) {
            Some(place) => self.renumber(all.remove(place), latest).await?,
            None => sets.create(&PostParams::default(), &new_set(&deployment, latest + 1)).await?,
        };
        Ok(Family { deployment, newest, older: all })
    }

    /// A template that comes back is the newest again.
    async fn renumber(&self, set: ReplicaSet, latest: i64) -> kube::Result<ReplicaSet> {
        if revision(&set) == latest {
            return Ok(set);
        }
        let sets = self.sets(&set.namespace().unwrap_or_default());
        writes::annotate(&sets, &set.name_any(), REVISION, &(latest + 1).to_string()).await
    }

    async fn scale(&self, set: &mut ReplicaSet, replicas: i32) -> kube::Result<()> {
        let wanted = set.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(0);
        if wanted != replicas {
            let sets = self.sets(&set.namespace().unwrap_or_default());
            *set = writes::merge(&sets, &set.name_any(), &serde_json::json!({"spec": {"replicas": replicas}})).await?;
        }
        Ok(())
    }

    async fn roll(&self, family: &mut Family) -> kube::Result<()> {
        if family.deployment.spec.as_ref().is_some_and(|spec| spec.paused == Some(true)) {
            return Ok(());
        }
        let plan = rollout::plan(&family.deployment, &family.newest, &family.older);
        self.scale(&mut family.newest, plan.newest).await?;
        for (set, replicas) in family.older.iter_mut().zip(plan.older) {
            self.scale(set, replicas).await?;
        }
        Ok(())
    }

    /// Old replica sets are kept for going back, but not more than the deployment says.
    async fn clean_up(&self, family: &Family) -> kube::Result<()> {
        let limit = family.deployment.spec.as_ref().and_then(|spec| spec.revision_history_limit).unwrap_or(10);
        let empty: Vec<_> = family.older.iter().filter(|set| rollout::is_empty(set)).collect();
        let surplus = empty.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
        for set in &empty[..surplus] {
            let sets = self.sets(&set.namespace().unwrap_or_default());
            writes::delete(&sets, &set.name_any()).await?;
        }
        Ok(())
    }

    /// Reports what there is, and the number of the template.
    async fn report(&self, family: &Family) -> kube::Result<Again> {
        let api: Api<Deployment> =
            Api::namespaced(self.client.clone(), &family.deployment.namespace().unwrap_or_default());
        let name = family.deployment.name_any();
        let number = revision(&family.newest).to_string();
        if family.deployment.annotations().get(REVISION) != Some(&number) {
            writes::annotate(&api, &name, REVISION, &number).await?;
        }
        let report = status::report(&family.deployment, &family.newest, &family.older, self.clock.now());
        if family.deployment.status.as_ref() != Some(&report.status) {
            writes::status(&api, Deployment { status: Some(report.status), ..family.deployment.clone() }).await?;
        }
        Ok(report.deadline)
    }
}

impl Controller for Deployments {
    const NAME: &'static str = "deployments";

    async fn reconcile(&self, key: &Key) -> kube::Result<Again> {
        let api: Api<Deployment> = Api::namespaced(self.client.clone(), &key.namespace);
        let found = api.get_opt(&key.name).await?.filter(|found| found.metadata.deletion_timestamp.is_none());
        let Some(deployment) = found else { return Ok(None) };
        let mut family = self.family(deployment).await?;
        self.roll(&mut family).await?;
        self.clean_up(&family).await?;
        self.report(&family).await
    }
}

fn template_of(deployment: &Deployment) -> PodTemplateSpec {
    deployment.spec.as_ref().map(|spec| spec.template.clone()).unwrap_or_default()
}

fn template_without_hash(set: &ReplicaSet) -> PodTemplateSpec {
    let mut template = set.spec.as_ref().and_then(|spec| spec.template.clone()).unwrap_or_default();
    if let Some(labels) = template.metadata.as_mut().and_then(|metadata| metadata.labels.as_mut()) {
        labels.remove(HASH);
    }
    template
}

fn revision(set: &ReplicaSet) -> i64 {
    set.annotations().get(REVISION).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// A short name for a template, the same for the same template.
fn hash(template: &PodTemplateSpec) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(template).unwrap_or_default().hash(&mut hasher);
    let number = hasher.finish();
    let digits = (0..10).map(|place| (number >> (6 * place)) % LETTERS.len() as u64);
    digits.map(|digit| char::from(LETTERS[usize::try_from(digit).unwrap_or(0)])).collect()
}

fn new_set(deployment: &Deployment, revision: i64) -> ReplicaSet {
    let template = template_of(deployment);
    let hash = hash(&template);
    let mut selector = deployment.spec.as_ref().map(|spec| spec.selector.clone()).unwrap_or_default();
    selector.match_labels.get_or_insert_default().insert(HASH.to_owned(), hash.clone());
    let mut labelled = template;
    let metadata = labelled.metadata.get_or_insert_default();
    metadata.labels.get_or_insert_default().insert(HASH.to_owned(), hash.clone());
    let mut annotations: BTreeMap<_, _> = deployment.annotations().clone();
    annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    annotations.insert(REVISION.to_owned(), revision.to_string());
    ReplicaSet {
        metadata: ObjectMeta {
            name: Some(format!("{}-{hash}", deployment.name_any())),
            namespace: deployment.namespace(),
            labels: metadata.labels.clone(),
            annotations: Some(annotations),
            owner_references: Some(vec![control_by(deployment)]),
            ..ObjectMeta::default()
        },
        spec: Some(ReplicaSetSpec {
            replicas: Some(0),
            selector,
            template: Some(labelled),
            min_ready_seconds: deployment.spec.as_ref().and_then(|spec| spec.min_ready_seconds),
        }),
        status: None,
    }
}
