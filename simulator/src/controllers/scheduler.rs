//! The scheduler: puts each pod on a node, the one with the fewest pods of those that it may run on.

use std::sync::Arc;

use futures_util::stream::BoxStream;
use k8s_openapi::api::core::v1::{Binding, Node, ObjectReference, Pod, PodCondition};
use kube::api::{Api, ListParams, PostParams};
use kube::core::Status;
use kube::{Client, ResourceExt};

use super::events::{Event, record};
use super::nodes::{is_schedulable, selects};
use super::watch::keys;
use super::work::{Again, Controller, Key};
use super::{now, writes};
use crate::kubernetes::Clock;

/// The scheduler.
pub(super) struct Scheduler {
    pub(super) client: Client,
    pub(super) clock: Arc<dyn Clock>,
}

impl Scheduler {
    /// What leads to work: pods without a node, and changes of nodes.
    pub(super) fn triggers(client: &Client) -> Vec<BoxStream<'static, Key>> {
        let pods: Api<Pod> = Api::all(client.clone());
        let nodes: Api<Node> = Api::all(client.clone());
        vec![
            keys(pods, |pod| needs_node(pod).then(|| Key::of(pod))),
            keys(nodes, |_| Some(Key { namespace: String::new(), name: String::new() })),
        ]
    }

    async fn schedule(&self, pod: &Pod) -> kube::Result<()> {
        let nodes: Api<Node> = Api::all(self.client.clone());
        let nodes = nodes.list(&ListParams::default()).await?.items;
        let spec = pod.spec.clone().unwrap_or_default();
        let mut best: Option<(usize, String)> = None;
        for node in nodes.iter().filter(|node| is_schedulable(node) && selects(&spec, node)) {
            let load = self.load(&node.name_any()).await?;
            if best.as_ref().is_none_or(|(least, _)| load < *least) {
                best = Some((load, node.name_any()));
            }
        }
        match best {
            Some((_, node)) => self.bind(pod, node).await,
            None => self.report_unschedulable(pod, nodes.len()).await,
        }
    }

    async fn load(&self, node: &str) -> kube::Result<usize> {
        let pods: Api<Pod> = Api::all(self.client.clone());
        Ok(pods.list_metadata(&ListParams::default().fields(&format!("spec.nodeName={node}"))).await?.items.len())
    }

    async fn bind(&self, pod: &Pod, node: String) -> kube::Result<()> {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), &pod.namespace().unwrap_or_default());
        let (name, message) = (pod.name_any(), format!("Successfully assigned {} to {node}", pod.name_any()));
        let mut binding = Binding::default();
        binding.metadata.name = Some(name.clone());
        binding.target =
            ObjectReference { kind: Some("Node".to_owned()), name: Some(node), ..ObjectReference::default() };
        let bound: kube::Result<Status> =
            api.create_subresource("binding", &name, &PostParams::default(), &binding).await;
        if writes::absent_is_done(bound)?.is_some() {
            let event = Event::normal("Scheduled", message, "default-scheduler");
            record(&self.client, pod, event, self.clock.now()).await?;
        }
        Ok(())
    }

    async fn report_unschedulable(&self, pod: &Pod, nodes: usize) -> kube::Result<()> {
        let message = format!("0/{nodes} nodes are available: none matches the pod's node selector and tolerations.");
        let event = Event::warning("FailedScheduling", message.clone(), "default-scheduler");
        record(&self.client, pod, event, self.clock.now()).await?;
        let condition = PodCondition {
            type_: "PodScheduled".to_owned(),
            status: "False".to_owned(),
            reason: Some("Unschedulable".to_owned()),
            message: Some(message),
            last_transition_time: Some(now(&*self.clock)),
            ..PodCondition::default()
        };
        let mut pod = pod.clone();
        let conditions = &mut pod.status.get_or_insert_default().conditions;
        if conditions.iter().flatten().any(|old| old.type_ == condition.type_ && old.message == condition.message) {
            return Ok(());
        }
        *conditions = Some(vec![condition]);
        let api: Api<Pod> = Api::namespaced(self.client.clone(), &pod.namespace().unwrap_or_default());
        writes::absent_is_done(writes::status(&api, pod).await).map(drop)
    }
}

fn needs_node(pod: &Pod) -> bool {
    let is_bound = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
    !is_bound && pod.metadata.deletion_timestamp.is_none()
}

impl Controller for Scheduler {
    const NAME: &'static str = "scheduler";

    async fn reconcile(&self, key: &Key) -> kube::Result<Again> {
        if key.name.is_empty() {
            let pods: Api<Pod> = Api::all(self.client.clone());
            for pod in pods
                .list(&ListParams::default().fields("spec.nodeName="))
                .await?
                .items
                .iter()
                .filter(|pod| needs_node(pod))
            {
                self.schedule(pod).await?;
            }
            return Ok(None);
        }
        let api: Api<Pod> = Api::namespaced(self.client.clone(), &key.namespace);
        if let Some(pod) = api.get_opt(&key.name).await?.filter(needs_node) {
            self.schedule(&pod).await?;
        }
        Ok(None)
    }
}
