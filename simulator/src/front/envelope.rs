//! A request as it arrives: the common parameters from headers, the action's own from body or query.

use axum::body::{Body, to_bytes};
use axum::extract::Query;
use http::{HeaderMap, Method, Request, Uri, header};
use serde_json::{Map, Value};

use super::ApiError;

/// The largest body of a signed POST (API reference, "Signature v3": 10 MB).
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// How deep parameters may be nested, as in a body.
const MAX_DEPTH: usize = 127;

/// A request as it arrived.
pub(super) struct Envelope {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Envelope {
    /// Reads a request to its end.
    ///
    /// # Errors
    /// `RequestSizeLimitExceeded` where the body is too large or breaks off, `UnsupportedProtocol` for other methods.
    pub(super) async fn receive(request: Request<Body>) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        if parts.method != Method::GET && parts.method != Method::POST {
            return Err(ApiError::new("UnsupportedProtocol", "Only GET and POST requests are supported."));
        }
        let body = to_bytes(body, BODY_LIMIT)
            .await
            .map_err(|_| ApiError::new("RequestSizeLimitExceeded", "The request is larger than 10 MB."))?;
        add_host(&parts.uri, &mut parts.headers);
        Ok(Self { method: parts.method, uri: parts.uri, headers: parts.headers, body: body.into() })
    }

    pub(super) fn method(&self) -> &str {
        self.method.as_str()
    }

    pub(super) fn query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// A header's value, or nothing where it is absent or no text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A header that must be there.
    ///
    /// # Errors
    /// `MissingParameter`.
    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.header(name).ok_or_else(|| {
            ApiError::new("MissingParameter", format!("The request is missing the common parameter `{name}`."))
        })
    }

    /// The action's own parameters.
    ///
    /// # Errors
    /// `InvalidParameter` where the body or query is not of a form that the API takes.
    pub(super) fn parameters(&self) -> Result<Map<String, Value>, ApiError> {
        let invalid = |what: &str| ApiError::new("InvalidParameter", format!("The {what}."));
        if self.method == Method::GET {
            let pairs = Query::<Vec<(String, String)>>::try_from_uri(&self.uri);
            let pairs = pairs.map_err(|_| invalid("query is not form-urlencoded"))?.0;
            return unflatten(pairs).ok_or_else(|| invalid("query is nested too deeply"));
        }
        let content_type = self.header("content-type").unwrap_or_default();
        if content_type.split(';').next().map(str::trim) != Some("application/json") {
            return Err(ApiError::new("UnsupportedProtocol", "A POST request must be `application/json`."));
        }
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Map::new());
        }
        serde_json::from_slice(&self.body).map_err(|_| invalid("body is not a JSON object"))
    }
}

/// An HTTP/1.0 client may send no `Host`; what it asked for stands in the request's target then.
fn add_host(uri: &Uri, headers: &mut HeaderMap) {
    if let Some(value) = uri.authority().and_then(|authority| authority.as_str().parse().ok()) {
        headers.entry(header::HOST).or_insert(value);
    }
}

/// Turns `Filters.0.Values.1=x` into nested members (API reference, "Request structure": indexes begin at 0); nothing where
/// they would be nested deeper than JSON may be.
fn unflatten(pairs: Vec<(String, String)>) -> Option<Map<String, Value>> {
    let mut root = Map::new();
    for (name, text) in pairs {
        if name.matches('.').count() > MAX_DEPTH {
            return None;
        }
        insert(&mut root, &name, text);
    }
    Some(root.into_iter().map(|(name, value)| (name, lists(value))).collect())
}

fn insert(members: &mut Map<String, Value>, name: &str, text: String) {
    match name.split_once('.') {
        None => {
            members.insert(name.to_owned(), Value::String(text));
        }
        Some((first, rest)) => {
            let inner = members.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, text);
            }
        }
    }
}

/// Turns objects whose members are all numbered into lists.
fn lists(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let mut numbered: Vec<(Option<usize>, String, Value)> =
        members.into_iter().map(|(name, value)| (name.parse().ok(), name, lists(value))).collect();
    if numbered.iter().any(|(number, ..)| number.is_none()) {
        return Value::Object(numbered.into_iter().map(|(_, name, value)| (name, value)).collect());
    }
    numbered.sort_by_key(|(number, ..)| *number);
    Value::Array(numbered.into_iter().map(|(.., value)| value).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn parameters(method: &str, uri: &str, body: &str) -> Result<Map<String, Value>, ApiError> {
        let request =
            Request::builder().method(method).uri(uri).header("content-type", "application/json; charset=utf-8");
        Envelope::receive(request.body(Body::from(body.to_owned())).unwrap()).await?.parameters()
    }

    #[tokio::test]
    async fn a_query_is_nested_by_its_dots() {
        let query = "/?Filters.0.Name=ccn-id&Filters.0.Values.1=b+c&Filters.0.Values.0=%E4%B8%AD&Limit=20";
        let expected = json!({"Filters": [{"Name": "ccn-id", "Values": ["中", "b c"]}], "Limit": "20"});
        assert_eq!(Value::Object(parameters("GET", query, "").await.unwrap()), expected);
    }

    #[tokio::test]
    async fn parameters_that_are_nested_without_end_are_refused() {
        let query = format!("/?{}a=b", "a.".repeat(30_000));
        assert_eq!(parameters("GET", &query, "").await.unwrap_err().code, "InvalidParameter");
        let body = format!("{{\"A\":{}", "[".repeat(30_000));
        assert_eq!(parameters("POST", "/", &body).await.unwrap_err().code, "InvalidParameter");
    }

    #[tokio::test]
    async fn an_empty_body_has_no_parameters() {
        for body in ["", "  \n", "{}"] {
            assert!(parameters("POST", "/", body).await.unwrap().is_empty(), "{body:?}");
        }
    }

    #[tokio::test]
    async fn what_is_no_json_object_is_refused() {
        for body in ["[]", "{", "text"] {
            assert_eq!(parameters("POST", "/", body).await.unwrap_err().code, "InvalidParameter", "{body}");
        }
        assert_eq!(parameters("PUT", "/", "{}").await.unwrap_err().code, "UnsupportedProtocol");
    }

    #[tokio::test]
    async fn the_host_of_an_absolute_target_is_used_where_there_is_no_other() {
        let request = Request::builder().uri("http://vpc.tencentcloudapi.com/").body(Body::empty()).unwrap();
        assert_eq!(Envelope::receive(request).await.unwrap().header("host"), Some("vpc.tencentcloudapi.com"));
    }
}
