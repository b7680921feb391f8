//! Replica sets: as many pods as they say.

use std::cmp::Reverse;
use std::sync::Arc;

use futures_util::stream::BoxStream;
use k8s_openapi::api::apps::v1::{ReplicaSet, ReplicaSetCondition, ReplicaSetStatus};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, PostParams};
use kube::{Client, ResourceExt};

use super::events::{Event, record};
use super::pods::{controlled_by, count, from_template, is_active, is_ready, phase};
use super::watch::keys;
use super::work::{Again, Controller, Key};
use super::{now, writes};
use crate::kubernetes::Clock;

/// The controller of replica sets.
pub(super) struct ReplicaSets {
    pub(super) client: Client,
    pub(super) clock: Arc<dyn Clock>,
}

impl ReplicaSets {
    /// What leads to work: changes of replica sets and of their pods.
    pub(super) fn triggers(client: &Client) -> Vec<BoxStream<'static, Key>> {
        let sets: Api<ReplicaSet> = Api::all(client.clone());
        let pods: Api<Pod> = Api::all(client.clone());
        vec![keys(sets, |set| Some(Key::of(set))), keys(pods, |pod| Key::of_controller(pod, "ReplicaSet"))]
    }

    async fn create(&self, set: &ReplicaSet, number: usize) -> kube::Result<()> {
        let template = set.spec.as_ref().and_then(|spec| spec.template.clone()).unwrap_or_default();
        let api: Api<Pod> = Api::namespaced(self.client.clone(), &set.namespace().unwrap_or_default());
        for _ in 0..number {
            api.create(&PostParams::default(), &from_template(set, &template)).await?;
        }
        Ok(())
    }

    /// Pods that are not ready go first, then the youngest.
    async fn remove(&self, mut pods: Vec<Pod>, number: usize) -> kube::Result<()> {
        pods.sort_by_key(|pod| (is_ready(pod), phase(pod) == "Running", Reverse(pod.creation_timestamp())));
        for pod in &pods[..number] {
            let api: Api<Pod> = Api::namespaced(self.client.clone(), &pod.namespace().unwrap_or_default());
            writes::delete(&api, &pod.name_any()).await?;
        }
        Ok(())
    }

    async fn fill(&self, set: &ReplicaSet, pods: Vec<Pod>) -> kube::Result<()> {
        let wanted = usize::try_from(set.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1)).unwrap_or(0);
        match pods.len() {
            few if few < wanted => self.create(set, wanted - few).await,
            many if many > wanted => self.remove(pods, many - wanted).await,
            _ => Ok(()),
        }
    }

    async fn report(
        &self,
        api: &Api<ReplicaSet>,
        set: ReplicaSet,
        pods: &[Pod],
        failure: Option<String>,
    ) -> kube::Result<()> {
        let status = ReplicaSetStatus {
            replicas: count(pods, |_| true),
            fully_labeled_replicas: Some(count(pods, |_| true)).filter(|number| *number > 0),
            ready_replicas: Some(count(pods, is_ready)).filter(|number| *number > 0),
            available_replicas: Some(count(pods, is_ready)).filter(|number| *number > 0),
            observed_generation: set.metadata.generation,
            conditions: failure.map(|message| vec![self.failure(&set, message)]),
            ..ReplicaSetStatus::default()
        };
        if set.status.as_ref() != Some(&status) {
            writes::status(api, ReplicaSet { status: Some(status), ..set }).await?;
        }
        Ok(())
    }

    /// The condition that pods cannot be made; it keeps its time while it holds.
    fn failure(&self, set: &ReplicaSet, message: String) -> ReplicaSetCondition {
        let before = set.status.as_ref().and_then(|status| status.conditions.as_ref()?.first()).cloned();
        let since = before.and_then(|before| before.last_transition_time);
        ReplicaSetCondition {
            type_: "ReplicaFailure".to_owned(),
            status: "True".to_owned(),
            reason: Some("FailedCreate".to_owned()),
            message: Some(message),
            last_transition_time: since.or_else(|| Some(now(&*self.clock))),
        }
    }
}

impl Controller for ReplicaSets {
    const NAME: &'static str = "replica sets";

    async fn reconcile(&self, key: &Key) -> kube::Result<Again> {
        let api: Api<ReplicaSet> = Api::namespaced(self.client.clone(), &key.namespace);
        let found = api.get_opt(&key.name).await?.filter(|found| found.metadata.deletion_timestamp.is_none());
        let Some(set) = found else { return Ok(None) };
        let selector = set.spec.as_ref().map(|spec| spec.selector.clone()).unwrap_or_default();
        let mut pods = controlled_by(&self.client, &set, &selector).await?;
        pods.retain(is_active);
        let filled = self.fill(&set, pods.clone()).await;
        let failure = match &filled {
            Err(kube::Error::Api(status)) => Some(status.message.clone()),
            _ => None,
        };
        if let Some(message) = &failure {
            let event = Event::warning("FailedCreate", format!("Error creating: {message}"), "replicaset-controller");
            record(&self.client, &set, event, self.clock.now()).await?;
        }
        self.report(&api, set, &pods, failure).await?;
        filled.map(|()| None)
    }
}
