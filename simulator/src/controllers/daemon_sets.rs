//! Daemon sets: one pod on every node that it may run on.

use std::hash::{DefaultHasher, Hash, Hasher};

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetStatus};
use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::{Api, ListParams, PostParams};
use kube::{Client, ResourceExt};

use super::nodes::selects;
use super::pods::{controlled_by, count, from_template, is_active, is_ready};
use super::watch::{Change, keys, watch};
use super::work::{Again, Controller, Key};
use super::writes;

/// The label that tells which template a pod was made from.
const REVISION: &str = "controller-revision-hash";

/// The controller of daemon sets.
pub(super) struct DaemonSets {
    pub(super) client: Client,
}

impl DaemonSets {
    /// What leads to work: changes of daemon sets, of their pods, and new nodes.
    pub(super) fn triggers(client: &Client) -> Vec<BoxStream<'static, Key>> {
        let sets: Api<DaemonSet> = Api::all(client.clone());
        let pods: Api<Pod> = Api::all(client.clone());
        let nodes: Api<Node> = Api::all(client.clone());
        let everything = Key { namespace: String::new(), name: String::new() };
        let nodes = watch(nodes).filter_map(move |change| {
            std::future::ready((!matches!(change, Change::Restarted)).then(|| everything.clone()))
        });
        vec![
            keys(sets, |set| Some(Key::of(set))),
            keys(pods, |pod| Key::of_controller(pod, "DaemonSet")),
            nodes.boxed(),
        ]
    }

    async fn reconcile_all(&self) -> kube::Result<()> {
        let sets: Api<DaemonSet> = Api::all(self.client.clone());
        for set in sets.list(&ListParams::default()).await? {
            self.reconcile_one(set).await?;
        }
        Ok(())
    }

    async fn reconcile_one(&self, set: DaemonSet) -> kube::Result<()> {
        let namespace = set.namespace().unwrap_or_default();
        let api: Api<Pod> = Api::namespaced(self.client.clone(), &namespace);
        let selector = set.spec.as_ref().map(|spec| spec.selector.clone()).unwrap_or_default();
        let pods = controlled_by(&self.client, &set, &selector).await?;
        let nodes = self.nodes_for(&set).await?;
        for node in &nodes {
            match pods.iter().find(|pod| node_of(pod) == Some(node)) {
                None => drop(api.create(&PostParams::default(), &pod_on(&set, node)).await?),
                Some(pod) if is_active(pod) && !is_current(&set, pod) => writes::delete(&api, &pod.name_any()).await?,
                Some(_) => {}
            }
        }
        for pod in pods.iter().filter(|pod| is_active(pod) && !node_of(pod).is_some_and(|node| nodes.contains(node))) {
            writes::delete(&api, &pod.name_any()).await?;
        }
        let status = status(&set, &pods, nodes.len());
        if set.status.as_ref() != Some(&status) {
            let api = Api::namespaced(self.client.clone(), &namespace);
            writes::status(&api, DaemonSet { status: Some(status), ..set }).await?;
        }
        Ok(())
    }

    async fn nodes_for(&self, set: &DaemonSet) -> kube::Result<Vec<String>> {
        let nodes: Api<Node> = Api::all(self.client.clone());
        let spec = set.spec.as_ref().and_then(|spec| spec.template.spec.clone()).unwrap_or_default();
        let nodes = nodes.list(&ListParams::default()).await?.items.into_iter();
        Ok(nodes.filter(|node| selects(&spec, node)).map(|node| node.name_any()).collect())
    }
}

fn node_of(pod: &Pod) -> Option<&String> {
    pod.spec.as_ref()?.node_name.as_ref()
}

fn revision(set: &DaemonSet) -> String {
    let mut hasher = DefaultHasher::new();
    let template = set.spec.as_ref().map(|spec| &spec.template);
    serde_json::to_string(&template).unwrap_or_default().hash(&mut hasher);
    format!("{:08x}", hasher.finish() >> 32)
}

fn is_current(set: &DaemonSet, pod: &Pod) -> bool {
    pod.labels().get(REVISION) == Some(&revision(set))
}

fn pod_on(set: &DaemonSet, node: &str) -> Pod {
    let template = set.spec.as_ref().map(|spec| spec.template.clone()).unwrap_or_default();
    let mut pod = from_template(set, &template);
    pod.metadata.labels.get_or_insert_default().insert(REVISION.to_owned(), revision(set));
    pod.spec.get_or_insert_default().node_name = Some(node.to_owned());
    pod
}

fn status(set: &DaemonSet, pods: &[Pod], nodes: usize) -> DaemonSetStatus {
    let desired = i32::try_from(nodes).unwrap_or(i32::MAX);
    let ready = count(pods, |pod| is_active(pod) && is_ready(pod));
    let some = |number: i32| Some(number).filter(|number| *number > 0);
    DaemonSetStatus {
        desired_number_scheduled: desired,
        current_number_scheduled: count(pods, is_active),
        number_ready: ready,
        number_available: some(ready),
        number_unavailable: some(desired - ready),
        updated_number_scheduled: some(count(pods, |pod| is_active(pod) && is_current(set, pod))),
        observed_generation: set.metadata.generation,
        ..DaemonSetStatus::default()
    }
}

impl Controller for DaemonSets {
    const NAME: &'static str = "daemon sets";

    async fn reconcile(&self, key: &Key) -> kube::Result<Again> {
        if key.name.is_empty() {
            return self.reconcile_all().await.map(|()| None);
        }
        let api: Api<DaemonSet> = Api::namespaced(self.client.clone(), &key.namespace);
        match api.get_opt(&key.name).await?.filter(|found| found.metadata.deletion_timestamp.is_none()) {
            Some(set) => self.reconcile_one(set).await.map(|()| None),
            None => Ok(None),
        }
    }
}
