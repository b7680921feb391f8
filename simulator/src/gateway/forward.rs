//! Sends requests on to pods: attempts, timeouts, copies.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderName, HeaderValue, Request, Response};
use tokio::time::Instant;

use super::pool::{NoPods, Pool};
use super::reply;
use super::routing::{Destination, RetryPolicy, Route};
use super::upstream::{Endpoint, GatewayPod, Mesh};

/// Tells a pod how many attempts there were, this one included.
const ATTEMPT_COUNT: HeaderName = HeaderName::from_static("x-envoy-attempt-count");
/// Tells a client how many milliseconds the pod took.
const SERVICE_TIME: HeaderName = HeaderName::from_static("x-envoy-upstream-service-time");

/// How an attempt ended.
enum Attempt {
    Answered(Response<Bytes>),
    NotConnected(String),
    TooLong,
}

impl Attempt {
    fn deserves_another(&self, policy: &RetryPolicy) -> bool {
        match self {
            Self::Answered(response) => policy.after_status(response.status()),
            Self::NotConnected(_) => policy.after_connect_failure(),
            Self::TooLong => policy.after_reset(),
        }
    }

    fn into_response(self) -> Response<Bytes> {
        match self {
            Self::Answered(response) => response,
            Self::NotConnected(reason) => reply::not_connected(&reason),
            Self::TooLong => reply::timed_out(),
        }
    }
}

/// Sends requests from a gateway's pod.
#[derive(Debug)]
pub(super) struct Forwarder {
    pod: GatewayPod,
    mesh: Mesh,
}

impl Forwarder {
    /// From a pod, to what is behind its gateway.
    pub(super) fn new(pod: GatewayPod, mesh: Mesh) -> Self {
        Self { pod, mesh }
    }

    /// The answer of one of the route's pods, or the gateway's own where none gives one.
    pub(super) async fn forward(&self, route: &Route<'_>, request: &Request<Bytes>) -> Response<Bytes> {
        let pool = match self.pool(route.destination) {
            Ok(pool) => pool,
            Err(reason) => return reply::no_pods(&reason),
        };
        let attempts = self.attempts(&pool, route, request);
        within(route.timeout, attempts).await.unwrap_or_else(reply::timed_out)
    }

    fn pool(&self, destination: &Destination) -> Result<Pool, NoPods> {
        Pool::of(destination, self.mesh.endpoints.services(&destination.host))
    }

    /// Tries one pod after the other, as often as the policy allows.
    async fn attempts(&self, pool: &Pool, route: &Route<'_>, request: &Request<Bytes>) -> Response<Bytes> {
        let policy = route.retries;
        let first = route.destination.next_turn();
        let mut made = 0_u32;
        loop {
            let pod = pool.pick(first, made);
            made += 1;
            let mut request = request.clone();
            request.headers_mut().insert(ATTEMPT_COUNT, HeaderValue::from(made));
            let attempt = within(policy.per_try_timeout, self.call(pod, request)).await.unwrap_or(Attempt::TooLong);
            if made > policy.retries || !attempt.deserves_another(policy) {
                return attempt.into_response();
            }
        }
    }

    async fn call(&self, pod: &Endpoint, request: Request<Bytes>) -> Attempt {
        if let Err(hop) = self.mesh.network.reach(&self.pod, pod) {
            // Lost packets are not refused: a connection is given up only when its time is over.
            pause(self.mesh.connect_timeout).await;
            return Attempt::NotConnected(format!("{pod} cannot be reached: {hop}"));
        }
        let sent = Instant::now();
        match self.mesh.pods.call(pod, request).await {
            Ok(mut response) => {
                // A request of 2^64 milliseconds does not come about.
                let millis = u64::try_from(sent.elapsed().as_millis()).unwrap_or(u64::MAX);
                response.headers_mut().insert(SERVICE_TIME, HeaderValue::from(millis));
                Attempt::Answered(reply::answered_by(pod, response))
            }
            Err(refused) => Attempt::NotConnected(format!("{pod}: {refused}")),
        }
    }

    /// Sends a copy of a request, to the host with `-shadow` behind it. Nobody learns of the answer.
    pub(super) fn copy(
        self: &Arc<Self>,
        mirror: &Destination,
        request: &Request<Bytes>,
    ) -> Option<impl Future<Output = ()> + Send + use<>> {
        let pod = self.pool(mirror).ok()?.pick(mirror.next_turn(), 0).clone();
        let mut request = request.clone();
        let shadow = [request.headers().get(HOST)?.as_bytes(), b"-shadow"].concat();
        request.headers_mut().insert(HOST, HeaderValue::from_bytes(&shadow).ok()?);
        let forwarder = Arc::clone(self);
        Some(async move { drop(forwarder.call(&pod, request).await) })
    }
}

/// What comes about within a time, if that is limited.
async fn within<T>(limit: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, work).await.ok(),
        None => Some(work.await),
    }
}

/// A wait that is part of what is simulated. It ends early only when the request that waits is dropped.
pub(super) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
