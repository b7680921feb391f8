//! One request and its answer, over HTTP/1.1.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use rustls::ClientConfig;

use super::target::{Peer, Target};
use super::{RouteProbe, unusable};
use crate::cloud::tls::Trust;
use crate::dns;
use crate::framework::Error;
use crate::resources::errors::chain;
use crate::scope::Scope;

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much of a body is read, and how much of it is shown.
const READ: usize = 1 << 20;
const SHOWN: usize = 4 << 10;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// By their names in lower case; several of one name are joined by commas.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
    /// Who was asked, where that is known.
    pub(super) address: Option<SocketAddr>,
}

/// Sends the same request as often as needed.
pub(super) struct Asker<'a> {
    target: &'a Target,
    config: &'a RouteProbe,
    resolver: Option<SocketAddr>,
    headers: HeaderMap,
    method: Method,
    tls: ClientConfig,
}

impl<'a> Asker<'a> {
    /// Nothing is sent yet.
    ///
    /// # Errors
    /// When an argument cannot be used.
    pub(super) fn new(config: &'a RouteProbe, target: &'a Target) -> Result<Self, Error> {
        let resolver = config.resolver.as_deref().map(dns::server).transpose();
        let trust = config.ca_certificate.as_deref().map(Trust::of_pem).transpose();
        let trust = trust.map_err(|problem| unusable("ca_certificate", problem))?.unwrap_or_default();
        let mut tls = trust.client_config().map_err(|problem| unusable("ca_certificate", problem))?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            target,
            config,
            resolver: resolver.map_err(|problem| unusable("resolver", problem))?,
            headers: headers(config, target)?,
            method: config.method.parse().map_err(|_| unusable("method", "It is no method."))?,
            tls,
        })
    }

    /// One try.
    ///
    /// # Errors
    /// A sentence that says why there is no answer.
    pub(super) async fn ask(&self, scope: &Scope) -> Result<Answer, String> {
        let url = &self.target.url;
        let patient = scope.within(PATIENCE);
        // A client's future is large.
        let answer = patient.run(Box::pin(self.exchange(&patient))).await;
        answer.unwrap_or_else(|_| Err(format!("{url} did not answer within {} seconds.", PATIENCE.as_secs())))
    }

    async fn exchange(&self, scope: &Scope) -> Result<Answer, String> {
        let address = self.address(scope).await?;
        let peer = match address {
            Some(address) => Peer { host: address.ip().to_string(), port: address.port() },
            None => self.target.peer.clone(),
        };
        let at = address.map(|address| format!(" at {address}")).unwrap_or_default();
        let silent =
            |error: reqwest::Error| format!("{}{at} did not answer: {}.", self.target.url, chain(&error.without_url()));
        let url = self.target.request_url(&peer, &self.config.path);
        let request = self.client(address)?.request(self.method.clone(), url).headers(self.headers.clone());
        let mut response = request.send().await.map_err(silent)?;
        let (status, headers) = (response.status().as_u16(), texts(response.headers()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(silent)?.filter(|_| body.len() < READ) {
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body, address })
    }

    /// Whom to ask; nothing where a proxy finds that out.
    async fn address(&self, scope: &Scope) -> Result<Option<SocketAddr>, String> {
        let Peer { host, port } = &self.target.peer;
        if let Some(ip) = self.target.peer.ip() {
            return Ok(Some(SocketAddr::new(ip, *port)));
        }
        let found = match self.resolver {
            Some(server) => {
                let found = dns::addresses(scope, server, host).await;
                found.map_err(|error| format!("The address of {host} cannot be found: {}.", chain(&error)))?
            }
            None if self.config.proxy.is_some() => return Ok(None),
            None => {
                let found = tokio::net::lookup_host((host.as_str(), *port)).await;
                let failed = |error| format!("The address of {host} cannot be found: {error}.");
                found.map_err(failed)?.map(|address| address.ip()).collect()
            }
        };
        match found.first() {
            Some(ip) => Ok(Some(SocketAddr::new(*ip, *port))),
            None => Err(format!("{host} has no address in DNS.")),
        }
    }

    fn client(&self, address: Option<SocketAddr>) -> Result<reqwest::Client, String> {
        let builder = reqwest::Client::builder().http1_only().redirect(reqwest::redirect::Policy::none()).no_proxy();
        let builder = match &self.config.proxy {
            Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy).map_err(|error| error.to_string())?),
            None => builder,
        };
        let builder = match address {
            Some(address) if self.target.encrypted => builder.resolve(&self.config.host, address),
            _ => builder,
        };
        builder.tls_backend_preconfigured(self.tls.clone()).build().map_err(|error| chain(&error))
    }
}

fn headers(config: &RouteProbe, target: &Target) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    for (name, value) in &config.request_headers {
        let parsed = name.parse::<HeaderName>().ok().zip(value.parse::<HeaderValue>().ok());
        let (name, value) =
            parsed.ok_or_else(|| unusable("request_headers", "A header has no usable name or value."))?;
        headers.insert(name, value);
    }
    let host = target.authority.parse().map_err(|_| unusable("host", "It is no host."))?;
    headers.insert(HOST, host);
    Ok(headers)
}

fn texts(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        texts
            .entry(name.as_str().to_owned())
            .and_modify(|text| *text = format!("{text}, {value}"))
            .or_insert_with(|| value.into_owned());
    }
    texts
}

/// The beginning of a body that is shown.
pub(super) fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(SHOWN)]).trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned()
}
