//! Retries, timeouts and copies.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use tcmesh_simulator::gateway::{Flag, Gateway};
use tokio::time::Instant;

use super::world::{Answer, CONNECT_TIMEOUT, Pod, World, ask, get, main_gateway, routes, says, to};

/// A gateway with the host `web.imroc.cc`, one rule for all, and the service `web` with some pods.
fn web(more: Value, pods: &[(&str, Pod)]) -> (Arc<World>, Gateway) {
    let world = Arc::new(World::default());
    world.add("web", "cls-1", pods);
    let gateway = world.gateway(&[main_gateway(), routes("web", json!([to("web", more)]))]);
    (world, gateway)
}

/// The answer, and how long it took on the paused clock.
async fn timed(gateway: &Gateway) -> (Answer, Duration) {
    let start = Instant::now();
    let answer = ask(gateway, get("web.imroc.cc/")).await;
    (answer, start.elapsed())
}

fn about(measured: Duration, expected: Duration) -> bool {
    measured >= expected && measured < expected + Duration::from_millis(50)
}

#[tokio::test(start_paused = true)]
async fn an_unroutable_pod_is_503_after_three_connect_timeouts() {
    let (world, gateway) = web(json!({}), &[("10.0.0.1", says("hello"))]);
    world.cut_off("10.0.0.1");
    let (answer, took) = timed(&gateway).await;
    let body = "upstream connect error or disconnect/reset before headers. reset reason: connection failure";
    assert_eq!(answer.brief(), (503, body));
    assert_eq!(answer.flag(), Flag::ConnectionFailure);
    assert_eq!(answer.detail(), "10.0.0.1:8080 in cls-1 cannot be reached: no route from 172.16.0.9 to 10.0.0.1");
    assert!(about(took, 3 * CONNECT_TIMEOUT), "{took:?}");
    assert!(!answer.headers.contains_key("x-envoy-upstream-service-time"));
}

#[tokio::test(start_paused = true)]
async fn without_retries_one_connect_timeout_is_the_end() {
    let (world, gateway) = web(json!({ "retries": { "attempts": 0 } }), &[("10.0.0.1", says("hello"))]);
    world.cut_off("10.0.0.1");
    let (answer, took) = timed(&gateway).await;
    assert_eq!(answer.status, 503);
    assert!(about(took, CONNECT_TIMEOUT), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_retry_goes_to_another_pod() {
    let (world, gateway) = web(json!({}), &[("10.0.0.1", says("one")), ("10.1.0.1", says("two"))]);
    world.cut_off("10.0.0.1");
    for _ in 0..10 {
        assert_eq!(ask(&gateway, get("web.imroc.cc/")).await.brief(), (200, "two"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_is_503_at_once() {
    let (world, gateway) = web(json!({}), &[("10.0.0.1", Pod::Refuses)]);
    let (answer, took) = timed(&gateway).await;
    assert_eq!((answer.status, answer.flag()), (503, Flag::ConnectionFailure));
    assert_eq!(answer.detail(), "10.0.0.1:8080 in cls-1: connection refused");
    assert_eq!(took, Duration::ZERO);
    assert_eq!(world.calls().len(), 3);
}

#[tokio::test]
async fn by_default_503_is_tried_again_and_500_is_not() {
    for (status, calls) in [(StatusCode::SERVICE_UNAVAILABLE, 3), (StatusCode::INTERNAL_SERVER_ERROR, 1)] {
        let (world, gateway) = web(json!({}), &[("10.0.0.1", Pod::Says(status, "sorry"))]);
        assert_eq!(ask(&gateway, get("web.imroc.cc/")).await.brief(), (status.as_u16(), "sorry"));
        let counts: Vec<_> =
            world.calls().iter().map(|(_, sent)| sent.headers()["x-envoy-attempt-count"].clone()).collect();
        assert_eq!(counts, (1..=calls).map(http::HeaderValue::from).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn conditions_of_the_rule_take_the_place_of_the_default() {
    let more = json!({ "retries": { "attempts": 1, "retryOn": "5xx" } });
    let pods = [("10.0.0.1", Pod::Says(StatusCode::INTERNAL_SERVER_ERROR, "sorry")), ("10.0.0.2", says("hello"))];
    let (_, gateway) = web(more, &pods);
    for _ in 0..4 {
        assert_eq!(ask(&gateway, get("web.imroc.cc/")).await.brief(), (200, "hello"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_rules_timeout_limits_all_attempts_together() {
    let (world, gateway) = web(json!({ "timeout": "500ms" }), &[("10.0.0.1", says("hello"))]);
    world.cut_off("10.0.0.1");
    let (answer, took) = timed(&gateway).await;
    assert_eq!(answer.brief(), (504, "upstream request timeout"));
    assert_eq!(answer.flag(), Flag::Timeout);
    assert!(about(took, Duration::from_millis(500)), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_is_tried_again_only_on_demand() {
    let policy = |on: &str| json!({ "retries": { "attempts": 1, "perTryTimeout": "1s", "retryOn": on } });
    let pods = [("10.0.0.1", Pod::IsSilent), ("10.0.0.2", says("hello"))];
    let (_, impatient) = web(policy("gateway-error"), &pods);
    assert_eq!(timed(&impatient).await.0.brief(), (200, "hello"));
    let (_, patient) = web(policy("connect-failure"), &pods);
    let (answer, took) = timed(&patient).await;
    assert_eq!(answer.brief(), (504, "upstream request timeout"));
    assert!(about(took, Duration::from_secs(1)), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_mirror_gets_a_copy_under_a_shadow_host_and_nobody_waits_for_it() {
    let (world, gateway) = web(json!({ "mirror": { "host": "shadow" } }), &[("10.0.0.1", says("hello"))]);
    world.add("shadow", "cls-2", &[("10.2.0.1", Pod::IsSilent)]);
    let (answer, took) = timed(&gateway).await;
    assert_eq!((answer.brief(), took), ((200, "hello"), Duration::ZERO));
    let copied = || world.calls().into_iter().find(|(pod, _)| pod.to_string() == "10.2.0.1");
    while copied().is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(copied().unwrap().1.headers()["host"], "web.imroc.cc-shadow");
}

#[tokio::test]
async fn a_mirror_that_does_not_exist_disturbs_nobody() {
    let (_, gateway) = web(json!({ "mirror": { "host": "nowhere" } }), &[("10.0.0.1", says("hello"))]);
    assert_eq!(ask(&gateway, get("web.imroc.cc/")).await.brief(), (200, "hello"));
}
