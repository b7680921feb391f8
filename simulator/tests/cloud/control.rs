//! The simulator's own endpoints: journal, faults, clock, reset, and what they refuse.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::{HUB, REGION, Running, start, start_with};

async fn journal(running: &Running, query: &str) -> Vec<Value> {
    let (status, entries) = running.control("GET", &format!("journal{query}"), Value::Null).await;
    assert_eq!(status, 200, "{entries}");
    entries.as_array().unwrap().clone()
}

#[tokio::test]
async fn every_request_is_in_the_journal() {
    let running = start().await;
    running.a.ok("vpc", "CreateCcn", json!({"CcnName": "ccn"})).await;
    running.b.code("vpc", "DeleteCcn", json!({"CcnId": "ccn-00000000"})).await;
    let entries = journal(&running, "").await;
    assert_eq!(entries.len(), 2);
    let expected = [
        ("number", json!(1)),
        ("service", json!("vpc")),
        ("action", json!("CreateCcn")),
        ("region", json!(REGION)),
        ("account", json!("a")),
        ("write", json!(true)),
        ("parameters", json!({"CcnName": "ccn"})),
        ("code", Value::Null),
    ];
    for (key, value) in expected {
        assert_eq!(entries[0][key], value, "{key}");
    }
    assert_eq!((&entries[1]["account"], &entries[1]["code"]), (&json!("b"), &json!("ResourceNotFound")));
    assert_eq!(journal(&running, "?since=1").await.len(), 1);
    assert_eq!(journal(&running, "?account=a&write=true").await.len(), 1);
    assert_eq!(journal(&running, "?write=false").await.len(), 0);
}

#[tokio::test]
async fn a_refused_signature_is_in_the_journal_without_an_account() {
    let running = start().await;
    let mut stranger = running.a.clone();
    stranger.secret_key = "wrong".into();
    stranger.code("vpc", "DescribeCcns", json!({})).await;
    let entries = journal(&running, "").await;
    assert_eq!((&entries[0]["service"], &entries[0]["account"]), (&json!("vpc"), &Value::Null));
    assert_eq!(entries[0]["code"], "AuthFailure.SignatureFailure");
}

#[tokio::test]
async fn errors_on_purpose_hit_what_they_match() {
    let running = start().await;
    let only_second = json!({"service": "vpc", "action": "CreateCcn", "account": "a", "nth": 2});
    running.fault(json!({"match": only_second, "fault": "throttle"})).await;
    let create = json!({"CcnName": "ccn"});
    running.a.ok("vpc", "CreateCcn", create.clone()).await;
    running.b.ok("vpc", "CreateCcn", create.clone()).await;
    assert_eq!(running.a.code("vpc", "CreateCcn", create.clone()).await, "RequestLimitExceeded");
    running.a.ok("vpc", "CreateCcn", create).await;
    let fault = json!({"error": {"code": "InternalError", "message": "on purpose"}});
    running.fault(json!({"match": {"action": "DescribeVpcs"}, "fault": fault})).await;
    assert_eq!(running.a.code("vpc", "DescribeVpcs", json!({})).await, "InternalError");
}

#[tokio::test]
async fn a_gateway_error_is_html() {
    let running = start().await;
    running.fault(json!({"fault": {"http_5xx": 502}})).await;
    let answer = running.a.send(&running.a.request("vpc", "DescribeVpcs", &json!({}))).await.unwrap();
    assert_eq!(answer.status, 502);
    assert!(answer.head.contains("content-type: text/html") && answer.body.starts_with("<html>"), "{answer:?}");
}

#[tokio::test]
async fn a_dropped_request_is_not_carried_out_and_a_dropped_reply_is() {
    for (fault, made) in [("drop_request", 0), ("drop_reply", 1)] {
        let running = start().await;
        running.fault(json!({"match": {"action": "CreateCcn"}, "fault": fault})).await;
        let request = running.a.request("vpc", "CreateCcn", &json!({"CcnName": "ccn"}));
        assert!(running.a.send(&request).await.is_none(), "{fault}");
        assert_eq!(running.a.ok("vpc", "DescribeCcns", json!({})).await["TotalCount"], made, "{fault}");
    }
}

#[tokio::test]
async fn a_partial_request_carries_out_the_first_item_only() {
    let running = start().await;
    let made = running.a.ok("vpc", "CreateCcn", json!({"CcnName": "ccn"})).await;
    running.fault(json!({"match": {"action": "AttachCcnInstances"}, "fault": "partial"})).await;
    let instance = |id: &str| json!({"InstanceId": id, "InstanceRegion": REGION, "InstanceType": "VPC"});
    let attach = json!({"CcnId": made["Ccn"]["CcnId"], "Instances": [instance(HUB), instance("vpc-app00002")]});
    assert_eq!(running.a.code("vpc", "AttachCcnInstances", attach).await, "InternalError");
    let rows = running.a.ok("vpc", "DescribeCcnAttachedInstances", json!({})).await;
    assert_eq!((&rows["TotalCount"], &rows["InstanceSet"][0]["InstanceId"]), (&json!(1), &json!(HUB)));
}

#[tokio::test]
async fn a_stuck_state_never_ends() {
    let running = start().await;
    let made = running.a.ok("vpc", "CreateCcn", json!({"CcnName": "ccn"})).await;
    running.fault(json!({"match": {"action": "AttachCcnInstances"}, "fault": "stuck_state"})).await;
    let instance = json!({"InstanceId": HUB, "InstanceRegion": REGION, "InstanceType": "VPC"});
    let attach = json!({"CcnId": made["Ccn"]["CcnId"], "Instances": [instance]});
    running.a.ok("vpc", "AttachCcnInstances", attach).await;
    running.advance("720h").await;
    let rows = running.a.ok("vpc", "DescribeCcnAttachedInstances", json!({})).await;
    assert_eq!(rows["InstanceSet"][0]["State"], "ATTACHING");
}

#[tokio::test]
async fn a_delayed_request_is_carried_out_though_its_client_has_gone() {
    let running = start().await;
    running.fault(json!({"match": {"action": "CreateCcn"}, "fault": {"delay": "50ms"}})).await;
    let mut changes = running.handle.cloud().changes();
    let request = running.a.request("vpc", "CreateCcn", &json!({"CcnName": "ccn"}));
    let began = Instant::now();
    tokio::time::timeout(Duration::from_millis(20), running.a.send(&request)).await.unwrap_err();
    changes.changed().await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(50));
    assert_eq!(running.a.ok("vpc", "DescribeCcns", json!({})).await["TotalCount"], 1);
}

#[tokio::test]
async fn faults_are_listed_and_ended() {
    let running = start().await;
    running.fault(json!({"match": {"action": "DescribeVpcs"}, "fault": "throttle"})).await;
    running.fault(json!({"fault": "drop_request"})).await;
    let (_, faults) = running.control("GET", "faults", Value::Null).await;
    assert_eq!((&faults[0]["id"], &faults[0]["fault"]), (&json!(1), &json!("throttle")));
    assert_eq!(running.control("DELETE", "faults/2", Value::Null).await.0, 200);
    assert_eq!(running.control("DELETE", "faults/2", Value::Null).await.0, 404);
    assert_eq!(running.a.code("vpc", "DescribeVpcs", json!({})).await, "RequestLimitExceeded");
    assert_eq!(running.control("DELETE", "faults", Value::Null).await.0, 200);
    running.a.ok("vpc", "DescribeVpcs", json!({})).await;
}

#[tokio::test]
async fn reset_brings_the_beginning_back_and_keys_stay() {
    let running = start().await;
    let before = running.control("GET", "state", Value::Null).await.1;
    running.a.ok("vpc", "CreateCcn", json!({"CcnName": "ccn"})).await;
    running.fault(json!({"fault": "throttle"})).await;
    running.advance("720h").await;
    assert_eq!(running.control("POST", "reset", Value::Null).await.0, 200);
    assert!(journal(&running, "").await.is_empty());
    assert_eq!(running.a.ok("vpc", "DescribeCcns", json!({})).await["TotalCount"], 0);
    let after = running.control("GET", "state", Value::Null).await.1;
    for part in ["ccns", "gateways", "tags"] {
        assert_eq!(before[part], after[part], "{part}");
    }
}

#[tokio::test]
async fn the_state_shows_everything_but_secrets() {
    let running = start().await;
    running.a.ok("vpc", "CreateCcn", json!({"CcnName": "shown"})).await;
    let text = running.control("GET", "state", Value::Null).await.1.to_string();
    assert!(text.contains("shown") && text.contains(HUB));
    assert!(!text.contains(&running.a.secret_key));
}

#[tokio::test]
async fn time_that_goes_by_itself_ends_steps_and_tells_observers() {
    let running = start_with(|world| {
        world.clock.mode = tcmesh_simulator::world::ClockMode::Auto;
        world.clock.scale = 100.0;
    });
    let running = running.await;
    let made = running.a.ok("vpc", "CreateCcn", json!({"CcnName": "ccn"})).await;
    let instance = json!({"InstanceId": HUB, "InstanceRegion": REGION, "InstanceType": "VPC"});
    let attach = json!({"CcnId": made["Ccn"]["CcnId"], "Instances": [instance]});
    running.a.ok("vpc", "AttachCcnInstances", attach).await;
    let mut changes = running.handle.cloud().changes();
    let active = |cloud: &tcmesh_simulator::state::Cloud| cloud.ccns.active(HUB).next().is_some();
    while !running.look(active) {
        tokio::time::timeout(Duration::from_secs(5), changes.changed()).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn bad_input_is_refused_with_a_reason() {
    let running = start().await;
    let cases = [
        ("POST", "clock", json!({"advance": "soon"}), 400, "soon"),
        ("POST", "clock", json!({"ahead": "1h"}), 400, "ahead"),
        ("POST", "clock", json!({"advance": "99999999999h"}), 400, "clock cannot go that far"),
        ("POST", "faults", json!({"fault": "explode"}), 400, "explode"),
        ("POST", "faults", json!({"match": {"nht": 1}, "fault": "throttle"}), 400, "nht"),
        ("POST", "console", json!({"light": true}), 400, "light"),
        ("GET", "journal?first=1", Value::Null, 400, "first"),
        ("GET", "nothing", Value::Null, 404, "gateways"),
        ("DELETE", "state", Value::Null, 405, "method"),
    ];
    for (method, path, body, status, reason) in cases {
        let (actual, answer) = running.control(method, path, body).await;
        assert_eq!(actual, status, "{path}: {answer}");
        assert!(answer["error"].as_str().unwrap().contains(reason), "{path}: {answer}");
    }
    let missing = json!({"vpc_route": {"vpc_id": "vpc-00000000", "destination": "10.0.0.0/8", "enabled": false}});
    let (status, answer) = running.control("POST", "console", missing).await;
    assert_eq!((status, &answer["error"]), (422, &json!("there is no vpc-00000000")));
}
