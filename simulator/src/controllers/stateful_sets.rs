//! Stateful sets: pods with numbers, one after the other.
//!
//! Not modelled: volume claims, partitions, and starting numbers other than zero.

use std::hash::{DefaultHasher, Hash, Hasher};

use futures_util::stream::BoxStream;
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetStatus};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, PostParams};
use kube::{Client, ResourceExt};

use super::pods::{controlled_by, count, from_template, is_active, is_ready};
use super::watch::keys;
use super::work::{Again, Controller, Key};
use super::writes;

/// The label that tells which template a pod was made from.
const REVISION: &str = "controller-revision-hash";

/// The controller of stateful sets.
pub(super) struct StatefulSets {
    pub(super) client: Client,
}

impl StatefulSets {
    /// What leads to work: changes of stateful sets and of their pods.
    pub(super) fn triggers(client: &Client) -> Vec<BoxStream<'static, Key>> {
        let sets: Api<StatefulSet> = Api::all(client.clone());
        let pods: Api<Pod> = Api::all(client.clone());
        vec![keys(sets, |set| Some(Key::of(set))), keys(pods, |pod| Key::of_controller(pod, "StatefulSet"))]
    }

    async fn step(&self, set: &StatefulSet, pods: &[Pod]) -> kube::Result<()> {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), &set.namespace().unwrap_or_default());
        match next_step(set, pods) {
            Step::Create(number) => api.create(&PostParams::default(), &pod(set, number)).await.map(drop),
            Step::Delete(name) => writes::delete(&api, &name).await,
            Step::Nothing => Ok(()),
        }
    }
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Create(i32),
    Delete(String),
    Nothing,
}

/// One thing at a time: fill up from below, take away from above, renew from above.
fn next_step(set: &StatefulSet, pods: &[Pod]) -> Step {
    let wanted = replicas(set);
    let is_parallel = set.spec.as_ref().is_some_and(|spec| spec.pod_management_policy.as_deref() == Some("Parallel"));
    let find = |number: i32| pods.iter().find(|pod| pod.name_any() == name(set, number));
    for number in 0..wanted {
        match find(number) {
            None => return Step::Create(number),
            Some(pod) if !is_parallel && is_current(set, pod) && !is_up(pod) => return Step::Nothing,
            Some(_) => {}
        }
    }
    let beyond = pods.iter().filter(|pod| ordinal(pod) >= wanted).max_by_key(|pod| ordinal(pod));
    let old = pods.iter().filter(|pod| !is_current(set, pod)).max_by_key(|pod| ordinal(pod));
    match beyond.or(old) {
        Some(pod) if is_active(pod) => Step::Delete(pod.name_any()),
        _ => Step::Nothing,
    }
}

fn is_up(pod: &Pod) -> bool {
    is_active(pod) && is_ready(pod)
}

fn replicas(set: &StatefulSet) -> i32 {
    set.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1)
}

fn name(set: &StatefulSet, number: i32) -> String {
    format!("{}-{number}", set.name_any())
}

fn ordinal(pod: &Pod) -> i32 {
    pod.name_any().rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(-1)
}

fn revision(set: &StatefulSet) -> String {
    let mut hasher = DefaultHasher::new();
    let template = set.spec.as_ref().map(|spec| &spec.template);
    serde_json::to_string(&template).unwrap_or_default().hash(&mut hasher);
    format!("{}-{:08x}", set.name_any(), hasher.finish() >> 32)
}

fn is_current(set: &StatefulSet, pod: &Pod) -> bool {
    pod.labels().get(REVISION) == Some(&revision(set))
}

fn pod(set: &StatefulSet, number: i32) -> Pod {
    let template = set.spec.as_ref().map(|spec| spec.template.clone()).unwrap_or_default();
    let mut pod = from_template(set, &template);
    pod.metadata.generate_name = None;
    pod.metadata.name = Some(name(set, number));
    let labels = pod.metadata.labels.get_or_insert_default();
    labels.insert(REVISION.to_owned(), revision(set));
    labels.insert("statefulset.kubernetes.io/pod-name".to_owned(), name(set, number));
    if let Some(spec) = &mut pod.spec {
        spec.hostname = Some(name(set, number));
        spec.subdomain = set.spec.as_ref().and_then(|spec| spec.service_name.clone());
    }
    pod
}

fn status(set: &StatefulSet, pods: &[Pod]) -> StatefulSetStatus {
    let ready = count(pods, is_up);
    let updated = count(pods, |pod| is_current(set, pod));
    let before = set.status.clone().unwrap_or_default();
    let is_done = updated == count(pods, |_| true) && updated == replicas(set);
    let update = revision(set);
    let current = if is_done { Some(update.clone()) } else { before.current_revision.or_else(|| Some(update.clone())) };
    StatefulSetStatus {
        replicas: count(pods, |_| true),
        ready_replicas: Some(ready).filter(|number| *number > 0),
        available_replicas: Some(ready),
        updated_replicas: Some(updated).filter(|number| *number > 0),
        current_replicas: Some(updated).filter(|number| is_done && *number > 0),
        current_revision: current,
        update_revision: Some(update),
        observed_generation: set.metadata.generation,
        collision_count: Some(0),
        ..StatefulSetStatus::default()
    }
}

impl Controller for StatefulSets {
    const NAME: &'static str = "stateful sets";

    async fn reconcile(&self, key: &Key) -> kube::Result<Again> {
        let api: Api<StatefulSet> = Api::namespaced(self.client.clone(), &key.namespace);
        let found = api.get_opt(&key.name).await?.filter(|found| found.metadata.deletion_timestamp.is_none());
        let Some(set) = found else { return Ok(None) };
        let selector = set.spec.as_ref().map(|spec| spec.selector.clone()).unwrap_or_default();
        let pods = controlled_by(&self.client, &set, &selector).await?;
        self.step(&set, &pods).await?;
        let status = status(&set, &pods);
        if set.status.as_ref() != Some(&status) {
            writes::status(&api, StatefulSet { status: Some(status), ..set }).await?;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(replicas: i32) -> StatefulSet {
        serde_json::from_value(json!({"metadata": {"name": "s", "uid": "u"}, "spec": {"replicas": replicas, "selector": {}, "template": {}}}))
            .expect("a set")
    }

    fn made(number: i32, ready: bool) -> Pod {
        let mut pod = pod(&set(1), number);
        let conditions = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}]});
        pod.status = serde_json::from_value(conditions).expect("a status");
        pod
    }

    #[test]
    fn pods_come_one_after_the_other_and_go_from_the_last() {
        assert_eq!(next_step(&set(2), &[]), Step::Create(0));
        assert_eq!(next_step(&set(2), &[made(0, false)]), Step::Nothing);
        assert_eq!(next_step(&set(2), &[made(0, true)]), Step::Create(1));
        assert_eq!(next_step(&set(2), &[made(0, true), made(1, true)]), Step::Nothing);
        assert_eq!(next_step(&set(0), &[made(0, true), made(1, true)]), Step::Delete("s-1".into()));
    }

    #[test]
    fn a_new_template_renews_from_the_last() {
        let mut old = made(1, true);
        old.labels_mut().insert(REVISION.into(), "s-other".into());
        assert_eq!(next_step(&set(2), &[made(0, true), old]), Step::Delete("s-1".into()));
    }
}
