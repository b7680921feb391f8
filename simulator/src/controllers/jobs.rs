//! Jobs: pods that run to their end.
//!
//! Not modelled: indexed completion, deadlines, and failure policies.

use std::sync::Arc;

use futures_util::stream::BoxStream;
use k8s_openapi::api::batch::v1::{Job, JobCondition, JobStatus};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::api::{Api, PostParams};
use kube::{Client, ResourceExt};

use super::pods::{controlled_by, count, from_template, is_active, is_ready, phase};
use super::watch::keys;
use super::work::{Again, Controller, Key};
use super::{now, writes};
use crate::kubernetes::Clock;

/// The controller of jobs.
pub(super) struct Jobs {
    pub(super) client: Client,
    pub(super) clock: Arc<dyn Clock>,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Complete,
    Failed,
    /// It needs this many more pods now.
    Running(i32),
}

impl Jobs {
    /// What leads to work: changes of jobs and of their pods.
    pub(super) fn triggers(client: &Client) -> Vec<BoxStream<'static, Key>> {
        let jobs: Api<Job> = Api::all(client.clone());
        let pods: Api<Pod> = Api::all(client.clone());
        vec![keys(jobs, |job| Some(Key::of(job))), keys(pods, |pod| Key::of_controller(pod, "Job"))]
    }

    async fn act(&self, job: &Job, pods: &[Pod], outcome: Outcome) -> kube::Result<()> {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), &job.namespace().unwrap_or_default());
        let template = job.spec.as_ref().map(|spec| spec.template.clone()).unwrap_or_default();
        match outcome {
            Outcome::Running(missing) => {
                for _ in 0..missing {
                    api.create(&PostParams::default(), &from_template(job, &template)).await?;
                }
            }
            Outcome::Complete | Outcome::Failed => {
                for pod in pods.iter().filter(|pod| is_active(pod)) {
                    writes::delete(&api, &pod.name_any()).await?;
                }
            }
        }
        Ok(())
    }

    fn status(&self, job: &Job, pods: &[Pod], outcome: Outcome) -> JobStatus {
        let before = job.status.clone().unwrap_or_default();
        let now = now(&*self.clock);
        let some = |number: i32| Some(number).filter(|number| *number > 0);
        let condition = match outcome {
            Outcome::Running(_) => None,
            Outcome::Complete => Some(("Complete", "CompletionsReached", "Reached expected number of succeeded pods")),
            Outcome::Failed => Some(("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")),
        };
        JobStatus {
            start_time: before.start_time.or_else(|| Some(now.clone())),
            completion_time: (outcome == Outcome::Complete).then(|| now.clone()),
            active: some(count(pods, is_active)),
            ready: Some(count(pods, |pod| is_active(pod) && is_ready(pod))),
            succeeded: some(count(pods, |pod| phase(pod) == "Succeeded")),
            failed: some(count(pods, |pod| phase(pod) == "Failed")),
            conditions: condition.map(|(kind, reason, message)| vec![ended(kind, reason, message, now)]),
            ..JobStatus::default()
        }
    }
}

fn ended(kind: &str, reason: &str, message: &str, now: Time) -> JobCondition {
    JobCondition {
        type_: kind.to_owned(),
        status: "True".to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_probe_time: Some(now.clone()),
        last_transition_time: Some(now),
    }
}

fn outcome(job: &Job, pods: &[Pod]) -> Outcome {
    let Some(spec) = &job.spec else { return Outcome::Running(0) };
    let parallelism = spec.parallelism.unwrap_or(1);
    let completions = spec.completions.unwrap_or(1);
    let (succeeded, failed) = (count(pods, |pod| phase(pod) == "Succeeded"), count(pods, |pod| phase(pod) == "Failed"));
    match () {
        () if succeeded >= completions => Outcome::Complete,
        () if failed > spec.backoff_limit.unwrap_or(6) => Outcome::Failed,
        () if spec.suspend == Some(true) => Outcome::Running(0),
        () => {
            let active = count(pods, is_active);
            Outcome::Running((parallelism.min(completions - succeeded) - active).max(0))
        }
    }
}

/// Whether a job has ended; nothing happens to it any more.
fn is_over(job: &Job) -> bool {
    let conditions = job.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|condition| matches!(condition.type_.as_str(), "Complete" | "Failed"))
}

impl Controller for Jobs {
    const NAME: &'static str = "jobs";

    async fn reconcile(&self, key: &Key) -> kube::Result<Again> {
        let api: Api<Job> = Api::namespaced(self.client.clone(), &key.namespace);
        let found = api.get_opt(&key.name).await?.filter(|found| found.metadata.deletion_timestamp.is_none());
        let Some(job) = found.filter(|job| !is_over(job)) else { return Ok(None) };
        let selector = job.spec.as_ref().and_then(|spec| spec.selector.clone()).unwrap_or_default();
        let pods = controlled_by(&self.client, &job, &selector).await?;
        let outcome = outcome(&job, &pods);
        self.act(&job, &pods, outcome).await?;
        let status = self.status(&job, &pods, outcome);
        if job.status.as_ref() != Some(&status) {
            writes::status(&api, Job { status: Some(status), ..job }).await?;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn job(parallelism: i32, completions: i32) -> Job {
        let spec = json!({"parallelism": parallelism, "completions": completions, "backoffLimit": 1, "template": {}});
        serde_json::from_value(json!({"metadata": {}, "spec": spec})).expect("a job")
    }

    fn pods(phases: &[&str]) -> Vec<Pod> {
        let pod =
            |phase: &&str| serde_json::from_value(json!({"metadata": {}, "status": {"phase": phase}})).expect("a pod");
        phases.iter().map(pod).collect()
    }

    #[test]
    fn a_job_makes_pods_until_enough_succeeded() {
        assert_eq!(outcome(&job(2, 3), &pods(&[])), Outcome::Running(2));
        assert_eq!(outcome(&job(2, 3), &pods(&["Succeeded", "Succeeded", "Running"])), Outcome::Running(0));
        assert_eq!(outcome(&job(2, 3), &pods(&["Succeeded", "Failed", "Running"])), Outcome::Running(1));
        assert_eq!(outcome(&job(1, 1), &pods(&["Succeeded"])), Outcome::Complete);
        assert_eq!(outcome(&job(1, 1), &pods(&["Failed", "Failed"])), Outcome::Failed);
    }
}
