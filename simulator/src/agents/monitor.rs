//! The hub's view of its clusters, and its watch over their reports.

use std::time::Duration;

use k8s_openapi::jiff::SignedDuration;
use kube::api::{DynamicObject, ListParams, Patch, PatchParams};
use kube::{Client, ResourceExt};
use serde_json::{Value, json};

use super::CLUSTERS;
use crate::controllers::objects::objects;
use crate::kubernetes::Timestamp;

/// How many heartbeats may be missed (Clusternet's hub).
const MISSED: i32 = 3;

/// A cluster as the hub knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ManagedCluster {
    /// Its id, which its agent made.
    pub(crate) id: String,
    /// The name under which it registered.
    pub(crate) name: String,
    /// Whether it is ready, as far as the hub knows.
    pub(crate) ready: bool,
    /// Its Kubernetes version, without `v`.
    pub(crate) version: String,
    /// The URL of its API.
    pub(crate) url: String,
    /// How many nodes it has.
    pub(crate) nodes: u32,
    /// When it is taken for lost unless it reports.
    pub(crate) deadline: Option<Timestamp>,
}

/// The hub's clusters. Those whose reports stay away too long are marked as unknown first.
///
/// # Errors
/// What the hub refuses.
pub(crate) async fn managed_clusters(
    client: &Client,
    heartbeat: Duration,
    now: Timestamp,
) -> kube::Result<Vec<ManagedCluster>> {
    let found = objects(client, CLUSTERS, "ManagedCluster", None).list(&ListParams::default()).await?;
    let mut clusters = Vec::new();
    for object in found {
        let mut cluster = read(&object, heartbeat);
        if cluster.ready && cluster.deadline.is_some_and(|deadline| deadline <= now) {
            lose(client, &object, now).await?;
            cluster.ready = false;
        }
        clusters.push(cluster);
    }
    Ok(clusters)
}

fn read(object: &DynamicObject, heartbeat: Duration) -> ManagedCluster {
    let status = &object.data["status"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let ready = conditions.into_iter().any(|it| it["type"] == "Ready" && it["status"] == "True");
    let observed: Option<Timestamp> = status["lastObservedTime"].as_str().and_then(|time| time.parse().ok());
    let grace = SignedDuration::try_from(heartbeat).unwrap_or_default() * MISSED;
    ManagedCluster {
        id: text(&object.data["spec"]["clusterId"]),
        name: object.name_any(),
        ready,
        version: text(&status["k8sVersion"]).trim_start_matches('v').to_owned(),
        url: text(&status["apiserverURL"]),
        nodes: status["nodeStatistics"]["readyNodes"].as_u64().and_then(|it| it.try_into().ok()).unwrap_or(0),
        deadline: observed.and_then(|time| time.checked_add(grace).ok()).filter(|_| ready),
    }
}

async fn lose(client: &Client, object: &DynamicObject, now: Timestamp) -> kube::Result<()> {
    let unknown = json!({
        "type": "Ready",
        "status": "Unknown",
        "reason": "ClusterStatusUnknown",
        "message": "Clusternet agent stopped posting cluster status.",
        "lastTransitionTime": now.to_string(),
    });
    let api = objects(client, CLUSTERS, "ManagedCluster", object.namespace().as_deref());
    let patch = Patch::Merge(json!({ "status": { "conditions": [unknown] } }));
    api.patch_status(&object.name_any(), &PatchParams::default(), &patch).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(status: &Value) -> ManagedCluster {
        let object =
            json!({"apiVersion": CLUSTERS, "kind": "ManagedCluster", "metadata": {"name": "cls-1"}, "status": status});
        read(&serde_json::from_value(object).unwrap(), Duration::from_secs(180))
    }

    #[test]
    fn a_cluster_is_lost_three_heartbeats_after_its_last_report() {
        let ready = json!([{"type": "Ready", "status": "True"}]);
        let cluster = reported(&json!({"lastObservedTime": "2025-01-02T00:00:00Z", "conditions": ready}));
        assert_eq!(cluster.deadline, Some("2025-01-02T00:09:00Z".parse().unwrap()));
        assert!(cluster.ready);
    }

    #[test]
    fn a_cluster_that_never_reported_is_not_ready_and_has_no_deadline() {
        let cluster = reported(&json!({}));
        assert_eq!((cluster.ready, cluster.deadline), (false, None));
    }
}
