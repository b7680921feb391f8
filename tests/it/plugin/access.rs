//! Who gets a call through.

use rustls::SupportedProtocolVersion;
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use tcmesh::proto::health::HealthCheckRequest;
use tcmesh::proto::health::health_check_response::ServingStatus;
use tcmesh::proto::tfplugin6::{DynamicValue, validate_provider_config};
use tokio::net::UnixStream;
use tonic::Code;

use crate::harness::certificates::Identity;
use crate::harness::connection::{Connection, Failure};
use crate::harness::plugin::{Plugin, call};

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// Connects with what `client` shows, and calls. A client that TLS 1.3 refuses may learn so only at its first call.
async fn call_as(
    plugin: &Plugin,
    version: &'static SupportedProtocolVersion,
    client: Option<CertifiedKey>,
) -> Result<(), Failure> {
    let mut tls = plugin.tls();
    tls.version = version;
    tls.client = client;
    call(&plugin.connect_with(tls).await?).await
}

#[tokio::test]
async fn item_07_the_client_whose_certificate_was_handed_over_gets_through() {
    let plugin = Plugin::start().await;
    for version in VERSIONS {
        call_as(&plugin, version, Some(plugin.identity.certified())).await.unwrap();
    }
}

#[tokio::test]
async fn item_07_a_client_without_a_certificate_gets_no_rpc_through() {
    let plugin = Plugin::start().await;
    for version in VERSIONS {
        assert!(call_as(&plugin, version, None).await.is_err(), "{version:?}");
    }
    call(&plugin.connect().await).await.unwrap();
}

#[tokio::test]
async fn item_07_a_client_with_another_certificate_gets_no_rpc_through() {
    let plugin = Plugin::start().await;
    for version in VERSIONS {
        let client = Identity::generate().certified();
        assert!(call_as(&plugin, version, Some(client)).await.is_err(), "{version:?}");
    }
    call(&plugin.connect().await).await.unwrap();
}

#[tokio::test]
async fn item_07_a_client_with_the_certificate_and_without_its_key_gets_no_rpc_through() {
    let plugin = Plugin::start().await;
    for version in VERSIONS {
        let client = plugin.identity.stolen_by(&Identity::generate());
        assert!(call_as(&plugin, version, Some(client)).await.is_err(), "{version:?}");
    }
    call(&plugin.connect().await).await.unwrap();
}

#[tokio::test]
async fn item_07_a_client_without_tls_gets_no_rpc_through() {
    let plugin = Plugin::start().await;
    let stream = UnixStream::connect(plugin.socket()).await.unwrap();
    let outcome = async { call(&Connection::over(stream).await?).await };
    assert!(outcome.await.is_err());
    call(&plugin.connect().await).await.unwrap();
}

#[tokio::test]
async fn item_07_a_client_that_stalls_keeps_nobody_out() {
    let plugin = Plugin::start().await;
    let _stalled = UnixStream::connect(plugin.socket()).await.unwrap();
    call(&plugin.connect().await).await.unwrap();
}

#[tokio::test]
async fn item_08_http_2_is_negotiated() {
    let plugin = Plugin::start().await;
    let stream = plugin.tls().connect(&plugin.socket()).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
}

#[tokio::test]
async fn item_14_the_plugin_says_that_it_serves() {
    let plugin = Plugin::start().await;
    let mut health = plugin.connect().await.health();
    let whole = health.check(HealthCheckRequest { service: "plugin".to_owned() }).await.unwrap();
    assert_eq!(whole.into_inner().status(), ServingStatus::Serving);
    let unknown = health.check(HealthCheckRequest { service: "plugins".to_owned() }).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
}

#[tokio::test]
async fn item_22_a_request_of_32_mib_is_not_too_large() {
    let plugin = Plugin::start().await;
    let config = Some(DynamicValue { msgpack: vec![0xc0; 32 << 20].into(), ..DynamicValue::default() });
    let request = validate_provider_config::Request { config };
    let code =
        plugin.connect().await.provider().validate_provider_config(request).await.map_err(|status| status.code());
    assert!(!matches!(code, Err(Code::OutOfRange | Code::ResourceExhausted)), "{code:?}");
}
