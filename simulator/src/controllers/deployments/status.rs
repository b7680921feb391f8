//! What a deployment reports.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet, ReplicaSetStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::SignedDuration;
use kube::ResourceExt;

use super::super::seconds;
use super::super::work::Again;
use crate::kubernetes::Timestamp;

/// A report, and until when the rollout has time to move on.
pub(super) struct Report {
    pub(super) status: DeploymentStatus,
    pub(super) deadline: Again,
}

/// The status of a deployment with these replica sets.
pub(super) fn report(deployment: &Deployment, newest: &ReplicaSet, older: &[ReplicaSet], now: Timestamp) -> Report {
    let wanted = deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
    let sum = |count: fn(&ReplicaSetStatus) -> i32| -> i32 {
        std::iter::once(newest).chain(older).filter_map(|set| set.status.as_ref()).map(count).sum()
    };
    let (replicas, available) = (sum(|status| status.replicas), sum(|status| status.available_replicas.unwrap_or(0)));
    let ready = sum(|status| status.ready_replicas.unwrap_or(0));
    let updated = newest.status.as_ref().map_or(0, |status| status.replicas);
    let some = |number: i32| (number != 0).then_some(number);
    let mut status = DeploymentStatus {
        replicas: some(replicas),
        updated_replicas: some(updated),
        ready_replicas: some(ready),
        available_replicas: some(available),
        unavailable_replicas: some((wanted - available).max(0)),
        observed_generation: deployment.metadata.generation,
        ..DeploymentStatus::default()
    };
    let is_complete = updated == wanted && replicas == wanted && available == wanted;
    let before = deployment.status.clone().unwrap_or_default();
    let has_moved = before.updated_replicas != status.updated_replicas
        || before.replicas != status.replicas
        || before.available_replicas != status.available_replicas
        || before.observed_generation != status.observed_generation;
    let deadline = deadline(deployment, &before, is_complete, has_moved, now);
    let is_late = deadline.is_some_and(|deadline| deadline <= now);
    status.conditions = Some(vec![availability(wanted, available, deployment), progress(newest, is_complete, is_late)]);
    for condition in status.conditions.iter_mut().flatten() {
        stamp(condition, &before, has_moved && condition.type_ == "Progressing", now);
    }
    Report { status, deadline: deadline.filter(|_| !is_late) }
}

/// When the rollout counts as stuck; none when it is done or may take for ever.
fn deadline(
    deployment: &Deployment,
    before: &DeploymentStatus,
    is_complete: bool,
    has_moved: bool,
    now: Timestamp,
) -> Again {
    let seconds = deployment.spec.as_ref()?.progress_deadline_seconds?;
    let progressing = before.conditions.iter().flatten().find(|condition| condition.type_ == "Progressing");
    let moved = progressing.filter(|_| !has_moved).and_then(|condition| condition.last_update_time.as_ref());
    let since = moved.map_or(now, |time| time.0);
    since.checked_add(SignedDuration::from_secs(seconds.into())).ok().filter(|_| !is_complete)
}

fn availability(wanted: i32, available: i32, deployment: &Deployment) -> DeploymentCondition {
    let allowed = super::rollout::unavailable(deployment);
    match available >= wanted - allowed {
        true => condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
        false => condition(
            "Available",
            "False",
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.",
        ),
    }
}

fn progress(newest: &ReplicaSet, is_complete: bool, is_late: bool) -> DeploymentCondition {
    let name = newest.name_any();
    let (status, reason, text) = match (is_complete, is_late) {
        (true, _) => ("True", "NewReplicaSetAvailable", "has successfully progressed"),
        (false, true) => ("False", "ProgressDeadlineExceeded", "has timed out progressing"),
        (false, false) => ("True", "ReplicaSetUpdated", "is progressing"),
    };
    condition("Progressing", status, reason, &format!("ReplicaSet {name:?} {text}."))
}

fn condition(kind: &str, status: &str, reason: &str, message: &str) -> DeploymentCondition {
    DeploymentCondition {
        type_: kind.to_owned(),
        status: status.to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_transition_time: None,
        last_update_time: None,
    }
}

/// The times of a condition: since when its status holds, and when it last had news.
fn stamp(condition: &mut DeploymentCondition, before: &DeploymentStatus, has_moved: bool, now: Timestamp) {
    let now = Time(seconds(now));
    let old = before.conditions.iter().flatten().find(|old| old.type_ == condition.type_);
    let same_status = old.filter(|old| old.status == condition.status);
    let same_news = old.filter(|old| old.status == condition.status && old.reason == condition.reason && !has_moved);
    condition.last_transition_time =
        same_status.and_then(|old| old.last_transition_time.clone()).or_else(|| Some(now.clone()));
    condition.last_update_time = same_news.and_then(|old| old.last_update_time.clone()).or(Some(now));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment() -> Deployment {
        let spec = json!({"replicas": 2, "selector": {}, "template": {}, "progressDeadlineSeconds": 600});
        serde_json::from_value(json!({"metadata": {"name": "d"}, "spec": spec})).expect("a deployment")
    }

    fn set(available: i32) -> ReplicaSet {
        let status = json!({"replicas": 2, "availableReplicas": available, "readyReplicas": available});
        serde_json::from_value(
            json!({"metadata": {"name": "d-1"}, "spec": {"replicas": 2, "selector": {}}, "status": status}),
        )
        .expect("a replica set")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn reasons(report: &Report) -> Vec<String> {
        report.status.conditions.iter().flatten().filter_map(|condition| condition.reason.clone()).collect()
    }

    #[test]
    fn a_rollout_progresses_until_it_is_complete() {
        let progressing = report(&deployment(), &set(1), &[], at(0));
        assert_eq!(reasons(&progressing), ["MinimumReplicasUnavailable", "ReplicaSetUpdated"]);
        assert_eq!(progressing.deadline, Some(at(600)));
        let complete = report(&deployment(), &set(2), &[], at(0));
        assert_eq!(reasons(&complete), ["MinimumReplicasAvailable", "NewReplicaSetAvailable"]);
        assert_eq!((complete.deadline, complete.status.unavailable_replicas), (None, None));
    }

    #[test]
    fn a_rollout_that_does_not_move_is_late() {
        let mut deployment = deployment();
        deployment.status = Some(report(&deployment, &set(1), &[], at(0)).status);
        let waiting = report(&deployment, &set(1), &[], at(599));
        assert_eq!(waiting.deadline, Some(at(600)));
        assert_eq!(Some(&waiting.status), deployment.status.as_ref());
        let late = report(&deployment, &set(1), &[], at(600));
        assert_eq!(reasons(&late)[1], "ProgressDeadlineExceeded");
        assert_eq!(late.deadline, None);
    }
}
