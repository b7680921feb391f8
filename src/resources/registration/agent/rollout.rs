//! Waiting until the agent runs, and saying which of its pods does not and why.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::framework::{Diagnostic, Error};
use crate::kubernetes::{self, Cluster, ObjectReference, PodProblem, pod_problems, rolled_out};
use crate::resources::errors::Doing;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// How long an image may be missing before that counts as final: a registry may be slow, but it is not slow for so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until a workload of the agent is available. An image that cannot be had ends the wait early.
///
/// # Errors
/// A timeout that names the pods and their reasons; an image that cannot be had; any of a read.
pub(super) async fn available(scope: &Scope, cluster: &Cluster, workload: &ObjectReference) -> Result<(), Error> {
    let missing = Missing::default();
    let look = async || {
        let live = cluster.get(scope, workload).await?.unwrap_or_default();
        let Probe::Pending(seen) = rolled_out(&live) else { return Ok(Probe::Done(Vec::new())) };
        let problems = pod_problems(cluster, scope, &live).await?;
        let (of_images, _): (Vec<_>, Vec<_>) = problems.iter().cloned().partition(PodProblem::is_of_image);
        if missing.lasts(!of_images.is_empty()) > PATIENCE {
            return Ok(Probe::Done(of_images));
        }
        Ok::<_, kubernetes::Error>(Probe::Pending([vec![seen], texts(&problems)].concat().join("; ")))
    };
    let what = format!("{} to be available", workload.title());
    let doing = || format!("bring up the agent in the cluster {}", cluster.server());
    let missing = wait::until(scope, wait::PATIENT, &what, look).await.doing(doing)?;
    if missing.is_empty() { Ok(()) } else { Err(without_image(workload, &missing)) }
}

/// Since when an image is missing.
#[derive(Default)]
struct Missing(Mutex<Option<Instant>>);

impl Missing {
    /// For how long it has been missing, seeing whether it is now.
    fn lasts(&self, is_missing: bool) -> Duration {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *since = since.or_else(|| Some(Instant::now())).filter(|_| is_missing);
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

fn texts(problems: &[PodProblem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn without_image(workload: &ObjectReference, problems: &[PodProblem]) -> Error {
    let detail = format!(
        "{} does not come up, since its image cannot be had:\n\n- {}\n\nCan the cluster's nodes reach the image's registry, and \
         does the image exist? The manifest names it.",
        workload.title(),
        texts(problems).join("\n- ")
    );
    Diagnostic::error("The agent's image cannot be had", detail).into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    use tcmesh_simulator::controllers::{self, Controllers, NetworkRange, NodeOptions, SimulatedRuntime};
    use tcmesh_simulator::kubernetes::{ApiServer, Options, SystemClock};

    use super::*;
    use crate::kubernetes::{Force, documents};

    /// A cluster with a Deployment of an image, on so many nodes.
    async fn deployed(image: &str, nodes: u8) -> (Cluster, ObjectReference, (ApiServer, Controllers)) {
        let server = ApiServer::start(Options::default()).unwrap();
        let node = |number: u8| NodeOptions {
            name: format!("node-{number}"),
            address: Ipv4Addr::new(10, 2, 1, number),
            labels: BTreeMap::new(),
        };
        let controllers = Controllers::start(controllers::Options {
            client: server.client("kube-controller-manager"),
            clock: Arc::new(SystemClock),
            ca_pem: server.ca_pem(),
            nodes: (1..=nodes).map(node).collect(),
            network: Arc::new(NetworkRange::new("172.18.0.0/24".parse().unwrap())),
            runtime: Arc::new(SimulatedRuntime),
            load_balancers: None,
            foreign_groups: Vec::new(),
        });
        let cluster = Cluster::with_client(server.client("terraform"), "https://10.2.1.1:6443");
        let yaml = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: agent, namespace: default}}\n\
             spec: {{selector: {{matchLabels: {{app: agent}}}}, template: {{metadata: {{labels: {{app: agent}}}}, \
             spec: {{containers: [{{name: agent, image: '{image}'}}]}}}}}}\n"
        );
        let deployment = documents(&yaml).unwrap().remove(0);
        cluster.apply(&Scope::unstopped(Duration::from_secs(60)), &deployment, Force::No).await.unwrap();
        (cluster, deployment.object, (server, controllers))
    }

    fn told(result: Result<(), Error>) -> (String, String) {
        let error = result.unwrap_err();
        let diagnostic = error.diagnostics().iter().next().unwrap();
        (diagnostic.summary.clone(), diagnostic.detail.clone())
    }

    #[tokio::test]
    async fn an_agent_whose_pods_run_is_available() {
        let (cluster, agent, _running) = deployed("agent:v0.7.1", 1).await;
        available(&Scope::unstopped(Duration::from_secs(60)), &cluster, &agent).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_image_that_cannot_be_had_ends_the_wait_within_a_minute_and_names_the_pod() {
        let (cluster, agent, _running) = deployed("registry.invalid/agent", 1).await;
        let begun = Instant::now();
        let (summary, detail) = told(available(&Scope::unstopped(Duration::from_secs(1200)), &cluster, &agent).await);
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
        assert_eq!(summary, "The agent's image cannot be had");
        assert!(detail.contains("- pod agent-") && detail.contains("registry.invalid/agent"), "{detail}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_names_the_pod_and_its_reason() {
        let (cluster, agent, _running) = deployed("agent:v0.7.1", 0).await;
        let (summary, detail) = told(available(&Scope::unstopped(Duration::from_secs(120)), &cluster, &agent).await);
        assert_eq!(summary, "Cannot bring up the agent in the cluster https://10.2.1.1:6443");
        let expected =
            "waiting for Deployment default/agent to be available; last seen: 0 of 1 ready, 1 updated; pod agent-";
        assert!(detail.contains(expected) && detail.contains("Unschedulable"), "{detail}");
    }

    #[test]
    fn an_image_that_comes_after_all_starts_the_time_anew() {
        let missing = Missing::default();
        assert_eq!(missing.lasts(false), Duration::ZERO);
        missing.lasts(true);
        assert!(missing.0.lock().unwrap().is_some());
        assert_eq!(missing.lasts(false), Duration::ZERO);
        assert!(missing.0.lock().unwrap().is_none());
    }
}
