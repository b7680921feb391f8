//! The way in for clients inside the process.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt;

use super::identity::Identity;
use super::server::Server;

/// A request or its answer got lost: a fault was asked for, or the client went away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection broke")]
pub(crate) struct Lost;

/// The server as a service, for somebody.
#[derive(Clone)]
pub(crate) struct InProcess {
    server: Arc<Server>,
    client: Client,
}

/// Who asks.
#[derive(Clone)]
enum Client {
    /// Somebody who is known.
    Known(Identity),
    /// Whoever has this bearer token.
    Bearer(HeaderValue),
}

impl InProcess {
    /// For somebody who is known.
    pub(crate) fn new(server: &Arc<Server>, identity: &Identity) -> Self {
        Self { server: Arc::clone(server), client: Client::Known(identity.clone()) }
    }

    /// For the bearer of a token, which the server checks; none where it could not be sent.
    pub(crate) fn with_token(server: &Arc<Server>, token: &str) -> Option<Self> {
        let header = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        Some(Self { server: Arc::clone(server), client: Client::Bearer(header) })
    }
}

impl tower::Service<Request<kube::client::Body>> for InProcess {
    type Response = Response<Body>;
    type Error = tower::BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<kube::client::Body>) -> Self::Future {
        let Self { server, client } = self.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let identity = match client {
                Client::Known(identity) => {
                    // Managers of fields are named after the user, as those of a controller are after its program.
                    if let Ok(agent) = HeaderValue::from_str(&identity.user) {
                        parts.headers.entry(USER_AGENT).or_insert(agent);
                    }
                    Some(identity)
                }
                Client::Bearer(token) => {
                    parts.headers.insert(AUTHORIZATION, token);
                    None
                }
            };
            Ok(server.respond(identity, true, Request::from_parts(parts, body)).await?)
        })
    }
}
