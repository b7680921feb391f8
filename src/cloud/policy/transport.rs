//! Carries one request over HTTP and says, when that fails, whether the request left.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;

use crate::cloud::BoxFuture;
use crate::cloud::error::{Cause, Error, Origin, Silence};
use crate::cloud::tls::Trust;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

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
    /// The failure of the call `origin`.
    pub(crate) fn into_error(self, origin: Box<Origin>) -> Error {
        match self {
            Self::NotSent(cause) => Error::NotSent { origin, cause },
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
        let body = response.bytes().await.map_err(|error| Failure::Broken(error.without_url().into()))?;
        let mut whole = http::Response::new(body);
        *whole.status_mut() = status;
        Ok(whole)
    }
}

impl Transport for Http {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        Box::pin(self.exchange(request))
    }
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
