//! Carries one request over HTTP and says, when that fails, whether the request left.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::cloud::BoxFuture;
use crate::cloud::error::{Cause, Error, Origin, Silence};
use crate::cloud::tls::Trust;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// The largest answer, in bytes. The API's are a few MiB at most; what has no end would fill the memory.
const LARGEST: usize = 32 << 20;

/// Why a request has no response.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The request never left.
    NotSent(Cause),
    /// The request left, at least in part, and the connection broke.
    Broken(Cause),
    /// An argument makes every request impossible.
    Unusable { argument: &'static str, problem: String },
}

impl Failure {
    /// The failure of the call `origin`, whose request was for `address`.
    pub(crate) fn into_error(self, origin: Box<Origin>, address: &str) -> Error {
        match self {
            Self::NotSent(cause) => Error::NotSent { origin, address: address.to_owned(), cause },
            Self::Broken(cause) => Error::Unanswered { origin, silence: Silence::Broken(cause) },
            Self::Unusable { argument, problem } => Error::Configuration { argument: argument.into(), problem },
        }
    }
}

/// What carries requests: HTTP, or a script in a test.
pub(crate) trait Transport: Send + Sync {
    /// Sends one request and returns its whole response.
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>>;
}

/// HTTP/1.1 and HTTP/2. The client is made with the first request, since reading the system's certificates takes
/// milliseconds that a start without a call need not spend.
pub(crate) struct Http {
    trust: Trust,
    outside: OnceLock<reqwest::Client>,
    loopback: OnceLock<reqwest::Client>,
}

impl Http {
    pub(crate) fn new(trust: Trust) -> Self {
        Self { trust, outside: OnceLock::new(), loopback: OnceLock::new() }
    }

    /// The client for `host`. Proxies of the environment are used for what is not on this machine.
    fn client(&self, host: &str) -> Result<&reqwest::Client, Failure> {
        let is_loopback = is_loopback(host);
        let client = if is_loopback { &self.loopback } else { &self.outside };
        match client.get() {
            Some(client) => Ok(client),
            None => self.build(!is_loopback).map(|built| client.get_or_init(|| built)),
        }
    }

    fn build(&self, proxies: bool) -> Result<reqwest::Client, Failure> {
        let tls = self.trust.client_config().map_err(|problem| Failure::Unusable { argument: "ca_file", problem })?;
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none());
        let builder = if proxies { builder } else { builder.no_proxy() };
        builder.build().map_err(|error| Failure::NotSent(error.without_url().into()))
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        let client = self.client(request.uri().host().unwrap_or_default())?;
        let request = reqwest::Request::try_from(request).map_err(failure)?;
        let response = client.execute(request).await.map_err(failure)?;
        let status = response.status();
        let mut whole = http::Response::new(body_of(response).await?);
        *whole.status_mut() = status;
        Ok(whole)
    }
}

impl Transport for Http {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        Box::pin(self.exchange(request))
    }
}

async fn body_of(mut response: reqwest::Response) -> Result<Bytes, Failure> {
    let mut body = BytesMut::new();
    while let Some(part) = response.chunk().await.map_err(|error| Failure::Broken(error.without_url().into()))? {
        body.extend_from_slice(&part);
        if body.len() > LARGEST {
            return Err(Failure::Broken(format!("it is larger than {} MiB", LARGEST >> 20).into()));
        }
    }
    Ok(body.freeze())
}

fn failure(error: reqwest::Error) -> Failure {
    let never_left = error.is_connect() || error.is_builder();
    let cause = error.without_url().into();
    if never_left { Failure::NotSent(cause) } else { Failure::Broken(cause) }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use rustls::ServerConfig;
    use rustls::crypto::aws_lc_rs;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::cloud::api::vpc::DescribeCcns;
    use crate::cloud::client::{Client, Options};
    use crate::cloud::script::keys;
    use crate::cloud::sign;
    use crate::scope::Scope;

    async fn listen() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("the loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        (listener, address)
    }

    fn request(url: &str) -> http::Request<Bytes> {
        let request = http::Request::post(url).header("X-TC-Action", "DescribeCcns");
        request.body(Bytes::from_static(b"{}")).expect("the address is one")
    }

    /// Reads a request whose body is `{}`.
    async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n\r\n{}") {
            assert_ne!(stream.read_buf(&mut seen).await.expect("the client sends"), 0, "the request ended early");
        }
        seen
    }

    /// Reads a request whose body is `{}`, answers it, and closes the connection.
    async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, response: &str) -> String {
        let seen = receive(&mut stream).await;
        stream.write_all(response.as_bytes()).await.expect("the client reads");
        stream.shutdown().await.expect("the client is still there");
        String::from_utf8(seen).expect("the request is text")
    }

    /// Sends one request to a server that answers `response`.
    async fn exchanged(response: &str) -> (Result<http::Response<Bytes>, Failure>, String, SocketAddr) {
        let (listener, address) = listen().await;
        let serve = async { answer(listener.accept().await.expect("the client connects").0, response).await };
        let http = Http::new(Trust::default());
        let (outcome, seen) = tokio::join!(http.send(request(&format!("http://{address}/"))), serve);
        (outcome, seen, address)
    }

    #[tokio::test]
    async fn status_and_body_come_back_and_the_host_has_its_port() {
        let (response, seen, address) = exchanged("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops").await;
        let response = response.expect("the server answers");
        assert_eq!((response.status().as_u16(), &response.body()[..]), (502, &b"oops"[..]));
        assert!(seen.contains(&format!("host: {address}\r\n")), "{seen}");
    }

    #[tokio::test]
    async fn what_arrives_is_what_was_signed() {
        let (listener, address) = listen().await;
        let serve = async {
            let (stream, _) = listener.accept().await.expect("the client connects");
            let body = r#"{"Response":{"RequestId":"r-1","TotalCount":0}}"#;
            answer(stream, &format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())).await
        };
        let mut options = Options::new(Arc::new(keys()), "ap-guangzhou");
        options.endpoints.services.insert("vpc".into(), format!("http://{address}"));
        let client = Client::new(options).expect("the options are in order");
        let (scope, list) = (Scope::unstopped(Duration::from_secs(60)), DescribeCcns::default());
        let (answer, seen) = tokio::join!(client.send(&scope, &list), serve);
        answer.expect("the server answers");
        let header = |name: &str| seen.lines().find_map(|line| line.strip_prefix(name)).expect("the header is sent");
        let signed = sign::Request {
            method: "POST",
            query: "",
            content_type: header("content-type: "),
            host: header("host: "),
            service: "vpc",
            timestamp: header("x-tc-timestamp: ").parse().expect("a number"),
            hashed_payload: &sign::hash(b"{}"),
        };
        assert_eq!(header("authorization: "), signed.authorization("AKIDfake", "fake-secret-key"));
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(exchanged(moved).await.0.expect("the server answers").status().as_u16(), 302);
    }

    #[tokio::test]
    async fn a_refused_connection_means_that_nothing_was_sent() {
        let (listener, address) = listen().await;
        drop(listener);
        let outcome = Http::new(Trust::default()).send(request(&format!("http://{address}/"))).await;
        assert!(matches!(outcome, Err(Failure::NotSent(_))), "{outcome:?}");
    }

    #[tokio::test]
    async fn a_connection_that_breaks_after_the_request_leaves_doubt() {
        for response in ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly a part"] {
            let outcome = exchanged(response).await.0;
            assert!(matches!(outcome, Err(Failure::Broken(_))), "{outcome:?}");
        }
    }

    #[tokio::test]
    async fn an_answer_without_end_is_not_read_to_it() {
        let (listener, address) = listen().await;
        let serve = async {
            let mut stream = listener.accept().await.expect("the client connects").0;
            receive(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("the client reads");
            while stream.write_all(&[b' '; 1 << 16]).await.is_ok() {}
        };
        let http = Http::new(Trust::default());
        let url = format!("http://{address}/");
        let answered = async {
            let outcome = http.send(request(&url)).await;
            assert!(
                matches!(&outcome, Err(Failure::Broken(cause)) if cause.to_string().contains("32 MiB")),
                "{outcome:?}"
            );
        };
        tokio::join!(answered, serve);
    }

    /// A server's certificate for the loopback, in PEM form, and what the server needs of it.
    fn certificate() -> (String, TlsAcceptor) {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("the name is one");
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has the default versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("the key is the certificate's");
        (cert.pem(), TlsAcceptor::from(Arc::new(config)))
    }

    /// Whether a server with a certificate of its own making is talked to.
    async fn is_trusted(trust: Trust, acceptor: TlsAcceptor) -> bool {
        let (listener, address) = listen().await;
        let serve = async {
            let stream = listener.accept().await.expect("the client connects").0;
            if let Ok(stream) = acceptor.accept(stream).await {
                answer(stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
            }
        };
        let http = Http::new(trust);
        match tokio::join!(http.send(request(&format!("https://{address}/"))), serve).0 {
            Ok(response) => response.status().is_success(),
            Err(Failure::NotSent(_)) => false,
            Err(failure) => panic!("{failure:?}"),
        }
    }

    #[tokio::test]
    async fn a_server_is_trusted_by_ca_file_or_insecure_and_else_nothing_is_sent() {
        let (pem, acceptor) = certificate();
        let path = std::env::temp_dir().join(format!("tcmesh-{}-ca.pem", std::process::id()));
        std::fs::write(&path, pem).expect("the temporary directory can be written");
        let by_file = Trust::new(Some(&path), false).expect("the file holds a certificate");
        std::fs::remove_file(&path).expect("the file was just written");
        let everybody = Trust::new(None, true).expect("there is no file to read");
        assert!(is_trusted(by_file, acceptor.clone()).await);
        assert!(is_trusted(everybody, acceptor.clone()).await);
        assert!(!is_trusted(Trust::default(), acceptor).await);
    }

    #[test]
    fn only_this_machine_is_reached_without_a_proxy() {
        for host in ["127.0.0.1", "[::1]", "localhost", "vpc.localhost"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["vpc.tencentcloudapi.com", "10.0.0.1", "localhost.example.com", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
