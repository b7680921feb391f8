//! Answers that a gateway gives itself, worded as Envoy words them, and how each came about.

use std::fmt;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::pool::NoPods;
use super::routing::{DirectResponse, NotFound};
use super::upstream::Endpoint;

/// How an answer came about. It is in the extensions of every response, never on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What went wrong, as in Envoy's access log.
    pub flag: Flag,
    /// In words: the pod that answered, or what is missing or broken.
    pub detail: String,
}

/// The response flags of Envoy's access log that can come up here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Nothing went wrong.
    Fine,
    /// The request is none that a gateway takes.
    BadRequest,
    /// No host or rule for it.
    NoRoute,
    /// The destination does not exist.
    NoCluster,
    /// The destination has no endpoint.
    NoHealthyUpstream,
    /// No connection to the endpoint.
    ConnectionFailure,
    /// It took too long.
    Timeout,
    /// An error put in on purpose.
    FaultInjected,
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fine => "-",
            Self::BadRequest => "DPE",
            Self::NoRoute => "NR",
            Self::NoCluster => "NC",
            Self::NoHealthyUpstream => "UH",
            Self::ConnectionFailure => "UF",
            Self::Timeout => "UT",
            Self::FaultInjected => "FI",
        })
    }
}

fn local(status: StatusCode, body: impl Into<Bytes>, flag: Flag, detail: impl fmt::Display) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    if !response.body().is_empty() {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    }
    came_about(response, flag, detail)
}

fn came_about(mut response: Response<Bytes>, flag: Flag, detail: impl fmt::Display) -> Response<Bytes> {
    response.extensions_mut().insert(Outcome { flag, detail: detail.to_string() });
    response
}

/// HTTP/1.0, which Envoy does not take unless told to.
pub(super) fn upgrade_required() -> Response<Bytes> {
    local(StatusCode::UPGRADE_REQUIRED, "Upgrade Required", Flag::BadRequest, "HTTP/1.0 is not taken")
}

/// No `Host` header.
pub(super) fn no_host() -> Response<Bytes> {
    local(StatusCode::BAD_REQUEST, "", Flag::BadRequest, "the request names no host")
}

/// A body beyond the gateway's buffer, or one that breaks off.
pub(super) fn payload_too_large() -> Response<Bytes> {
    local(StatusCode::PAYLOAD_TOO_LARGE, "Payload Too Large", Flag::BadRequest, "the body cannot be buffered")
}

/// Nobody serves the request.
pub(super) fn not_found(reason: NotFound) -> Response<Bytes> {
    local(StatusCode::NOT_FOUND, "", Flag::NoRoute, reason)
}

/// An error put in on purpose.
pub(super) fn aborted(status: StatusCode) -> Response<Bytes> {
    local(status, "fault filter abort", Flag::FaultInjected, "an abort put in by the rule")
}

/// A redirect.
pub(super) fn redirect(status: StatusCode, location: &str) -> Response<Bytes> {
    let mut response = local(status, "", Flag::Fine, "a redirect by the rule");
    // A location is made of parts of a URI and of an object; what HTTP does not allow in it cannot be sent.
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// A fixed response.
pub(super) fn fixed(response: &DirectResponse) -> Response<Bytes> {
    local(response.status, response.body.clone(), Flag::Fine, "a fixed response by the rule")
}

/// The answer to a preflight request.
pub(super) fn preflight(headers: &HeaderMap) -> Response<Bytes> {
    let mut response = local(StatusCode::OK, "", Flag::Fine, "a preflight request");
    response.headers_mut().extend(headers.clone());
    response
}

/// A destination without pods.
pub(super) fn no_pods(reason: &NoPods) -> Response<Bytes> {
    let (body, flag) = match reason {
        NoPods::Ready(_) => ("no healthy upstream", Flag::NoHealthyUpstream),
        NoPods::Service(_) | NoPods::Port(..) | NoPods::Subset(..) => ("", Flag::NoCluster),
    };
    local(StatusCode::SERVICE_UNAVAILABLE, body, flag, reason)
}

/// No connection came about. Later versions of Envoy also say in the text whether it was tried again.
pub(super) fn not_connected(reason: &str) -> Response<Bytes> {
    let body = "upstream connect error or disconnect/reset before headers. reset reason: connection failure";
    local(StatusCode::SERVICE_UNAVAILABLE, body, Flag::ConnectionFailure, reason)
}

/// It took too long.
pub(super) fn timed_out() -> Response<Bytes> {
    local(StatusCode::GATEWAY_TIMEOUT, "upstream request timeout", Flag::Timeout, "the rule's timeout")
}

/// A pod's answer.
pub(super) fn answered_by(pod: &Endpoint, response: Response<Bytes>) -> Response<Bytes> {
    came_about(response, Flag::Fine, pod)
}
