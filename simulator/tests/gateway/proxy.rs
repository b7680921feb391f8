//! Gateways through the simulator's HTTP proxy.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use http::{Request, Uri};
use serde_json::json;
use tcmesh_simulator::gateway::Gateways;

use super::world::{Answer, CLIENT, World, main_gateway, routes, says, to};

const VIP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 1, 7));

async fn one_gateway() -> Gateways {
    let world = Arc::new(World::default());
    world.add("web", "cls-1", &[("10.0.0.1", says("hello"))]);
    let mut by_address = routes("web", json!([to("web", json!({}))]));
    by_address["spec"]["hosts"] = json!(["web.imroc.cc", "10.0.1.7"]);
    let mut gateway = main_gateway();
    gateway["spec"]["servers"][0]["hosts"] = json!(["*"]);
    let gateways = Gateways::default();
    gateways.put(VIP, world.gateway(&[gateway, by_address]));
    gateways.listen(VIP, 80).await.unwrap();
    gateways
}

async fn asked(gateways: &Gateways, request: http::request::Builder) -> Answer {
    Answer::of(gateways.proxy(CLIENT, request.body(Body::empty()).unwrap()).await).await
}

#[tokio::test]
async fn a_request_for_a_vip_is_served_by_its_host_header() {
    let gateways = one_gateway().await;
    for target in ["http://10.0.1.7/", "http://10.0.1.7:80/path?x=1"] {
        let answer = asked(&gateways, Request::get(target).header("host", "web.imroc.cc")).await;
        assert_eq!(answer.brief(), (200, "hello"));
        let answer = asked(&gateways, Request::get(target).header("host", "other.imroc.cc")).await;
        assert_eq!(answer.brief(), (404, ""));
    }
}

#[tokio::test]
async fn without_a_host_header_the_vip_is_the_host() {
    let gateways = one_gateway().await;
    assert_eq!(asked(&gateways, Request::get("http://10.0.1.7/")).await.brief(), (200, "hello"));
}

#[tokio::test]
async fn a_port_that_is_not_open_is_502() {
    let gateways = one_gateway().await;
    for (target, text) in [
        ("http://10.0.1.7:8080/", "no listener on port 8080 of 10.0.1.7\n"),
        ("https://10.0.1.7/", "no listener on port 443 of 10.0.1.7\n"),
        ("http://10.0.1.8/", "no listener on port 80 of 10.0.1.8\n"),
    ] {
        let answer = asked(&gateways, Request::get(target).header("host", "web.imroc.cc")).await;
        assert_eq!(answer.brief(), (502, text));
    }
}

#[tokio::test]
async fn only_absolute_targets_at_an_address_are_a_gateways() {
    let gateways = one_gateway().await;
    for (target, ours) in [
        ("http://10.0.1.7/", true),
        ("http://10.0.1.7:8080/", true),
        ("http://10.0.1.8/", true),
        ("http://127.0.0.1:8080/", false),
        ("http://vpc.tencentcloudapi.com/", false),
        ("/", false),
    ] {
        assert_eq!(gateways.serves(&target.parse::<Uri>().unwrap()), ours, "{target}");
    }
}
