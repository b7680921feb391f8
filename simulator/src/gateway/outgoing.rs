//! Requests as they leave a gateway.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};

use super::routing::{RequestView, Route};

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

/// The request as it leaves the gateway, before the rule's changes.
pub(super) fn outgoing(parts: &Parts, view: &RequestView<'_>, client: IpAddr, body: Bytes) -> Request<Bytes> {
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
pub(super) fn send_to_route(route: &Route<'_>, request: &mut Request<Bytes>) {
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

/// Takes away what is about one connection only.
pub(super) fn without_hop_by_hop(headers: &mut HeaderMap) {
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}
