//! How many pods each replica set of a deployment shall have next (Kubernetes documentation, "Deployments", strategy).

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The next sizes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Of the replica set with the deployment's template.
    pub(super) newest: i32,
    /// Of the others, in their order.
    pub(super) older: Vec<i32>,
}

/// How a deployment may deviate from its size during a rollout.
#[derive(Clone, Copy)]
struct Limits {
    replicas: i32,
    surge: i32,
    unavailable: i32,
}

/// The next sizes of the replica sets.
pub(super) fn plan(deployment: &Deployment, newest: &ReplicaSet, older: &[ReplicaSet]) -> Plan {
    let spec = deployment.spec.as_ref();
    let replicas = spec.and_then(|spec| spec.replicas).unwrap_or(1);
    let strategy = spec.and_then(|spec| spec.strategy.as_ref());
    if strategy.is_some_and(|strategy| strategy.type_.as_deref() == Some("Recreate")) {
        let gone = older.iter().all(is_empty);
        return Plan { newest: if gone { replicas } else { size(newest).min(replicas) }, older: vec![0; older.len()] };
    }
    let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
    let surge = part(rolling.and_then(|rolling| rolling.max_surge.as_ref()), replicas, true);
    roll(Limits { replicas, surge, unavailable: unavailable(deployment) }, newest, older)
}

/// How many of a deployment's pods may be missing during a rollout.
pub(super) fn unavailable(deployment: &Deployment) -> i32 {
    let Some(spec) = deployment.spec.as_ref() else { return 0 };
    let Some(rolling) = spec.strategy.as_ref().and_then(|strategy| strategy.rolling_update.as_ref()) else { return 0 };
    let replicas = spec.replicas.unwrap_or(1);
    let unavailable = part(rolling.max_unavailable.as_ref(), replicas, false);
    let is_stuck = unavailable == 0 && part(rolling.max_surge.as_ref(), replicas, true) == 0;
    // With neither, nothing could ever move.
    if is_stuck { 1 } else { unavailable }
}

fn roll(limits: Limits, newest: &ReplicaSet, older: &[ReplicaSet]) -> Plan {
    let Limits { replicas, surge, unavailable } = limits;
    let all: i32 = size(newest) + older.iter().map(size).sum::<i32>();
    let room = replicas.saturating_add(surge).saturating_sub(all).max(0);
    let next = if size(newest) > replicas { replicas } else { (size(newest) + room).min(replicas) };
    // Pods that are not available may go at once; available ones only as far as enough remain.
    let mut spare = available(newest) + older.iter().map(available).sum::<i32>() - (replicas - unavailable);
    let sizes = older.iter().map(|set| {
        let healthy = available(set).min(size(set));
        let goes = healthy.min(spare.max(0));
        spare -= goes;
        healthy - goes
    });
    Plan { newest: next, older: sizes.collect() }
}

/// A number, or a share of the replicas, rounded up or down.
fn part(value: Option<&IntOrString>, replicas: i32, up: bool) -> i32 {
    match value {
        Some(IntOrString::Int(number)) => *number,
        Some(IntOrString::String(text)) => {
            let percent: i32 = text.trim_end_matches('%').parse().unwrap_or(0);
            let hundredths = percent.saturating_mul(replicas);
            if up { hundredths.div_euclid(100) + i32::from(hundredths % 100 != 0) } else { hundredths / 100 }
        }
        None => 0,
    }
}

fn size(set: &ReplicaSet) -> i32 {
    set.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(0)
}

fn available(set: &ReplicaSet) -> i32 {
    set.status.as_ref().and_then(|status| status.available_replicas).unwrap_or(0)
}

/// Whether a replica set neither has nor wants pods.
pub(super) fn is_empty(set: &ReplicaSet) -> bool {
    size(set) == 0 && set.status.as_ref().is_none_or(|status| status.replicas == 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment(replicas: i32, strategy: &serde_json::Value) -> Deployment {
        let spec = json!({"replicas": replicas, "selector": {}, "template": {}, "strategy": strategy});
        serde_json::from_value(json!({"metadata": {}, "spec": spec})).expect("a deployment")
    }

    fn set(size: i32, available: i32) -> ReplicaSet {
        let status = json!({"replicas": size, "availableReplicas": available});
        serde_json::from_value(json!({"metadata": {}, "spec": {"replicas": size, "selector": {}}, "status": status}))
            .expect("a replica set")
    }

    fn rolling(surge: &str, unavailable: &str) -> serde_json::Value {
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}})
    }

    #[test]
    fn a_first_rollout_makes_all_pods() {
        let plan = plan(&deployment(3, &rolling("25%", "25%")), &set(0, 0), &[]);
        assert_eq!(plan, Plan { newest: 3, older: vec![] });
    }

    #[test]
    fn the_new_pods_come_before_the_old_ones_go() {
        let deployment = deployment(4, &rolling("25%", "0%"));
        assert_eq!(plan(&deployment, &set(0, 0), &[set(4, 4)]), Plan { newest: 1, older: vec![4] });
        assert_eq!(plan(&deployment, &set(1, 1), &[set(4, 4)]), Plan { newest: 1, older: vec![3] });
        assert_eq!(plan(&deployment, &set(4, 4), &[set(1, 1)]), Plan { newest: 4, older: vec![0] });
    }

    #[test]
    fn broken_new_pods_keep_the_old_ones_alive() {
        let deployment = deployment(2, &rolling("1%", "0%"));
        assert_eq!(plan(&deployment, &set(1, 0), &[set(2, 2)]), Plan { newest: 1, older: vec![2] });
    }

    #[test]
    fn broken_old_pods_go_at_once() {
        assert_eq!(
            plan(&deployment(2, &rolling("1%", "0%")), &set(1, 0), &[set(2, 0)]),
            Plan { newest: 1, older: vec![0] }
        );
    }

    #[test]
    fn recreate_waits_until_the_old_pods_are_gone() {
        let deployment = deployment(2, &json!({"type": "Recreate"}));
        assert_eq!(plan(&deployment, &set(0, 0), &[set(2, 2)]), Plan { newest: 0, older: vec![0] });
        assert_eq!(plan(&deployment, &set(0, 0), &[set(0, 0)]), Plan { newest: 2, older: vec![0] });
    }

    #[test]
    fn scaling_moves_the_newest() {
        let deployment = deployment(1, &rolling("25%", "25%"));
        assert_eq!(plan(&deployment, &set(3, 3), &[]), Plan { newest: 1, older: vec![] });
    }
}
