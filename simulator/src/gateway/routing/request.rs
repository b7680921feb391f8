//! A request as the rules see it.

use std::borrow::Cow;

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, Method};

/// What the rules decide on: a request to a port of a gateway.
#[derive(Clone, Debug)]
pub struct RequestView<'r> {
    /// The gateway's port.
    pub port: u16,
    /// The method.
    pub method: &'r Method,
    /// The host that is asked for, as the client wrote it, with its port if it gave one.
    pub authority: &'r str,
    /// The path, without `.` and `..`, as Istio has Envoy normalise it by default.
    pub path: Cow<'r, str>,
    /// What follows the question mark.
    pub query: Option<&'r str>,
    /// The headers.
    pub headers: &'r HeaderMap,
}

impl<'r> RequestView<'r> {
    /// The scheme: gateways terminate no TLS here.
    pub(super) const SCHEME: &'static str = "http";

    /// A request to `port`, or nothing when it names no host.
    pub fn of(parts: &'r Parts, port: u16) -> Option<Self> {
        let authority = match parts.uri.authority() {
            Some(authority) => authority.as_str(),
            None => parts.headers.get(HOST)?.to_str().ok()?,
        };
        Some(Self {
            port,
            method: &parts.method,
            authority,
            path: normalised(parts.uri.path()),
            query: parts.uri.query(),
            headers: &parts.headers,
        })
    }

    /// Path and query, as in the request line.
    pub(crate) fn target(&self) -> String {
        with_query(&self.path, self.query)
    }

    /// The first value of a query parameter, as it is written: escapes are not resolved.
    pub(super) fn query_parameter(&self, name: &str) -> Option<&'r str> {
        let mut pairs = self.query?.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The values of a header; none where it is not there.
    pub(super) fn header_values(&self, name: &str) -> Vec<&'r [u8]> {
        self.headers.get_all(name).iter().map(http::HeaderValue::as_bytes).collect()
    }
}

/// A path with its query.
pub(super) fn with_query(path: &str, query: Option<&str>) -> String {
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}

/// The path without dot segments and with slashes only.
fn normalised(path: &str) -> Cow<'_, str> {
    let plain = !path.contains('\\') && !path.split('/').any(|segment| matches!(segment, "." | ".."));
    if plain {
        return Cow::Borrowed(path);
    }
    let path = path.replace('\\', "/");
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let dots = matches!(segment, "." | "..");
        if segment == ".." {
            kept.pop();
        }
        if !dots {
            kept.push(segment);
        } else if segments.peek().is_none() {
            kept.push("");
        }
    }
    Cow::Owned(format!("/{}", kept.join("/")))
}

#[cfg(test)]
mod tests {
    use http::Request;
    use http::request::Parts;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::{RequestView, normalised};

    fn parts(request: http::request::Builder) -> Parts {
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_host_is_that_of_an_absolute_target_or_of_the_header() {
        let header = parts(Request::get("/").header("host", "a.com:80"));
        let absolute = parts(Request::get("http://b.com/").header("host", "a.com"));
        assert_eq!(RequestView::of(&header, 80).unwrap().authority, "a.com:80");
        assert_eq!(RequestView::of(&absolute, 80).unwrap().authority, "b.com");
        assert!(RequestView::of(&parts(Request::get("/")), 80).is_none());
    }

    #[test]
    fn the_first_of_several_query_parameters_counts() {
        let parts = parts(Request::get("/?a=1&a=2&b&c=%20").header("host", "a.com"));
        let view = RequestView::of(&parts, 80).unwrap();
        assert_eq!(view.query_parameter("a"), Some("1"));
        assert_eq!(view.query_parameter("b"), Some(""));
        assert_eq!(view.query_parameter("c"), Some("%20"));
        assert_eq!(view.query_parameter("d"), None);
    }

    #[test]
    fn a_header_has_all_its_values() {
        let parts = parts(Request::get("/").header("host", "a.com").header("x", "1").header("x", "2"));
        let view = RequestView::of(&parts, 80).unwrap();
        assert_eq!(view.header_values("x"), [b"1", b"2"]);
        assert!(view.header_values("y").is_empty());
    }

    #[test]
    fn dot_segments_are_resolved() {
        for (path, expected) in [
            ("/a/b", "/a/b"),
            ("/a/./b", "/a/b"),
            ("/a/../b", "/b"),
            ("/../../b", "/b"),
            ("/a/..", "/"),
            ("/a/b/.", "/a/b/"),
            ("/a//b", "/a//b"),
            ("/a\\..\\b", "/b"),
            ("/a/...", "/a/..."),
        ] {
            assert_eq!(normalised(path), expected, "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_normalised_path_has_no_dot_segments_and_stays_as_it_is(path in r"/[a.\\/]{0,12}") {
            let once = normalised(&path).into_owned();
            prop_assert!(once.starts_with('/') && !once.split('/').any(|segment| segment == "." || segment == ".."));
            prop_assert_eq!(normalised(&once).into_owned(), once);
        }
    }
}
