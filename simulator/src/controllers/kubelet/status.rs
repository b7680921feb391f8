//! What a kubelet reports of a pod.

use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{
    Container, ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting, ContainerStatus,
    HostIP, Pod, PodCondition, PodIP, PodStatus,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// What became of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It cannot start, for a reason and with a message.
    Waits(&'static str, String),
    /// It runs.
    Runs,
    /// It ended with an exit code, and stays so.
    Ended(i32),
}

/// Where a pod is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The address of the pod; none before it has one.
    pub(super) pod: Option<Ipv4Addr>,
    /// The address of its node.
    pub(super) node: Ipv4Addr,
}

/// The status of a pod with these outcomes, one for each container in order.
pub(super) fn report(pod: &Pod, outcomes: &[Outcome], place: Place, now: &Time) -> PodStatus {
    let before = pod.status.clone().unwrap_or_default();
    let spec = pod.spec.as_ref();
    let containers = spec.map(|spec| spec.containers.as_slice()).unwrap_or_default();
    let initial = spec.and_then(|spec| spec.init_containers.as_deref()).unwrap_or_default();
    let started = outcomes.iter().all(|outcome| !matches!(outcome, Outcome::Waits(..)));
    let is_ready = outcomes.iter().all(|outcome| *outcome == Outcome::Runs);
    let statuses = containers.iter().zip(outcomes);
    let initialized = place.pod.is_some();
    let init = initial.iter().map(|container| {
        let outcome = if initialized { Outcome::Ended(0) } else { waits_for_init() };
        container_status(container, &outcome, &before.init_container_statuses, now)
    });
    PodStatus {
        phase: Some(phase(outcomes, started).to_owned()),
        start_time: before.start_time.clone().or_else(|| Some(now.clone())),
        host_ip: Some(place.node.to_string()),
        host_ips: Some(vec![HostIP { ip: place.node.to_string() }]),
        pod_ip: place.pod.map(|address| address.to_string()),
        pod_ips: place.pod.map(|address| vec![PodIP { ip: address.to_string() }]),
        container_statuses: Some(
            statuses.map(|(it, outcome)| container_status(it, outcome, &before.container_statuses, now)).collect(),
        ),
        init_container_statuses: Some(init.collect::<Vec<_>>()).filter(|statuses| !statuses.is_empty()),
        conditions: Some(conditions(&before, initialized, is_ready, now)),
        qos_class: before.qos_class,
        ..PodStatus::default()
    }
}

fn waits_for_init() -> Outcome {
    Outcome::Waits("PodInitializing", String::new())
}

fn phase(outcomes: &[Outcome], started: bool) -> &'static str {
    let ended = |code: fn(i32) -> bool| move |outcome: &Outcome| matches!(outcome, Outcome::Ended(it) if code(*it));
    match () {
        () if !started => "Pending",
        () if outcomes.iter().all(ended(|code| code == 0)) => "Succeeded",
        () if outcomes.iter().all(ended(|_| true)) => "Failed",
        () => "Running",
    }
}

fn conditions(before: &PodStatus, initialized: bool, is_ready: bool, now: &Time) -> Vec<PodCondition> {
    let kinds =
        [("PodScheduled", true), ("Initialized", initialized), ("ContainersReady", is_ready), ("Ready", is_ready)];
    kinds.map(|(kind, holds)| condition(before, kind, holds, now)).into()
}

fn condition(before: &PodStatus, kind: &str, holds: bool, now: &Time) -> PodCondition {
    let status = if holds { "True" } else { "False" };
    let old = before.conditions.iter().flatten().find(|old| old.type_ == kind && old.status == status);
    let unready = !holds && kind != "Initialized";
    PodCondition {
        type_: kind.to_owned(),
        status: status.to_owned(),
        reason: unready.then(|| "ContainersNotReady".to_owned()),
        last_transition_time: old.and_then(|old| old.last_transition_time.clone()).or_else(|| Some(now.clone())),
        ..PodCondition::default()
    }
}

fn container_status(
    container: &Container,
    outcome: &Outcome,
    before: &Option<Vec<ContainerStatus>>,
    now: &Time,
) -> ContainerStatus {
    let image = container.image.clone().unwrap_or_default();
    let old = before.iter().flatten().find(|old| old.name == container.name && old.image == image);
    let state = state(outcome, old, now);
    let has_run = !matches!(outcome, Outcome::Waits(..));
    let is_crash = matches!(outcome, Outcome::Waits("CrashLoopBackOff", _));
    ContainerStatus {
        name: container.name.clone(),
        image_id: if has_run { format!("{image}@sha256:{:064}", 0) } else { String::new() },
        image,
        ready: *outcome == Outcome::Runs,
        started: Some(*outcome == Outcome::Runs),
        restart_count: i32::from(is_crash),
        state: Some(state),
        ..ContainerStatus::default()
    }
}

/// The state of a container; one that is as before keeps its times.
fn state(outcome: &Outcome, old: Option<&ContainerStatus>, now: &Time) -> ContainerState {
    let old = old.and_then(|old| old.state.as_ref());
    match outcome {
        Outcome::Waits(reason, message) => ContainerState {
            waiting: Some(ContainerStateWaiting {
                reason: Some((*reason).to_owned()),
                message: Some(message.clone()).filter(|message| !message.is_empty()),
            }),
            ..ContainerState::default()
        },
        Outcome::Runs => {
            let running = old.and_then(|old| old.running.clone());
            let running = running.unwrap_or(ContainerStateRunning { started_at: Some(now.clone()) });
            ContainerState { running: Some(running), ..ContainerState::default() }
        }
        Outcome::Ended(code) => {
            let terminated = old.and_then(|old| old.terminated.clone()).unwrap_or_else(|| ContainerStateTerminated {
                exit_code: *code,
                reason: Some(if *code == 0 { "Completed" } else { "Error" }.to_owned()),
                started_at: Some(now.clone()),
                finished_at: Some(now.clone()),
                ..ContainerStateTerminated::default()
            });
            ContainerState { terminated: Some(terminated), ..ContainerState::default() }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(containers: usize) -> Pod {
        let containers: Vec<_> =
            (0..containers).map(|number| json!({"name": format!("c{number}"), "image": "i"})).collect();
        serde_json::from_value(json!({"metadata": {"name": "p"}, "spec": {"containers": containers}})).expect("a pod")
    }

    fn report_of(outcomes: &[Outcome]) -> PodStatus {
        let place = Place { pod: Some(Ipv4Addr::new(172, 16, 0, 2)), node: Ipv4Addr::new(10, 0, 0, 2) };
        report(&pod(outcomes.len()), outcomes, place, &Time(crate::kubernetes::Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn the_phase_follows_from_the_containers() {
        let waits = || Outcome::Waits("ImagePullBackOff", "x".into());
        for (outcomes, phase) in [
            (vec![Outcome::Runs, Outcome::Runs], "Running"),
            (vec![Outcome::Runs, waits()], "Pending"),
            (vec![Outcome::Ended(0)], "Succeeded"),
            (vec![Outcome::Ended(0), Outcome::Ended(2)], "Failed"),
            (vec![Outcome::Ended(0), Outcome::Runs], "Running"),
        ] {
            assert_eq!(report_of(&outcomes).phase.as_deref(), Some(phase), "{outcomes:?}");
        }
    }

    #[test]
    fn a_pod_is_ready_when_every_container_runs() {
        let ready = |outcomes: &[Outcome]| {
            let status = report_of(outcomes);
            status
                .conditions
                .into_iter()
                .flatten()
                .any(|condition| condition.type_ == "Ready" && condition.status == "True")
        };
        assert!(ready(&[Outcome::Runs]));
        assert!(!ready(&[Outcome::Runs, Outcome::Waits("ErrImagePull", String::new())]));
    }
}
