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
