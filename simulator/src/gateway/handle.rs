//! A gateway: takes requests, decides by its table, answers or sends on.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, SERVER, TE, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri, Version as HttpVersion};
use tokio::task::JoinSet;

use super::forward::{Forwarder, pause};
use super::reply::{self, Outcome};
use super::routing::{Action, Decision, RequestView, Route, RoutingTable};
use super::upstream::{GatewayPod, Mesh};

/// How much of a body is kept to be sent more than once: Envoy's buffer.
const BODY_LIMIT: usize = 1 << 20;
/// The name by which Istio's gateways go.
const SERVER_NAME: HeaderValue = HeaderValue::from_static("istio-envoy");
/// Headers that are about one connection.
const HOP_BY_HOP: [HeaderName; 7] = [
    CONNECTION,
    CONTENT_LENGTH,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const ORIGINAL_PATH: HeaderName = HeaderName::from_static("x-envoy-original-path");

/// An ingress gateway with the table that its mesh's objects make now.
#[derive(Debug)]
pub struct Gateway {
    table: RoutingTable,
    forwarder: Arc<Forwarder>,
    /// Copies on their way. They end with the gateway.
    copies: Mutex<JoinSet<()>>,
}

impl Gateway {
    /// A gateway whose requests leave from `pod`.
    pub fn new(table: RoutingTable, pod: GatewayPod, mesh: Mesh) -> Self {
        Self { table, forwarder: Arc::new(Forwarder::new(pod, mesh)), copies: Mutex::default() }
    }

    /// Its table.
    pub fn table(&self) -> &RoutingTable {
        &self.table
    }

    /// The answer to a request to one of its ports. How it came about is an [`Outcome`] in its extensions.
    ///
    /// # Cancellation
    ///
    /// Dropping the future gives the request up; a pod may have got it.
    pub async fn handle(&self, port: u16, client: IpAddr, request: Request<Body>) -> Response<Body> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let host = request.headers().get(HOST).cloned();
        let mut response = self.answer(port, client, request).await;
        without_hop_by_hop(response.headers_mut());
        response.headers_mut().insert(SERVER, SERVER_NAME);
        if let Some(Outcome { flag, detail }) = response.extensions().get() {
            tracing::debug!(port, %method, ?host, %uri, status = response.status().as_u16(), %flag, detail);
        }
        response.map(Body::from)
    }

    async fn answer(&self, port: u16, client: IpAddr, request: Request<Body>) -> Response<Bytes> {
        if request.version() < HttpVersion::HTTP_11 {
            return reply::upgrade_required();
        }
        let (parts, body) = request.into_parts();
        let Some(view) = RequestView::of(&parts, port) else { return reply::no_host() };
        let decision = self.table.decide(&view);
        if let Some(delay) = decision.fault.delay {
            pause(delay).await;
        }
        let mut response = match (decision.fault.abort, &decision.action) {
            (Some(status), _) => reply::aborted(status),
            (None, Action::NotFound(reason)) => reply::not_found(*reason),
            (None, Action::Redirect { status, location }) => reply::redirect(*status, location),
            (None, Action::Respond(response)) => reply::fixed(response),
            // Envoy changes no headers of an answer that the CORS filter gives.
            (None, Action::Preflight(headers)) => return reply::preflight(headers),
            (None, Action::Route(route)) => match axum::body::to_bytes(body, BODY_LIMIT).await {
                Ok(body) => self.send_on(&decision, route, outgoing(&parts, &view, client, body)).await,
                Err(_) => reply::payload_too_large(),
            },
        };
        decision.edit_response(response.headers_mut());
        response
    }

    async fn send_on(
        &self,
        decision: &Decision<'_>,
        route: &Route<'_>,
        mut request: Request<Bytes>,
    ) -> Response<Bytes> {
        decision.edit_request(request.headers_mut());
        redirect_to_route(route, &mut request);
        for mirror in &route.mirrors {
            if let Some(copy) = self.forwarder.copy(mirror, &request) {
                self.in_background(copy);
            }
        }
        let mut response = self.forwarder.forward(route, &request).await;
        response.headers_mut().extend(route.cors.clone());
        response
    }

    fn in_background(&self, copy: impl Future<Output = ()> + Send + 'static) {
        let mut copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        while copies.try_join_next().is_some() {}
        copies.spawn(copy);
    }
}

/// The request as it leaves the gateway, before the rule's changes.
fn outgoing(parts: &Parts, view: &RequestView<'_>, client: IpAddr, body: Bytes) -> Request<Bytes> {
    let mut request = Request::new(body);
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = target(&view.target());
    let headers = request.headers_mut();
    *headers = parts.headers.clone();
    without_hop_by_hop(headers);
    set(headers, HOST, view.authority);
    let before = headers.get(FORWARDED_FOR).and_then(|value| value.to_str().ok());
    let forwarded = before.map_or_else(|| client.to_string(), |before| format!("{before},{client}"));
    set(headers, FORWARDED_FOR, &forwarded);
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
    request
}

/// Gives the request the path and host of its route.
fn redirect_to_route(route: &Route<'_>, request: &mut Request<Bytes>) {
    if route.rewritten {
        let original = request.uri().to_string();
        set(request.headers_mut(), ORIGINAL_PATH, &original);
        *request.uri_mut() = target(&route.target);
    }
    if let Some(authority) = route.authority {
        set(request.headers_mut(), HOST, authority);
    }
}

/// A path and query as a URI. What an object writes may be none; then it is the root.
fn target(text: &str) -> Uri {
    text.parse().unwrap_or_default()
}

/// Sets a header to a text, unless HTTP does not allow it.
fn set(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

fn without_hop_by_hop(headers: &mut HeaderMap) {
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}
