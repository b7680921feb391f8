//! `VirtualService`: which request goes where. Only `http` is read; `tls` and `tcp` are not served here.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::duration;

/// The specification of a `VirtualService`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct VirtualServiceSpec {
    /// The hosts it is about.
    pub(crate) hosts: Vec<String>,
    /// The gateways that follow it, `name` or `namespace/name`.
    pub(crate) gateways: Vec<String>,
    /// Rules; the first that matches decides.
    pub(crate) http: Vec<HttpRoute>,
    /// Namespaces that see it.
    pub(crate) export_to: Vec<String>,
}

/// A rule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HttpRoute {
    /// Its name, for people.
    pub(crate) name: String,
    /// Conditions, of which one must hold; none matches everything.
    #[serde(rename = "match")]
    pub(crate) matches: Vec<HttpMatchRequest>,
    /// Where requests go.
    pub(crate) route: Vec<HttpRouteDestination>,
    /// Answers with a redirect.
    pub(crate) redirect: Option<HttpRedirect>,
    /// Answers with a fixed response.
    pub(crate) direct_response: Option<HttpDirectResponse>,
    /// Leaves the rule to another object.
    pub(crate) delegate: Option<serde::de::IgnoredAny>,
    /// Changes path and authority.
    pub(crate) rewrite: Option<HttpRewrite>,
    /// How long all attempts may take together.
    #[serde(deserialize_with = "duration::optional")]
    pub(crate) timeout: Option<Duration>,
    /// When to try again.
    pub(crate) retries: Option<HttpRetry>,
    /// Failures put in on purpose.
    pub(crate) fault: Option<HttpFaultInjection>,
    /// Gets a copy of the requests.
    pub(crate) mirror: Option<Destination>,
    /// Get copies of the requests.
    pub(crate) mirrors: Vec<HttpMirrorPolicy>,
    /// Of how many requests `mirror` gets a copy; all where it and `mirrorPercent` are absent.
    pub(crate) mirror_percentage: Option<Percent>,
    /// The older, whole number.
    pub(crate) mirror_percent: Option<u32>,
    /// Whose scripts may read the answers.
    pub(crate) cors_policy: Option<CorsPolicy>,
    /// Changes headers.
    pub(crate) headers: Headers,
}

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HttpMatchRequest {
    /// On the path.
    pub(crate) uri: Option<StringMatch>,
    /// On the scheme.
    pub(crate) scheme: Option<StringMatch>,
    /// On the method.
    pub(crate) method: Option<StringMatch>,
    /// On the `Host` header.
    pub(crate) authority: Option<StringMatch>,
    /// On headers, by name.
    pub(crate) headers: BTreeMap<String, StringMatch>,
    /// On headers, by name: what must not match.
    pub(crate) without_headers: BTreeMap<String, StringMatch>,
    /// On query parameters, by name.
    pub(crate) query_params: BTreeMap<String, StringMatch>,
    /// Whether letters of the path match in either case.
    pub(crate) ignore_uri_case: bool,
    /// The port of the gateway.
    pub(crate) port: Option<u16>,
    /// Labels of the gateway's pods.
    pub(crate) source_labels: BTreeMap<String, String>,
    /// The namespace of the gateway's pods.
    pub(crate) source_namespace: String,
    /// The gateways for which the rule counts.
    pub(crate) gateways: Vec<String>,
}

/// A condition on a text. Exactly one member is set; none asks for presence.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct StringMatch {
    /// The whole text.
    pub(crate) exact: Option<String>,
    /// Its beginning.
    pub(crate) prefix: Option<String>,
    /// An RE2 expression for the whole text.
    pub(crate) regex: Option<String>,
}

/// A destination with its share.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HttpRouteDestination {
    /// Where requests go.
    pub(crate) destination: Destination,
    /// Its share.
    pub(crate) weight: i64,
    /// Changes headers.
    pub(crate) headers: Headers,
}

/// A service, or a subset of one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Destination {
    /// The service's name.
    pub(crate) host: String,
    /// The subset's name.
    pub(crate) subset: String,
    /// The service's port.
    pub(crate) port: Option<PortSelector>,
}

/// A port by number.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PortSelector {
    /// The number.
    pub(crate) number: u16,
}

/// A redirect.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HttpRedirect {
    /// The new path.
    pub(crate) uri: String,
    /// The new authority.
    pub(crate) authority: String,
    /// The new port.
    pub(crate) port: Option<u16>,
    /// `FROM_PROTOCOL_DEFAULT` or `FROM_REQUEST_PORT`.
    pub(crate) derive_port: Option<String>,
    /// The new scheme.
    pub(crate) scheme: String,
    /// The status; 301 where it is 0.
    pub(crate) redirect_code: u16,
}

/// A fixed response.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HttpDirectResponse {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: HttpBody,
}

/// The body of a fixed response.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HttpBody {
    /// As text.
    pub(crate) string: String,
    /// In base64.
    pub(crate) bytes: String,
}

/// New path and authority.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HttpRewrite {
    /// Replaces what the rule's condition matched of the path.
    pub(crate) uri: String,
    /// Replaces the `Host` header.
    pub(crate) authority: String,
}

/// When to try again.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HttpRetry {
    /// How often at most.
    pub(crate) attempts: i32,
    /// How long one attempt may take.
    #[serde(deserialize_with = "duration::optional")]
    pub(crate) per_try_timeout: Option<Duration>,
    /// After what, as a list with commas.
    pub(crate) retry_on: String,
}

/// Failures put in on purpose.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HttpFaultInjection {
    /// A wait.
    pub(crate) delay: Option<Delay>,
    /// An error.
    pub(crate) abort: Option<Abort>,
}

/// A wait put in on purpose.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Delay {
    /// Of how many requests; none where it and `percent` are absent.
    pub(crate) percentage: Option<Percent>,
    /// The older, whole number.
    pub(crate) percent: u32,
    /// How long.
    #[serde(deserialize_with = "duration::optional")]
    pub(crate) fixed_delay: Option<Duration>,
}

/// An error put in on purpose.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Abort {
    /// Of how many requests; none where it is absent.
    pub(crate) percentage: Percent,
    /// The status.
    pub(crate) http_status: Option<u16>,
}

/// A share of a hundred.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Percent {
    /// 0 to 100.
    pub(crate) value: f64,
}

/// Who gets copies, and of how many requests.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HttpMirrorPolicy {
    /// Who.
    pub(crate) destination: Destination,
    /// All where it is absent.
    pub(crate) percentage: Option<Percent>,
}

/// Whose scripts may read answers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct CorsPolicy {
    /// Origins.
    pub(crate) allow_origins: Vec<StringMatch>,
    /// Methods.
    pub(crate) allow_methods: Vec<String>,
    /// Headers of requests.
    pub(crate) allow_headers: Vec<String>,
    /// Headers of answers.
    pub(crate) expose_headers: Vec<String>,
    /// How long the answer to a preflight request counts.
    #[serde(deserialize_with = "duration::optional")]
    pub(crate) max_age: Option<Duration>,
    /// Whether credentials may be sent.
    pub(crate) allow_credentials: Option<bool>,
}

/// Changes of headers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Headers {
    /// Of the request, before it is sent on.
    pub(crate) request: HeaderOperations,
    /// Of the answer.
    pub(crate) response: HeaderOperations,
}

/// Changes of the headers of one message.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct HeaderOperations {
    /// Headers that replace those of the same name.
    pub(crate) set: BTreeMap<String, String>,
    /// Headers that come beside those of the same name.
    pub(crate) add: BTreeMap<String, String>,
    /// Names of headers that go.
    pub(crate) remove: Vec<String>,
}
