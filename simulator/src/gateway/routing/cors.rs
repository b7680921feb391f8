//! Cross-origin requests: which scripts may read answers.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::matcher::{BadExpression, Matcher};
use super::request::RequestView;
use crate::gateway::istio::virtual_service::CorsPolicy;

/// Whose scripts may read answers, and of which requests.
#[derive(Debug)]
pub(super) struct Cors {
    origins: Vec<Matcher>,
    methods: String,
    headers: String,
    expose: String,
    max_age: String,
    credentials: bool,
}

impl Cors {
    /// The policy that an object writes.
    pub(super) fn new(written: &CorsPolicy) -> Result<Self, BadExpression> {
        Ok(Self {
            origins: written.allow_origins.iter().map(Matcher::new).collect::<Result<_, _>>()?,
            methods: written.allow_methods.join(","),
            headers: written.allow_headers.join(","),
            expose: written.expose_headers.join(","),
            max_age: written.max_age.map(|age| age.as_secs().to_string()).unwrap_or_default(),
            credentials: written.allow_credentials.unwrap_or_default(),
        })
    }

    /// The origin of the request, if its scripts may read the answer.
    fn allowed_origin<'r>(&self, request: &RequestView<'r>) -> Option<&'r HeaderValue> {
        let origin = request.headers.get(ORIGIN)?;
        let allowed = self.origins.iter().any(|matcher| matcher.holds(b"*") || matcher.holds(origin.as_bytes()));
        allowed.then_some(origin)
    }

    /// The headers of the answer to a preflight request of an allowed origin, which Envoy gives itself. Other requests,
    /// preflights of other origins among them, go on to the destination.
    pub(super) fn preflight(&self, request: &RequestView<'_>) -> Option<HeaderMap> {
        let method = request.headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
        if *request.method != Method::OPTIONS || method.is_empty() {
            return None;
        }
        let mut answer = HeaderMap::new();
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, self.allowed_origin(request)?.clone());
        let asked = request.headers.get(ACCESS_CONTROL_REQUEST_HEADERS);
        set(&mut answer, ACCESS_CONTROL_ALLOW_METHODS, &self.methods, Some(method));
        set(&mut answer, ACCESS_CONTROL_ALLOW_HEADERS, &self.headers, asked);
        set(&mut answer, ACCESS_CONTROL_EXPOSE_HEADERS, &self.expose, None);
        set(&mut answer, ACCESS_CONTROL_MAX_AGE, &self.max_age, None);
        self.allow_credentials(&mut answer);
        Some(answer)
    }

    /// The headers that go with any other answer.
    pub(super) fn response_headers(&self, request: &RequestView<'_>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(origin) = self.allowed_origin(request) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            set(&mut headers, ACCESS_CONTROL_EXPOSE_HEADERS, &self.expose, None);
            self.allow_credentials(&mut headers);
        }
        headers
    }

    fn allow_credentials(&self, headers: &mut HeaderMap) {
        if self.credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }
}

/// Sets a header to what the policy says; a star stands for what was asked.
fn set(headers: &mut HeaderMap, name: HeaderName, said: &str, asked: Option<&HeaderValue>) {
    let value = match asked {
        Some(asked) if said == "*" => Some(asked.clone()),
        _ => HeaderValue::from_str(said).ok(),
    };
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use http::request::Builder;
    use http::{HeaderMap, Method, Request};
    use serde_json::{Value, json};

    use super::{Cors, RequestView};

    fn policy() -> Value {
        json!({
            "allowOrigins": [{ "exact": "https://a.com" }, { "regex": "https://.*\\.b\\.com" }],
            "allowMethods": ["GET", "PUT"],
            "allowHeaders": ["x-one"],
            "exposeHeaders": ["x-two"],
            "maxAge": "24h",
            "allowCredentials": true,
        })
    }

    fn with<T>(policy: Value, request: Builder, ask: impl FnOnce(&Cors, &RequestView<'_>) -> T) -> T {
        let parts = request.uri("/").header("host", "api.com").body(()).unwrap().into_parts().0;
        let cors = Cors::new(&serde_json::from_value(policy).unwrap()).unwrap();
        ask(&cors, &RequestView::of(&parts, 80).unwrap())
    }

    fn preflight_from(origin: &str) -> Builder {
        Request::builder()
            .method(Method::OPTIONS)
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
    }

    fn written(headers: &HeaderMap) -> Vec<String> {
        let mut lines: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        lines
    }

    #[test]
    fn a_preflight_of_an_allowed_origin_is_answered() {
        let answer = with(policy(), preflight_from("https://x.b.com"), Cors::preflight).unwrap();
        assert_eq!(
            written(&answer),
            [
                "access-control-allow-credentials: true",
                "access-control-allow-headers: x-one",
                "access-control-allow-methods: GET,PUT",
                "access-control-allow-origin: https://x.b.com",
                "access-control-expose-headers: x-two",
                "access-control-max-age: 86400",
            ]
        );
    }

    #[test]
    fn a_preflight_of_another_origin_goes_on() {
        assert_eq!(with(policy(), preflight_from("https://evil.com"), Cors::preflight), None);
    }

    #[test]
    fn a_star_allows_what_was_asked() {
        let policy = json!({ "allowOrigins": [{ "exact": "*" }], "allowMethods": ["*"], "allowHeaders": ["*"] });
        let request = preflight_from("https://any.com").header("access-control-request-headers", "x-mine");
        let answer = with(policy, request, Cors::preflight).unwrap();
        assert_eq!(
            written(&answer),
            [
                "access-control-allow-headers: x-mine",
                "access-control-allow-methods: PUT",
                "access-control-allow-origin: https://any.com",
            ]
        );
    }

    #[test]
    fn other_requests_are_no_preflights() {
        let plain_options = Request::builder().method(Method::OPTIONS).header("origin", "https://a.com");
        assert_eq!(with(policy(), plain_options, Cors::preflight), None);
        let get = Request::get("/").header("origin", "https://a.com").header("access-control-request-method", "PUT");
        assert_eq!(with(policy(), get, Cors::preflight), None);
    }

    #[test]
    fn an_answer_tells_allowed_origins_what_their_scripts_may_read() {
        let of = |origin: &str| with(policy(), Request::get("/").header("origin", origin), Cors::response_headers);
        assert_eq!(
            written(&of("https://a.com")),
            [
                "access-control-allow-credentials: true",
                "access-control-allow-origin: https://a.com",
                "access-control-expose-headers: x-two",
            ]
        );
        assert!(of("https://evil.com").is_empty());
    }
}
