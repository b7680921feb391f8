//! The way to gateways through an HTTP proxy: the simulator's own endpoint takes requests such as
//! `GET http://VIP/path HTTP/1.1` with the `Host` of a service, so that a client with a proxy set reaches a VIP as if
//! it could be routed to.

use std::net::IpAddr;

use axum::body::Body;
use http::header::{CONTENT_TYPE, HOST};
use http::uri::Scheme;
use http::{HeaderValue, Request, Response, StatusCode, Uri};

use super::server::Gateways;

impl Gateways {
    /// Whether a target is one that only a gateway could answer: an absolute URI with an address for its host, other than
    /// this machine's own.
    pub fn serves(&self, target: &Uri) -> bool {
        vip(target).is_some_and(|vip| !vip.is_loopback())
    }

    /// Carries a request with an absolute URI to the listener that it names, in process. The port is that of the URI,
    /// else the scheme's. Where no listener is open the proxy answers 502.
    ///
    /// # Cancellation
    ///
    /// Dropping the future gives the request up; a pod may have got it.
    pub async fn proxy(&self, client: IpAddr, mut request: Request<Body>) -> Response<Body> {
        let target = std::mem::take(request.uri_mut());
        let default = if target.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
        let port = target.port_u16().unwrap_or(default);
        let Some(gateway) = vip(&target).and_then(|vip| self.behind(vip, port)) else { return refused(&target, port) };
        name_host(&mut request, &target);
        *request.uri_mut() = target.path_and_query().cloned().map(Uri::from).unwrap_or_default();
        gateway.handle(port, client, request).await
    }
}

/// The address that an absolute URI names.
fn vip(target: &Uri) -> Option<IpAddr> {
    target.host()?.trim_matches(['[', ']']).parse().ok()
}

/// Makes the URI's authority the host of a request that names none.
fn name_host(request: &mut Request<Body>, target: &Uri) {
    let authority = target.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    if let Some(authority) = authority {
        request.headers_mut().entry(HOST).or_insert(authority);
    }
}

fn refused(target: &Uri, port: u16) -> Response<Body> {
    let text = format!("no listener on port {port} of {}\n", target.host().unwrap_or_default());
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
