//! Ports of gateways on loopback.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::json;
use tcmesh_simulator::gateway::{Gateway, Gateways, ListenError};
use tokio::net::TcpStream;

use super::http_client::Connection;
use super::world::{World, main_gateway, routes, says, to};

const VIP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 1, 7));

fn saying(text: &'static str) -> Gateway {
    let world = Arc::new(World::default());
    world.add("web", "cls-1", &[("10.0.0.1", says(text))]);
    world.gateway(&[main_gateway(), routes("web", json!([to("web", json!({}))]))])
}

#[tokio::test]
async fn a_port_answers_several_requests_of_one_connection() {
    let gateways = Gateways::default();
    gateways.put(VIP, saying("hello"));
    let mut connection = Connection::to(gateways.listen(VIP, 80).await.unwrap()).await;
    for _ in 0..2 {
        let (first, headers, body) = connection.get("/", "web.imroc.cc").await;
        assert_eq!((first.as_str(), body.as_str()), ("HTTP/1.1 200 OK", "hello"));
        assert!(headers.contains(&"server: istio-envoy".to_owned()), "{headers:?}");
        assert!(headers.iter().any(|line| line.starts_with("date: ")), "{headers:?}");
    }
    let (first, _, body) = connection.get("/", "other.imroc.cc").await;
    assert_eq!((first.as_str(), body.as_str()), ("HTTP/1.1 404 Not Found", ""));
}

#[tokio::test]
async fn a_gateway_put_in_anothers_place_answers_on_its_ports() {
    let gateways = Gateways::default();
    gateways.put(VIP, saying("old"));
    let mut connection = Connection::to(gateways.listen(VIP, 80).await.unwrap()).await;
    assert_eq!(connection.get("/", "web.imroc.cc").await.2, "old");
    gateways.put(VIP, saying("new"));
    assert_eq!(connection.get("/", "web.imroc.cc").await.2, "new");
}

#[tokio::test]
async fn a_port_stays_where_it_is_until_it_is_closed() {
    let gateways = Gateways::default();
    gateways.put(VIP, saying("hello"));
    let address = gateways.listen(VIP, 80).await.unwrap();
    assert_eq!(gateways.listen(VIP, 80).await.unwrap(), address);
    let other = gateways.listen(VIP, 8080).await.unwrap();
    assert_eq!(gateways.addresses(), [(VIP, [(80, address), (8080, other)].into())].into());
    gateways.close(VIP, 80);
    assert_eq!(gateways.addresses(), [(VIP, [(8080, other)].into())].into());
}

#[tokio::test]
async fn a_closed_port_takes_no_connection_and_ends_idle_ones() {
    let gateways = Gateways::default();
    gateways.put(VIP, saying("hello"));
    let address = gateways.listen(VIP, 80).await.unwrap();
    let mut connection = Connection::to(address).await;
    connection.get("/", "web.imroc.cc").await;
    gateways.close(VIP, 80);
    connection.closed().await;
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_removed_gateway_takes_its_ports_with_it() {
    let gateways = Gateways::default();
    gateways.put(VIP, saying("hello"));
    let connection = Connection::to(gateways.listen(VIP, 80).await.unwrap()).await;
    gateways.remove(VIP);
    connection.closed().await;
    assert!(gateways.addresses().is_empty());
}

#[tokio::test]
async fn no_port_is_opened_without_a_gateway() {
    let error = Gateways::default().listen(VIP, 80).await.unwrap_err();
    assert!(matches!(error, ListenError::NoGateway(vip) if vip == VIP));
}
