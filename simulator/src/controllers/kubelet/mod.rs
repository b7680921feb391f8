//! The kubelets: pods that are bound to their nodes get an address, their files and their programs, and end when they are
//! asked to.
//!
//! Not modelled: probes (a program that runs is ready), resources, and the time that things take. A container that fails
//! in a pod that is restarted only on failure fails the pod.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::BoxStream;
use k8s_openapi::api::core::v1::{ConfigMap, Container, Pod, Secret};
use kube::api::{Api, DeleteParams, ListParams, Preconditions};
use kube::{Client, ResourceExt};

use self::files::Volumes;
use self::status::{Outcome, Place, report};
use super::containers::{Process, PullError, Runtime, Started, Workloads};
use super::events::{Event, record};
use super::nodes::NodeOptions;
use super::pods::{is_ready, phase};
use super::watch::keys;
use super::work::{Again, Controller, Key};
use super::{now, writes};
use crate::kubernetes::Clock;

mod environment;
mod files;
mod network;
mod status;

pub use network::{NetworkRange, PodNetwork};

/// The kubelets of a cluster's nodes.
pub(super) struct Kubelet {
    pub(super) client: Client,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) nodes: Vec<NodeOptions>,
    pub(super) network: Arc<dyn PodNetwork>,
    pub(super) runtime: Arc<dyn Runtime>,
    pub(super) workloads: Arc<Workloads>,
    /// The pods that have an address, by namespace and name.
    pub(super) leases: Mutex<BTreeMap<Key, Lease>>,
}

/// The address of a pod.
pub(super) struct Lease {
    uid: String,
    address: Ipv4Addr,
    /// Whether it is the node's own.
    is_nodes: bool,
}

impl Kubelet {
    /// What leads to work: changes of pods, and of what pods may wait for.
    pub(super) fn triggers(client: &Client) -> Vec<BoxStream<'static, Key>> {
        let pods: Api<Pod> = Api::all(client.clone());
        let maps: Api<ConfigMap> = Api::all(client.clone());
        let secrets: Api<Secret> = Api::all(client.clone());
        vec![
            keys(pods, |pod| Some(Key::of(pod))),
            keys(maps, |map| Some(Key::all_in_namespace_of(map))),
            keys(secrets, |secret| Some(Key::all_in_namespace_of(secret))),
        ]
    }

    fn node_of(&self, pod: &Pod) -> Option<&NodeOptions> {
        let name = pod.spec.as_ref()?.node_name.as_deref()?;
        self.nodes.iter().find(|node| node.name == name)
    }

    async fn look_after(&self, pod: Pod) -> kube::Result<()> {
        let Some(node) = self.node_of(&pod) else { return Ok(()) };
        if pod.metadata.deletion_timestamp.is_some() {
            return self.end(&pod).await;
        }
        if matches!(phase(&pod), "Succeeded" | "Failed") {
            self.workloads.remove(&pod.uid().unwrap_or_default());
            return Ok(());
        }
        let is_reported = is_ready(&pod) && !has_other_images(&pod);
        if is_reported && self.workloads.runs(&pod.uid().unwrap_or_default()) {
            return Ok(());
        }
        match files::read(&self.client, &pod).await? {
            Ok(volumes) => self.start(&pod, node, &volumes).await,
            Err(missing) => {
                let event = Event::warning(missing.reason, missing.message, "kubelet");
                record(&self.client, &pod, event, self.clock.now()).await?;
                let outcomes = vec![Outcome::Waits("ContainerCreating", String::new()); containers(&pod).len()];
                self.report(pod, &outcomes, Place { pod: None, node: node.address }).await
            }
        }
    }

    async fn start(&self, pod: &Pod, node: &NodeOptions, volumes: &Volumes) -> kube::Result<()> {
        let Some(address) = self.address(pod, node) else {
            let message = "Failed to create pod sandbox: no address is free in the pod network".to_owned();
            return record(
                &self.client,
                pod,
                Event::warning("FailedCreatePodSandBox", message, "kubelet"),
                self.clock.now(),
            )
            .await;
        };
        let mut processes = Vec::new();
        let mut outcomes = Vec::new();
        for container in containers(pod) {
            outcomes.push(self.start_container(pod, container, volumes, &mut processes).await?);
        }
        if outcomes.iter().all(|outcome| *outcome == Outcome::Runs) {
            self.workloads.insert(&pod.uid().unwrap_or_default(), address, processes);
        }
        self.report(pod.clone(), &outcomes, Place { pod: Some(address), node: node.address }).await
    }

    async fn start_container(
        &self,
        pod: &Pod,
        container: &Container,
        volumes: &Volumes,
        processes: &mut Vec<Arc<dyn Process>>,
    ) -> kube::Result<Outcome> {
        if let Err(error) = self.runtime.pull(container.image.as_deref().unwrap_or_default()) {
            return self.report_pull(pod, container, &error).await;
        }
        let namespace = pod.namespace().unwrap_or_default();
        if let Some(missing) = environment::missing(&self.client, &namespace, container).await? {
            let event = Event::warning("Failed", format!("Error: {missing}"), "kubelet");
            record(&self.client, pod, event, self.clock.now()).await?;
            return Ok(Outcome::Waits("CreateContainerConfigError", missing));
        }
        let restarts = pod.spec.as_ref().is_none_or(|spec| spec.restart_policy.as_deref() == Some("Always"));
        Ok(match self.runtime.start(container, &files::mounted(container, volumes), restarts) {
            Started::Running(process) => {
                processes.push(process);
                Outcome::Runs
            }
            Started::Ended(_) if restarts => {
                let message =
                    format!("back-off restarting failed container {} in pod {}", container.name, pod.name_any());
                Outcome::Waits("CrashLoopBackOff", message)
            }
            Started::Ended(code) => Outcome::Ended(code),
        })
    }

    async fn report_pull(&self, pod: &Pod, container: &Container, error: &PullError) -> kube::Result<Outcome> {
        let image = container.image.clone().unwrap_or_default();
        let message = format!("Failed to pull image {image:?}: {error}");
        record(&self.client, pod, Event::warning("Failed", message, "kubelet"), self.clock.now()).await?;
        Ok(match error {
            PullError::Malformed(_) => Outcome::Waits("InvalidImageName", error.to_string()),
            PullError::NotFound(_) => {
                Outcome::Waits("ImagePullBackOff", format!("Back-off pulling image {image:?}: {error}"))
            }
        })
    }

    async fn report(&self, pod: Pod, outcomes: &[Outcome], place: Place) -> kube::Result<()> {
        let status = report(&pod, outcomes, place, &now(&*self.clock));
        if pod.status.as_ref() == Some(&status) {
            return Ok(());
        }
        let api: Api<Pod> = Api::namespaced(self.client.clone(), &pod.namespace().unwrap_or_default());
        writes::absent_is_done(writes::status(&api, Pod { status: Some(status), ..pod }).await).map(drop)
    }

    /// Ends a pod: its programs first, then, as the last step, the pod itself.
    async fn end(&self, pod: &Pod) -> kube::Result<()> {
        self.forget(&Key::of(pod));
        let api: Api<Pod> = Api::namespaced(self.client.clone(), &pod.namespace().unwrap_or_default());
        let params = DeleteParams {
            grace_period_seconds: Some(0),
            preconditions: Some(Preconditions { uid: pod.uid(), resource_version: None }),
            ..DeleteParams::default()
        };
        match api.delete(&pod.name_any(), &params).await {
            // Another pod took its name: this one is gone.
            Err(kube::Error::Api(status)) if status.is_conflict() => Ok(()),
            result => writes::absent_is_done(result).map(drop),
        }
    }

    /// The address of a pod; on the host's network, the node's.
    fn address(&self, pod: &Pod, node: &NodeOptions) -> Option<Ipv4Addr> {
        let (key, uid) = (Key::of(pod), pod.uid().unwrap_or_default());
        let mut leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lease) = leases.get(&key).filter(|lease| lease.uid == uid) {
            return Some(lease.address);
        }
        let is_nodes = pod.spec.as_ref().is_some_and(|spec| spec.host_network == Some(true));
        let address = if is_nodes { node.address } else { self.network.allocate()? };
        if let Some(old) = leases.insert(key, Lease { uid, address, is_nodes }) {
            self.take_back(&old);
        }
        Some(address)
    }

    /// Takes back what a pod had.
    fn forget(&self, key: &Key) {
        let lease = self.leases.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        if let Some(lease) = lease {
            self.take_back(&lease);
        }
    }

    fn take_back(&self, lease: &Lease) {
        self.workloads.remove(&lease.uid);
        if !lease.is_nodes {
            self.network.release(lease.address);
        }
    }
}

fn containers(pod: &Pod) -> &[Container] {
    pod.spec.as_ref().map(|spec| spec.containers.as_slice()).unwrap_or_default()
}

/// Whether a container's image is no longer the one that runs.
fn has_other_images(pod: &Pod) -> bool {
    let statuses = pod.status.iter().flat_map(|status| status.container_statuses.iter().flatten());
    statuses.into_iter().any(|status| {
        containers(pod).iter().any(|it| it.name == status.name && it.image.as_ref() != Some(&status.image))
    })
}

impl Controller for Kubelet {
    const NAME: &'static str = "kubelet";

    async fn reconcile(&self, key: &Key) -> kube::Result<Again> {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), &key.namespace);
        if key.name.is_empty() {
            let pending = api.list(&ListParams::default().fields("status.phase=Pending")).await?;
            for pod in pending {
                self.look_after(pod).await?;
            }
            return Ok(None);
        }
        match api.get_opt(&key.name).await? {
            Some(pod) => self.look_after(pod).await?,
            None => self.forget(key),
        }
        Ok(None)
    }
}
