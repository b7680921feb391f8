//! A gateway: takes requests, decides by its table, answers or sends on.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use bytes::Bytes;
use http::header::{HOST, SERVER};
use http::{HeaderValue, Request, Response, Version as HttpVersion};
use tokio::task::JoinSet;

use super::forward::{Forwarder, pause};
use super::outgoing::{outgoing, send_to_route, without_hop_by_hop};
use super::reply::{self, Outcome};
use super::routing::{Action, Decision, RequestView, Route, RoutingTable};
use super::upstream::{GatewayPod, Mesh};

/// How much of a body is kept to be sent more than once: Envoy's buffer.
const BODY_LIMIT: usize = 1 << 20;
/// The name by which Istio's gateways go.
const SERVER_NAME: HeaderValue = HeaderValue::from_static("istio-envoy");

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
        // Only what cannot hold a secret is logged: no query, no header but the host.
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let host = request.headers().get(HOST).cloned();
        let mut response = self.answer(port, client, request).await;
        without_hop_by_hop(response.headers_mut());
        response.headers_mut().insert(SERVER, SERVER_NAME);
        if let Some(Outcome { flag, detail }) = response.extensions().get() {
            tracing::debug!(port, %method, ?host, path, status = response.status().as_u16(), %flag, detail);
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
        send_to_route(route, &mut request);
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
