//! Probes of hosts whose answers are known.

use serde_json::{Value as Json, json};
use tcmesh::framework::value::Value;
use tcmesh::provider::{self, Tcmesh};
use tcmesh::scope::StopSwitch;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::harness::client::Terraform;

const PROBE: &str = "tcmesh_route_probe";

async fn terraform() -> Terraform<Tcmesh> {
    // Installed once; a second time is refused, which does no harm.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let terraform = Terraform::of(|| provider::server(StopSwitch::default()));
    let block = json!({"secret_id": "AKID", "secret_key": "key", "region": "ap-guangzhou"});
    assert_eq!(terraform.configure(&terraform.provider(block)).await, [""; 0]);
    terraform
}

/// A probe of one try that expects the answer `cluster1`.
fn probe(port: u16) -> Json {
    json!({"host": "a.example.com", "address": "127.0.0.1", "port": port, "timeout": "1s", "interval": "5s",
        "expect": {"body_contains": "cluster1"}})
}

/// Opens a probe of a service that answers with this body once.
async fn opened(body: &str) -> (u16, Value, Vec<String>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n\r\n") && stream.read_buf(&mut seen).await.unwrap() > 0 {}
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
    };
    let terraform = terraform().await;
    let config = terraform.ephemeral(PROBE, probe(port));
    let ((result, _, told), ()) = tokio::join!(terraform.open(PROBE, &config), served);
    (port, result, told, terraform.details())
}

#[tokio::test]
async fn a_host_that_is_answered_as_expected_is_opened_without_a_word() {
    let (_, result, told, _) = opened("cluster1").await;
    assert_eq!(told, [""; 0]);
    assert_eq!((result.field("passed"), result.field("failure")), (&true.into(), &"".into()));
    assert_eq!((result.field("status"), result.field("body")), (&200.into(), &"cluster1".into()));
    assert_eq!(result.field("timeout"), &"1s".into(), "what is configured stays as it is");
}

#[tokio::test]
async fn an_unexpected_answer_is_opened_with_a_warning_that_tells_the_reason() {
    let (port, result, told, details) = opened("cluster2").await;
    assert_eq!(told, ["warning: a.example.com is not answered as expected"]);
    let failure = format!(
        "http://a.example.com:{port}/ at 127.0.0.1:{port} answered with the body `cluster2`, which does not contain `cluster1`."
    );
    assert_eq!(details, failure);
    assert_eq!((result.field("passed"), result.field("failure")), (&false.into(), &failure.as_str().into()));
}

#[tokio::test]
async fn bad_input_is_refused_at_its_attribute() {
    let terraform = terraform().await;
    for (name, wrong) in [
        ("host", json!("http://a.example.com")),
        ("path", json!("two")),
        ("port", json!(0)),
        ("address", json!("gateway")),
        ("proxy", json!("socks5://127.0.0.1")),
        ("timeout", json!("2h")),
        ("consecutive", json!(0)),
    ] {
        let mut config = probe(80);
        config[name] = wrong;
        let told = terraform.validate_ephemeral(PROBE, &terraform.ephemeral(PROBE, config)).await;
        assert!(
            matches!(&told[..], [one] if one.starts_with("error") && one.ends_with(&format!(" @{name}"))),
            "{told:?}"
        );
    }
}

#[tokio::test]
async fn arguments_that_contradict_each_other_are_refused_before_anything_is_asked() {
    let mut config = probe(80);
    config["connect_to"] = json!("127.0.0.1:1");
    let terraform = terraform().await;
    let refused = ["error: Conflicting arguments @connect_to"];
    let config = terraform.ephemeral(PROBE, config);
    assert_eq!(terraform.validate_ephemeral(PROBE, &config).await, refused);
    let (result, _, told) = terraform.open(PROBE, &config).await;
    assert_eq!((result, told), (Value::Null, refused.map(String::from).to_vec()));
}
