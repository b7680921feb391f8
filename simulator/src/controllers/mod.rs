//! The behaviour of a cluster: controllers, which are clients of its API and nothing else, so that they would do the same
//! with a real API server.
//!
//! They wait on watches and act on what they see: nothing is polled. What each one models, and what not, stands at the head
//! of its module.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::Client;
use tokio::task::JoinSet;

use crate::kubernetes::{Clock, Timestamp};

mod cleanup;
mod containers;
mod daemon_sets;
mod deployments;
mod endpoints;
mod events;
mod furnished;
mod jobs;
mod kubelet;
mod load_balancers;
mod nodes;
mod owners;
mod pods;
mod replica_sets;
mod scheduler;
mod service_accounts;
mod stateful_sets;
pub(crate) mod watch;
pub(crate) mod work;
pub(crate) mod writes;

pub use containers::{
    Files, HttpAnswer, HttpRequest, Process, PullError, Runtime, SimulatedRuntime, Started, Workloads,
};
pub use furnished::furnished;
pub use kubelet::{NetworkRange, PodNetwork};
pub use load_balancers::LoadBalancers;
pub use nodes::NodeOptions;

/// How a cluster behaves.
pub struct Options {
    /// A client that may do everything.
    pub client: Client,
    /// The time of the world.
    pub clock: Arc<dyn Clock>,
    /// The certificate by which pods trust the API server, in PEM.
    pub ca_pem: String,
    /// The cluster's nodes.
    pub nodes: Vec<NodeOptions>,
    /// Where pods get their addresses from.
    pub network: Arc<dyn PodNetwork>,
    /// What runs in containers.
    pub runtime: Arc<dyn Runtime>,
    /// Makes load balancers for services; none: nobody does.
    pub load_balancers: Option<Arc<dyn LoadBalancers>>,
    /// The groups whose objects live elsewhere and are only served here: they outlive this cluster's namespaces and
    /// owners.
    pub foreign_groups: Vec<String>,
}

/// The running controllers of a cluster. They stop when this is dropped.
#[derive(Debug)]
pub struct Controllers {
    tasks: JoinSet<()>,
    workloads: Arc<Workloads>,
}

impl Controllers {
    /// Starts every controller. Must be called in a Tokio runtime.
    pub fn start(options: Options) -> Self {
        let workloads = Arc::new(Workloads::default());
        let mut controllers = Self { tasks: JoinSet::new(), workloads };
        controllers.start_workloads(&options);
        controllers.start_nodes(&options);
        controllers.start_services(&options);
        let Options { client, clock, foreign_groups, .. } = options;
        controllers.tasks.spawn(cleanup::run(client, clock, foreign_groups));
        controllers
    }

    /// What runs in the cluster's pods.
    pub fn workloads(&self) -> &Arc<Workloads> {
        &self.workloads
    }

    /// Stops every controller.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }

    fn start_workloads(&mut self, options: &Options) {
        let (client, clock) = (|| options.client.clone(), || Arc::clone(&options.clock));
        let deployments = deployments::Deployments { client: client(), clock: clock() };
        let replica_sets = replica_sets::ReplicaSets { client: client(), clock: clock() };
        let stateful_sets = stateful_sets::StatefulSets { client: client() };
        let daemon_sets = daemon_sets::DaemonSets { client: client() };
        let jobs = jobs::Jobs { client: client(), clock: clock() };
        self.spawn(work::run(deployments, deployments::Deployments::triggers(&options.client), clock()));
        self.spawn(work::run(replica_sets, replica_sets::ReplicaSets::triggers(&options.client), clock()));
        self.spawn(work::run(stateful_sets, stateful_sets::StatefulSets::triggers(&options.client), clock()));
        self.spawn(work::run(daemon_sets, daemon_sets::DaemonSets::triggers(&options.client), clock()));
        self.spawn(work::run(jobs, jobs::Jobs::triggers(&options.client), clock()));
    }

    fn start_nodes(&mut self, options: &Options) {
        let (client, clock) = (|| options.client.clone(), || Arc::clone(&options.clock));
        let scheduler = scheduler::Scheduler { client: client(), clock: clock() };
        let kubelet = kubelet::Kubelet {
            client: client(),
            clock: clock(),
            nodes: options.nodes.clone(),
            network: Arc::clone(&options.network),
            runtime: Arc::clone(&options.runtime),
            workloads: Arc::clone(&self.workloads),
            leases: Mutex::new(BTreeMap::new()),
        };
        self.spawn(work::run(scheduler, scheduler::Scheduler::triggers(&options.client), clock()));
        self.spawn(work::run(kubelet, kubelet::Kubelet::triggers(&options.client), clock()));
        self.spawn(register_nodes(client(), options.nodes.clone(), clock()));
    }

    fn start_services(&mut self, options: &Options) {
        let (client, clock) = (|| options.client.clone(), || Arc::clone(&options.clock));
        let endpoints = endpoints::EndpointSets { client: client() };
        let givens = service_accounts::Givens { client: client(), ca_pem: options.ca_pem.clone() };
        self.spawn(work::run(endpoints, endpoints::EndpointSets::triggers(&options.client), clock()));
        self.spawn(work::run(givens, service_accounts::Givens::triggers(&options.client), clock()));
        if let Some(provider) = options.load_balancers.clone() {
            let balancing = load_balancers::Balancing { client: client(), provider };
            self.spawn(work::run(balancing, load_balancers::Balancing::triggers(&options.client), clock()));
        }
    }

    fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work);
    }
}

async fn register_nodes(client: Client, nodes: Vec<NodeOptions>, clock: Arc<dyn Clock>) {
    for node in nodes {
        if let Err(error) = nodes::register(&client, &node, &seconds(clock.now()).to_string()).await {
            tracing::warn!(node = node.name, %error, "a node could not be registered");
        }
    }
}

/// The time now, as objects hold it: in whole seconds.
fn now(clock: &dyn Clock) -> Time {
    Time(seconds(clock.now()))
}

fn seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
