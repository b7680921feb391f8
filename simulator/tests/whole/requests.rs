//! Requests to the clusters' APIs in the journal, and faults in them.

use kube::api::DynamicObject;
use serde_json::{Value, json};

use crate::world::{CLUSTER1, CLUSTER2, Cluster, Running, namespace, start};

/// Puts a fault in force for the requests of a method to cluster1's namespaces.
async fn disturb(running: &Running, method: &str, fault: Value) {
    let matching = json!({"service": "kubernetes", "cluster": CLUSTER1, "method": method, "path": "/namespaces"});
    let (status, answer) = running.control("POST", "faults", json!({"match": matching, "fault": fault})).await;
    assert_eq!(status, 200, "{answer}");
}

/// The namespace `test` as it is applied while a fault is in force, and whether it is there then.
async fn applied_under(running: &Running, cluster: &Cluster, fault: Value) -> (kube::Result<DynamicObject>, bool) {
    disturb(running, "PATCH", fault).await;
    let applied = cluster.apply(&namespace("test")).await;
    running.control("DELETE", "faults", Value::Null).await;
    let exists = cluster.names("v1", "Namespace", "").await.contains(&"test".to_owned());
    (applied, exists)
}

async fn journal(running: &Running, query: &str) -> Vec<Value> {
    let (_, entries) = running.control("GET", &format!("journal?service=kubernetes{query}"), Value::Null).await;
    entries.as_array().unwrap().clone()
}

#[tokio::test]
async fn the_journal_has_the_requests_of_others_to_clusters_and_none_of_the_simulators_own() {
    let running = start().await;
    assert_eq!(journal(&running, "").await, [Value::Null; 0]);
    running.cluster(CLUSTER1).await.apply(&namespace("test")).await.unwrap();
    running.cluster(CLUSTER2).await.names("v1", "Node", "").await;
    let entries = journal(&running, "").await;
    let seen = |entry: &Value| {
        let text = |name: &str| entry[name].as_str().unwrap().to_owned();
        (text("cluster"), text("method"), entry["write"] == true, entry["code"].as_u64().unwrap())
    };
    let expected =
        [(CLUSTER1.to_owned(), "PATCH".to_owned(), true, 201), (CLUSTER2.to_owned(), "GET".to_owned(), false, 200)];
    assert_eq!(entries.iter().map(seen).collect::<Vec<_>>(), expected);
    assert_eq!(entries[0]["user"], "100000000001");
    assert!(entries[0]["path"].as_str().unwrap().starts_with("/api/v1/namespaces/test?"));
    assert_eq!(journal(&running, "&write=true").await, entries[..1]);
    assert_eq!(journal(&running, "&since=1").await, entries[1..]);
}

#[tokio::test]
async fn a_disturbed_request_to_a_cluster_fails_before_or_after_its_effect() {
    let running = start().await;
    let cluster = running.cluster(CLUSTER1).await;
    let cases = [
        (json!({"error": {"code": "Conflict", "message": "on purpose"}}), Some(409), false),
        (json!("drop_request"), None, false),
        (json!("partial"), Some(500), true),
    ];
    for (fault, code, exists) in cases {
        let (applied, is_there) = applied_under(&running, &cluster, fault.clone()).await;
        let told = match applied.unwrap_err() {
            kube::Error::Api(status) => Some(status.code),
            _ => None,
        };
        assert_eq!((told, is_there), (code, exists), "{fault}");
    }
}

#[tokio::test]
async fn a_throttled_client_comes_again() {
    let running = start().await;
    let matching = json!({"service": "kubernetes", "nth": 1});
    running.control("POST", "faults", json!({"match": matching, "fault": "throttle"})).await;
    running.cluster(CLUSTER1).await.apply(&namespace("test")).await.unwrap();
    let codes: Vec<Value> = journal(&running, "").await.into_iter().map(|entry| entry["code"].clone()).collect();
    assert_eq!(codes, [429, 201]);
}

#[tokio::test]
async fn a_lost_reply_is_of_a_request_that_was_carried_out() {
    let running = start().await;
    let cluster = running.cluster(CLUSTER1).await;
    let (applied, exists) = applied_under(&running, &cluster, json!("drop_reply")).await;
    assert!(!matches!(applied, Ok(_) | Err(kube::Error::Api(_))));
    assert!(exists);
    assert_eq!(journal(&running, "&write=true").await[0]["code"], 201);
}

#[tokio::test]
async fn a_page_of_something_in_front_of_the_cluster_is_no_status() {
    let running = start().await;
    let cluster = running.cluster(CLUSTER1).await;
    let (applied, exists) = applied_under(&running, &cluster, json!({"http_5xx": 502})).await;
    assert!(applied.unwrap_err().to_string().contains("502"));
    assert!(!exists);
}

#[tokio::test]
async fn faults_are_for_requests_of_others_and_of_the_cluster_that_is_named() {
    let running = start().await;
    disturb(&running, "GET", json!({"error": {"code": "Forbidden"}})).await;
    assert!(running.cluster(CLUSTER1).await.api("v1", "Namespace", "").list(&Default::default()).await.is_err());
    running.cluster(CLUSTER2).await.names("v1", "Namespace", "").await;
    let (_, faults) = running.control("GET", "faults", Value::Null).await;
    assert_eq!(faults[0]["matched"], 1);
    let stuck = json!({"match": {"service": "kubernetes"}, "fault": "stuck_state"});
    assert_eq!(running.control("POST", "faults", stuck).await.0, 400);
}
