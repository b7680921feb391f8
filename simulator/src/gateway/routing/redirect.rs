//! Redirects.

use http::StatusCode;

use super::hosts::split_port;
use super::request::{RequestView, with_query};
use crate::gateway::istio::virtual_service::HttpRedirect;

/// A status that Envoy has no redirect for.
#[derive(Debug, thiserror::Error)]
#[error("redirect code {0} is not supported")]
pub(super) struct BadCode(u16);

/// Where a request is sent instead. What is absent stays as it is in the request.
#[derive(Debug)]
pub(super) struct Redirect {
    /// The status.
    pub(super) status: StatusCode,
    scheme: Option<String>,
    authority: Option<String>,
    port: Option<u16>,
    path: Option<String>,
}

impl Redirect {
    /// The redirect that an object writes, on the gateway's `port`.
    pub(super) fn new(written: &HttpRedirect, port: u16) -> Result<Self, BadCode> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(Self {
            status: status(written.redirect_code)?,
            scheme: some(&written.scheme),
            authority: some(&written.authority),
            port: explicit_port(written, port),
            path: some(&written.uri),
        })
    }

    /// The same place over `https`.
    pub(super) fn to_https(request: &RequestView<'_>) -> String {
        format!("https://{}{}", request.authority, request.target())
    }

    /// The value of the `Location` header.
    pub(super) fn location(&self, request: &RequestView<'_>) -> String {
        let scheme = self.scheme.as_deref().unwrap_or(RequestView::SCHEME);
        let host = match &self.authority {
            Some(authority) => authority,
            None => self.host_of(request, scheme),
        };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{host}{port}{}", self.target(request))
    }

    /// The host that was asked for, without its port where another is given or where it was the old scheme's.
    fn host_of<'r>(&self, request: &RequestView<'r>, scheme: &str) -> &'r str {
        let (host, port) = split_port(request.authority);
        let default_of_old_scheme = scheme != RequestView::SCHEME && port == Some(80);
        if self.port.is_some() || default_of_old_scheme { host } else { request.authority }
    }

    /// The new path with the request's query, unless it has one of its own.
    fn target(&self, request: &RequestView<'_>) -> String {
        match &self.path {
            None => request.target(),
            Some(path) if path.contains('?') => path.clone(),
            Some(path) => with_query(path, request.query),
        }
    }
}

fn status(code: u16) -> Result<StatusCode, BadCode> {
    match code {
        0 | 301 => Ok(StatusCode::MOVED_PERMANENTLY),
        302 => Ok(StatusCode::FOUND),
        303 => Ok(StatusCode::SEE_OTHER),
        307 => Ok(StatusCode::TEMPORARY_REDIRECT),
        308 => Ok(StatusCode::PERMANENT_REDIRECT),
        other => Err(BadCode(other)),
    }
}

/// The port to write: not the scheme's own.
fn explicit_port(written: &HttpRedirect, port: u16) -> Option<u16> {
    let from_request = written.derive_port.as_deref() == Some("FROM_REQUEST_PORT");
    let port = if from_request { Some(port) } else { written.port }?;
    let scheme = if written.scheme.is_empty() { RequestView::SCHEME } else { &written.scheme };
    (!matches!((scheme, port), ("http", 80) | ("https", 443))).then_some(port)
}

#[cfg(test)]
mod tests {
    use http::{Request, StatusCode};
    use serde_json::{Value, json};

    use super::{Redirect, RequestView};

    fn location(written: Value, host: &str) -> String {
        let parts = Request::get("/a/b?c=d").header("host", host).body(()).unwrap().into_parts().0;
        let redirect = Redirect::new(&serde_json::from_value(written).unwrap(), 8080).unwrap();
        redirect.location(&RequestView::of(&parts, 8080).unwrap())
    }

    #[test]
    fn what_is_not_written_stays() {
        assert_eq!(location(json!({}), "a.com:8080"), "http://a.com:8080/a/b?c=d");
    }

    #[test]
    fn a_new_path_keeps_the_query_unless_it_has_its_own() {
        assert_eq!(location(json!({ "uri": "/new" }), "a.com"), "http://a.com/new?c=d");
        assert_eq!(location(json!({ "uri": "/new?x" }), "a.com"), "http://a.com/new?x");
    }

    #[test]
    fn a_new_authority_and_scheme_take_the_old_ones_place() {
        assert_eq!(location(json!({ "authority": "b.com", "scheme": "https" }), "a.com"), "https://b.com/a/b?c=d");
    }

    #[test]
    fn the_old_schemes_port_goes_with_it() {
        assert_eq!(location(json!({ "scheme": "https" }), "a.com:80"), "https://a.com/a/b?c=d");
        assert_eq!(location(json!({ "scheme": "https" }), "a.com:8080"), "https://a.com:8080/a/b?c=d");
    }

    #[test]
    fn a_port_is_written_unless_it_is_the_schemes_own() {
        assert_eq!(location(json!({ "port": 8443, "scheme": "https" }), "a.com:80"), "https://a.com:8443/a/b?c=d");
        assert_eq!(location(json!({ "port": 9000 }), "a.com:8080"), "http://a.com:9000/a/b?c=d");
        assert_eq!(location(json!({ "port": 443, "scheme": "https" }), "a.com"), "https://a.com/a/b?c=d");
        assert_eq!(location(json!({ "derivePort": "FROM_REQUEST_PORT" }), "a.com"), "http://a.com:8080/a/b?c=d");
        assert_eq!(location(json!({ "derivePort": "FROM_PROTOCOL_DEFAULT" }), "a.com"), "http://a.com/a/b?c=d");
    }

    #[test]
    fn the_status_is_301_unless_written() {
        let status = |code: u16| {
            let written = serde_json::from_value(json!({ "redirectCode": code })).unwrap();
            Redirect::new(&written, 80).map(|redirect| redirect.status)
        };
        assert_eq!(status(0).unwrap(), StatusCode::MOVED_PERMANENTLY);
        assert_eq!(status(308).unwrap(), StatusCode::PERMANENT_REDIRECT);
        assert_eq!(status(304).unwrap_err().to_string(), "redirect code 304 is not supported");
    }
}
