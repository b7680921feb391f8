//! The way in for clients inside the process.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt;

use super::identity::Identity;
use super::server::Server;

/// A request or its answer got lost: a fault was asked for, or the client went away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection broke")]
pub(crate) struct Lost;

/// The server as a service, for somebody.
#[derive(Clone, Debug)]
pub(crate) struct InProcess {
    server: Arc<Server>,
    identity: Identity,
}

impl InProcess {
    pub(crate) fn new(server: &Arc<Server>, identity: &Identity) -> Self {
        Self { server: Arc::clone(server), identity: identity.clone() }
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
        let Self { server, identity } = self.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            // Managers of fields are named after the user, as those of a controller are after its program.
            if let Ok(agent) = http::HeaderValue::from_str(&identity.user) {
                parts.headers.entry(http::header::USER_AGENT).or_insert(agent);
            }
            Ok(server.respond(Some(identity), Request::from_parts(parts, body)).await?)
        })
    }
}
