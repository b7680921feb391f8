//! What a gateway answers, and what pods get to see.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Version};
use serde_json::{Value, json};
use tcmesh_simulator::gateway::{Flag, Gateway};
use tokio::time::Instant;

use super::world::{World, ask, get, main_gateway, routes, says, to};

/// A gateway with the host `web.imroc.cc`, its rules, and the service `web` with one pod.
fn web(http: Value) -> (Arc<World>, Gateway) {
    let world = Arc::new(World::default());
    world.add("web", "cls-1", &[("10.0.0.1", says("hello"))]);
    let gateway = world.gateway(&[main_gateway(), routes("web", http)]);
    (world, gateway)
}

/// The header of the one request that reached a pod.
fn seen(world: &World, name: &str) -> Option<String> {
    let calls = world.calls();
    assert_eq!(calls.len(), 1);
    calls[0].1.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_pods_answer_comes_back_in_the_gateways_name() {
    let (_, gateway) = web(json!([to("web", json!({ "headers": { "response": { "set": { "x-served-by": "a" } } } }))]));
    let answer = ask(&gateway, get("web.imroc.cc/")).await;
    assert_eq!(answer.brief(), (200, "hello"));
    assert_eq!(answer.headers["server"], "istio-envoy");
    assert_eq!(answer.headers["x-served-by"], "a");
    assert!(!answer.headers.contains_key("keep-alive"), "that is about the pod's connection");
    assert!(answer.headers["x-envoy-upstream-service-time"].to_str().unwrap().parse::<u64>().is_ok());
    assert_eq!((answer.flag(), answer.detail()), (Flag::Fine, "10.0.0.1:8080 in cls-1"));
}

#[tokio::test]
async fn an_unknown_host_or_path_is_404_without_a_body() {
    let (_, gateway) = web(json!([to("web", json!({ "match": [{ "uri": { "prefix": "/api" } }] }))]));
    for (url, reason) in [
        ("other.imroc.cc/api", "no VirtualService with this host is bound to the Gateway"),
        ("web.imroc.cc/", "no rule of the host's VirtualServices matches"),
        ("web.imroc.com/", "no Gateway server on this port covers this host"),
    ] {
        let answer = ask(&gateway, get(url)).await;
        assert_eq!(answer.brief(), (404, ""));
        assert_eq!(answer.headers.len(), 1);
        assert_eq!(answer.headers["server"], "istio-envoy");
        assert_eq!((answer.flag(), answer.detail()), (Flag::NoRoute, reason));
    }
}

#[tokio::test]
async fn a_service_without_endpoints_is_503_no_healthy_upstream() {
    let (world, gateway) = web(json!([to("empty", json!({}))]));
    world.add("empty", "cls-1", &[]);
    let answer = ask(&gateway, get("web.imroc.cc/")).await;
    assert_eq!(answer.brief(), (503, "no healthy upstream"));
    assert_eq!(answer.headers["content-type"], "text/plain");
    assert_eq!(answer.flag(), Flag::NoHealthyUpstream);
}

#[tokio::test]
async fn an_unknown_service_or_subset_is_503_without_a_body() {
    let subset = json!({ "route": [{ "destination": { "host": "web", "subset": "v9" } }] });
    for rule in [to("unknown", json!({})), subset] {
        let (_, gateway) = web(json!([rule]));
        let answer = ask(&gateway, get("web.imroc.cc/")).await;
        assert_eq!(answer.brief(), (503, ""));
        assert_eq!(answer.flag(), Flag::NoCluster);
    }
}

#[tokio::test]
async fn the_gateways_own_answers_have_the_rules_headers_too() {
    let more = json!({
        "headers": { "response": { "set": { "x-served-by": "a" } } },
        "corsPolicy": { "allowOrigins": [{ "exact": "https://a.com" }] },
    });
    let (_, gateway) = web(json!([to("unknown", more)]));
    let mut request = get("web.imroc.cc/");
    request.headers_mut().insert("origin", "https://a.com".parse().unwrap());
    let answer = ask(&gateway, request).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.headers["x-served-by"], "a");
    assert_eq!(answer.headers["access-control-allow-origin"], "https://a.com");
}

#[tokio::test]
async fn redirects_and_fixed_responses_reach_no_pod() {
    let redirect = json!({ "match": [{ "uri": { "exact": "/old" } }], "redirect": { "uri": "/new" } });
    let fixed = json!({ "directResponse": { "status": 418, "body": { "string": "teapot" } } });
    let (world, gateway) = web(json!([redirect, fixed]));
    let answer = ask(&gateway, get("web.imroc.cc/old")).await;
    assert_eq!(answer.brief(), (301, ""));
    assert_eq!(answer.headers["location"], "http://web.imroc.cc/new");
    assert_eq!(ask(&gateway, get("web.imroc.cc/")).await.brief(), (418, "teapot"));
    assert!(world.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_fault_delays_and_then_aborts() {
    let fault = json!({ "fault": {
        "delay": { "fixedDelay": "5s", "percentage": { "value": 100 } },
        "abort": { "httpStatus": 500, "percentage": { "value": 100 } },
    } });
    let (world, gateway) = web(json!([to("web", fault)]));
    let start = Instant::now();
    let answer = ask(&gateway, get("web.imroc.cc/")).await;
    assert_eq!(answer.brief(), (500, "fault filter abort"));
    assert_eq!(answer.flag(), Flag::FaultInjected);
    assert!(start.elapsed() >= Duration::from_secs(5));
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn a_preflight_request_of_an_allowed_origin_reaches_no_pod() {
    let more = json!({ "corsPolicy": { "allowOrigins": [{ "exact": "https://a.com" }], "allowMethods": ["PUT"] } });
    let (world, gateway) = web(json!([to("web", more)]));
    let request = Request::options("/")
        .header("host", "web.imroc.cc")
        .header("origin", "https://a.com")
        .header("access-control-request-method", "PUT");
    let answer = ask(&gateway, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.brief(), (200, ""));
    assert_eq!(answer.headers["access-control-allow-methods"], "PUT");
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn a_pod_sees_the_request_as_the_rule_changes_it() {
    let (world, gateway) = web(json!([to(
        "web",
        json!({
            "match": [{ "uri": { "prefix": "/two/" } }],
            "rewrite": { "uri": "/", "authority": "inner" },
            "headers": { "request": { "set": { "x-added": "1" }, "remove": ["x-secret"] } },
        })
    )]));
    let request = Request::post("/two/a?b=c").header("host", "web.imroc.cc").header("x-secret", "1");
    assert_eq!(ask(&gateway, request.body(Body::from("text")).unwrap()).await.status, 200);
    let (_, sent) = &world.calls()[0];
    assert_eq!((sent.method().as_str(), sent.uri().to_string().as_str()), ("POST", "/a?b=c"));
    assert_eq!(sent.body(), "text");
    assert_eq!(seen(&world, "host").as_deref(), Some("inner"));
    assert_eq!(seen(&world, "x-envoy-original-path").as_deref(), Some("/two/a?b=c"));
    assert_eq!(seen(&world, "x-added").as_deref(), Some("1"));
    assert_eq!(seen(&world, "x-secret"), None);
}

#[tokio::test]
async fn a_pod_sees_who_asked_and_nothing_of_the_clients_connection() {
    let (world, gateway) = web(json!([to("web", json!({}))]));
    let request = Request::get("/")
        .header("host", "web.imroc.cc:80")
        .header("x-forwarded-for", "198.51.100.7")
        .header("connection", "keep-alive")
        .header("proxy-connection", "keep-alive");
    ask(&gateway, request.body(Body::empty()).unwrap()).await;
    assert_eq!(seen(&world, "host").as_deref(), Some("web.imroc.cc:80"));
    assert_eq!(seen(&world, "x-forwarded-for").as_deref(), Some("198.51.100.7,192.0.2.1"));
    assert_eq!(seen(&world, "x-forwarded-proto").as_deref(), Some("http"));
    assert_eq!(seen(&world, "x-envoy-attempt-count").as_deref(), Some("1"));
    assert_eq!(seen(&world, "connection"), None);
    assert_eq!(seen(&world, "proxy-connection"), None);
    assert_eq!(seen(&world, "x-envoy-original-path"), None);
}

#[tokio::test]
async fn an_odd_rewrite_is_still_a_path() {
    for (uri, path) in [("/", "//a"), ("new", "/new/a")] {
        let more = json!({ "match": [{ "uri": { "prefix": "/two" } }], "rewrite": { "uri": uri } });
        let (world, gateway) = web(json!([to("web", more)]));
        assert_eq!(ask(&gateway, get("web.imroc.cc/two/a")).await.status, 200);
        assert_eq!(world.calls()[0].1.uri().path(), path);
    }
}

#[tokio::test]
async fn requests_that_envoy_does_not_take_are_refused() {
    let (world, gateway) = web(json!([to("web", json!({}))]));
    let mut old = get("web.imroc.cc/");
    *old.version_mut() = Version::HTTP_10;
    assert_eq!(ask(&gateway, old).await.brief(), (426, "Upgrade Required"));
    let nameless = Request::get("/").body(Body::empty()).unwrap();
    assert_eq!(ask(&gateway, nameless).await.brief(), (400, ""));
    let mut large = get("web.imroc.cc/");
    *large.body_mut() = Body::from(vec![0; (1 << 20) + 1]);
    assert_eq!(ask(&gateway, large).await.brief(), (413, "Payload Too Large"));
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn a_port_without_a_server_is_404() {
    let (_, gateway) = web(json!([to("web", json!({}))]));
    let response = gateway.handle(8080, super::world::CLIENT, get("web.imroc.cc/")).await;
    let answer = super::world::Answer::of(response).await;
    assert_eq!(answer.brief(), (404, ""));
    assert_eq!(answer.detail(), "no Gateway that selects these pods has an HTTP server on this port");
}
