use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::model::{Expect, RouteProbe, check};
use super::probing;
use crate::framework::value::Value;
use crate::framework::{Diagnostics, Model, Planned};
use crate::scope::Scope;

const FOUND: &str = "HTTP/1.1 200 OK\r\nx-served-by: cluster1\r\ncontent-length: 8\r\n\r\ncluster1";
const MISSING: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A probe of `a.example.com` that tries often and not for long.
fn probe(port: u16) -> RouteProbe {
    let [host, path, scheme, method, timeout, interval] =
        ["a.example.com", "/two?x=1", "http", "GET", "10s", "10ms"].map(String::from);
    let (port, address) = (Some(i64::from(port)), Some("127.0.0.1".to_owned()));
    RouteProbe { host, path, scheme, method, timeout, interval, port, address, consecutive: 1, ..Default::default() }
}

fn expecting(body: &str) -> Option<Expect> {
    Some(Expect { body_contains: Some(body.into()), ..Expect::default() })
}

async fn run(config: RouteProbe) -> RouteProbe {
    probing::probe(&Scope::unstopped(Duration::from_secs(60)), config).await.unwrap()
}

/// Reads one request and answers it.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, response: &str) -> String {
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") && stream.read_buf(&mut seen).await.unwrap() > 0 {}
    stream.write_all(response.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    String::from_utf8(seen).unwrap()
}

/// Answers one connection after the other; the requests that were seen.
async fn serve(listener: &TcpListener, responses: &[&str]) -> Vec<String> {
    let mut seen = Vec::new();
    for response in responses {
        seen.push(answer(listener.accept().await.unwrap().0, response).await);
    }
    seen
}

#[tokio::test]
async fn the_expected_answer_passes_and_is_shown() {
    let (listener, port) = listen().await;
    let request_headers = [("x-user".to_owned(), "alice".to_owned())].into();
    let config = RouteProbe { request_headers, expect: expecting("cluster1"), ..probe(port) };
    let (probed, seen) = tokio::join!(run(config), serve(&listener, &[FOUND]));
    assert!(seen[0].starts_with("GET /two?x=1 HTTP/1.1\r\n"), "{}", seen[0]);
    assert!(seen[0].contains(&format!("host: a.example.com:{port}\r\n")) && seen[0].contains("x-user: alice\r\n"));
    assert_eq!((probed.passed, probed.failure), (true.into(), "".into()));
    assert_eq!((probed.status, probed.body), (200.into(), "cluster1".into()));
    assert_eq!(probed.response_headers.get().unwrap()["x-served-by"], "cluster1");
    assert_eq!(probed.resolved_address, "127.0.0.1".into());
}

#[tokio::test]
async fn a_probe_goes_on_until_enough_answers_in_a_row_are_right() {
    let (listener, port) = listen().await;
    let config = RouteProbe { consecutive: 2, ..probe(port) };
    let (probed, _) = tokio::join!(run(config), serve(&listener, &[MISSING, FOUND, MISSING, FOUND, FOUND]));
    assert_eq!(probed.passed, true.into());
}

#[tokio::test]
async fn an_unexpected_answer_is_no_error_and_told_in_one_sentence() {
    let (listener, port) = listen().await;
    let config = RouteProbe { timeout: "200ms".into(), interval: "5s".into(), ..probe(port) };
    let (probed, _) = tokio::join!(run(config), serve(&listener, &[MISSING]));
    let expected =
        format!("http://a.example.com:{port}/two?x=1 at 127.0.0.1:{port} answered with status 404 instead of 200.");
    assert_eq!((probed.passed, probed.failure), (false.into(), expected.as_str().into()));
    assert_eq!(probed.status, 404.into());
}

#[tokio::test]
async fn where_nothing_listens_the_probe_fails_with_the_reason() {
    let (listener, port) = listen().await;
    drop(listener);
    let probed = run(RouteProbe { timeout: "100ms".into(), ..probe(port) }).await;
    let failure = probed.failure.into_known().unwrap();
    assert!(failure.contains("did not answer") && failure.contains("refused") && failure.ends_with('.'), "{failure}");
    assert!(probed.status.is_null() && probed.body.is_null());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_fails_the_probe_and_not_the_plan() {
    let (_listener, port) = listen().await;
    let probed = run(probe(port)).await;
    assert_eq!(probed.passed, false.into());
    assert!(!probed.failure.into_known().unwrap().is_empty());
}

#[tokio::test]
async fn a_stop_ends_a_probe() {
    let stop = CancellationToken::new();
    stop.cancel();
    let stopped = probing::probe(&Scope::new(stop, Duration::from_secs(60)), probe(1)).await;
    assert_eq!(stopped.unwrap_err().to_string(), "Stopped on request");
}

#[tokio::test]
async fn through_a_proxy_the_request_line_names_the_address_and_the_header_the_host() {
    let (listener, port) = listen().await;
    let proxy = Some(format!("http://127.0.0.1:{port}"));
    let address = Some("203.0.113.10".to_owned());
    let config = RouteProbe { proxy: proxy.clone(), address, ..probe(8080) };
    let (probed, seen) = tokio::join!(run(config), serve(&listener, &[FOUND]));
    assert!(seen[0].starts_with("GET http://203.0.113.10:8080/two?x=1 HTTP/1.1\r\n"), "{}", seen[0]);
    assert!(seen[0].contains("host: a.example.com:8080\r\n"), "{}", seen[0]);
    assert_eq!((probed.passed, probed.resolved_address), (true.into(), "203.0.113.10".into()));

    let named = RouteProbe { proxy, address: None, port: None, ..probe(80) };
    let (probed, seen) = tokio::join!(run(named), serve(&listener, &[FOUND]));
    assert!(
        seen[0].starts_with("GET http://a.example.com/two?x=1 HTTP/1.1\r\n")
            || seen[0].starts_with("GET http://a.example.com:80/two?x=1 "),
        "{}",
        seen[0]
    );
    assert!(probed.resolved_address.is_null(), "the proxy found it");
}

#[tokio::test]
async fn elsewhere_the_request_stays_the_same() {
    let (listener, port) = listen().await;
    let connect_to = Some(format!("127.0.0.1:{port}"));
    let config = RouteProbe { connect_to, address: None, port: None, ..probe(80) };
    let (probed, seen) = tokio::join!(run(config), serve(&listener, &[FOUND]));
    assert!(seen[0].contains("host: a.example.com\r\n"), "{}", seen[0]);
    assert_eq!(probed.passed, true.into());
}

#[tokio::test]
async fn a_given_name_server_is_asked_for_the_address() {
    use hickory_proto::op::{Message, MessageType};
    use hickory_proto::rr::rdata::A;
    use hickory_proto::rr::{RData, Record, RecordType};

    let (listener, port) = listen().await;
    let names = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let resolver = Some(names.local_addr().unwrap().to_string());
    let config = RouteProbe { resolver, address: None, ..probe(port) };
    let resolve = async {
        for _ in 0..2 {
            let mut buffer = [0; 512];
            let (length, client) = names.recv_from(&mut buffer).await.unwrap();
            let mut reply = Message::from_vec(&buffer[..length]).unwrap();
            reply.metadata.message_type = MessageType::Response;
            let asked = reply.queries[0].clone();
            if asked.query_type() == RecordType::A {
                reply.add_answers([Record::from_rdata(asked.name().clone(), 600, RData::A(A([127, 0, 0, 1].into())))]);
            }
            names.send_to(&reply.to_vec().unwrap(), client).await.unwrap();
        }
    };
    let (probed, _, ()) = tokio::join!(run(config), serve(&listener, &[FOUND]), resolve);
    assert_eq!((probed.passed, probed.resolved_address), (true.into(), "127.0.0.1".into()));
}

#[tokio::test]
async fn a_certificate_is_checked_for_the_host() {
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["a.example.com".into()]).unwrap().signed_by(&key, &authority).unwrap();
    let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], secret)
        .unwrap();
    let (listener, port) = listen().await;
    let encrypted = RouteProbe { scheme: "https".into(), timeout: "5s".into(), ..probe(port) };
    let acceptor = TlsAcceptor::from(Arc::new(config));

    let trusting = RouteProbe { ca_certificate: Some(authority.pem()), ..encrypted.clone() };
    let served = async { answer(acceptor.accept(listener.accept().await.unwrap().0).await.unwrap(), FOUND).await };
    let (probed, seen) = tokio::join!(run(trusting), served);
    assert!(seen.contains(&format!("host: a.example.com:{port}\r\n")), "{seen}");
    assert_eq!(probed.passed, true.into());

    let once = RouteProbe { timeout: "300ms".into(), interval: "5s".into(), ..encrypted };
    let refused = async { acceptor.accept(listener.accept().await.unwrap().0).await.is_err() };
    let (probed, refused) = tokio::join!(run(once), refused);
    let failure = probed.failure.into_known().unwrap();
    assert!(refused && failure.contains("certificate"), "{failure}");
}

#[test]
fn arguments_that_have_no_effect_are_refused() {
    let told = |config: &RouteProbe| {
        let (planned, mut diagnostics) = (config.to_object(), Diagnostics::default());
        check(&Planned::new(&planned, &Value::Null, &planned), &mut diagnostics);
        diagnostics.into_iter().map(|found| found.path.to_string()).collect::<Vec<_>>()
    };
    let [proxy, connect_to, resolver] = ["http://p:1", "a:1", "1.2.3.4"].map(|text| Some(text.to_owned()));
    assert_eq!(told(&RouteProbe { connect_to: connect_to.clone(), ..probe(1) }), ["connect_to"]);
    let tunnelled = RouteProbe { scheme: "https".into(), proxy, connect_to, resolver, address: None, ..probe(1) };
    assert_eq!(told(&tunnelled), ["connect_to", "resolver"]);
    assert!(told(&RouteProbe { scheme: "http".into(), ..tunnelled }).is_empty());
}
