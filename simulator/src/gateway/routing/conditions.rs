//! Conditions of a rule on a request. All must hold.

use super::matcher::{BadExpression, Matcher};
use super::request::RequestView;
use crate::gateway::istio::virtual_service::{HttpMatchRequest, StringMatch};
use crate::gateway::version::Version;

/// A condition on the path.
#[derive(Debug)]
pub(super) struct PathCondition {
    matcher: Matcher,
    ignore_case: bool,
    is_catch_all: bool,
}

impl PathCondition {
    /// The condition that an object writes; none is the prefix `/`.
    fn new(uri: Option<&StringMatch>, ignore_case: bool, version: Version) -> Result<Self, BadExpression> {
        let any = uri.and_then(|uri| uri.regex.as_deref()) == Some(".*") && version.any_expression_is_catch_all();
        let matcher = uri.map(Matcher::new).transpose()?.unwrap_or(Matcher::Present);
        let matcher = if matches!(matcher, Matcher::Present) { Matcher::Prefix("/".into()) } else { matcher };
        let is_catch_all = any || matches!(&matcher, Matcher::Prefix(prefix) if prefix == "/");
        Ok(Self { matcher, ignore_case, is_catch_all })
    }

    fn holds(&self, path: &str) -> bool {
        match &self.matcher {
            Matcher::Exact(exact) if self.ignore_case => path.eq_ignore_ascii_case(exact),
            Matcher::Prefix(prefix) if self.ignore_case => {
                path.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
            }
            matcher => matcher.holds(path.as_bytes()),
        }
    }

    /// The path after `replacement` has taken the place of what matched: a prefix, or else all of it. It is the text
    /// alone that is replaced, so `/two` by `/` makes `//a` of `/two/a`, as in Envoy.
    pub(super) fn rewritten(&self, path: &str, replacement: &str) -> String {
        let rest = match &self.matcher {
            Matcher::Prefix(prefix) => path.get(prefix.len()..).unwrap_or_default(),
            _ => "",
        };
        let path = format!("{replacement}{rest}");
        // HTTP knows no other paths.
        if path.starts_with('/') { path } else { format!("/{path}") }
    }
}

/// A condition on a header.
#[derive(Debug)]
struct HeaderCondition {
    name: String,
    matcher: Matcher,
    without: bool,
    holds_if_absent: bool,
    values_by_themselves: bool,
}

impl HeaderCondition {
    fn with(name: &str, text: &StringMatch, version: Version) -> Result<Self, BadExpression> {
        let values_by_themselves = version.header_values_match_by_themselves();
        let (name, matcher) = (name.to_owned(), Matcher::new(text)?);
        Ok(Self { name, matcher, without: false, holds_if_absent: false, values_by_themselves })
    }

    fn without(name: &str, text: &StringMatch, version: Version) -> Result<Self, BadExpression> {
        let with = Self::with(name, text, version)?;
        let holds_if_absent = matches!(with.matcher, Matcher::Present) || version.absent_headers_are_without();
        Ok(Self { without: true, holds_if_absent, ..with })
    }

    fn holds(&self, request: &RequestView<'_>) -> bool {
        let values = request.header_values(&self.name);
        match &*values {
            [] => self.holds_if_absent,
            several if self.values_by_themselves => {
                several.iter().any(|value| self.matcher.holds(value)) != self.without
            }
            several => self.matcher.holds(&several.join(&b',')) != self.without,
        }
    }
}

/// All conditions of one entry of `match`.
#[derive(Debug)]
pub(super) struct Conditions {
    path: PathCondition,
    headers: Vec<HeaderCondition>,
    query: Vec<(String, Matcher)>,
    method: Option<Matcher>,
    authority: Option<Matcher>,
    scheme: Option<Matcher>,
}

impl Conditions {
    /// The conditions that an object writes.
    pub(super) fn new(written: &HttpMatchRequest, version: Version) -> Result<Self, BadExpression> {
        let with = written.headers.iter().map(|(name, text)| HeaderCondition::with(name, text, version));
        let without = written.without_headers.iter().map(|(name, text)| HeaderCondition::without(name, text, version));
        let parameter = |(name, text): (&String, &StringMatch)| Ok((name.clone(), parameter_matcher(text, version)?));
        Ok(Self {
            path: PathCondition::new(written.uri.as_ref(), written.ignore_uri_case, version)?,
            headers: with.chain(without).collect::<Result<_, _>>()?,
            query: written.query_params.iter().map(parameter).collect::<Result<_, _>>()?,
            method: written.method.as_ref().map(Matcher::new).transpose()?,
            authority: written.authority.as_ref().map(Matcher::new).transpose()?,
            scheme: written.scheme.as_ref().map(Matcher::new).transpose()?,
        })
    }

    /// Whether the request fulfils them.
    pub(super) fn hold(&self, request: &RequestView<'_>) -> bool {
        self.path.holds(&request.path)
            && holds(self.method.as_ref(), request.method.as_str())
            && holds(self.authority.as_ref(), request.authority)
            && holds(self.scheme.as_ref(), RequestView::SCHEME)
            && self.headers.iter().all(|header| header.holds(request))
            && self.query.iter().all(|(name, matcher)| parameter_holds(name, matcher, request))
    }

    /// Whether every request fulfils them.
    pub(super) fn is_catch_all(&self) -> bool {
        let others = [&self.method, &self.authority, &self.scheme];
        self.path.is_catch_all
            && self.headers.is_empty()
            && self.query.is_empty()
            && others.iter().all(|other| other.is_none())
    }

    /// The condition on the path.
    pub(super) fn path(&self) -> &PathCondition {
        &self.path
    }
}

fn parameter_matcher(text: &StringMatch, version: Version) -> Result<Matcher, BadExpression> {
    let presence_only = text.prefix.is_some() && !version.query_prefixes_count();
    if presence_only { Ok(Matcher::Present) } else { Matcher::new(text) }
}

fn parameter_holds(name: &str, matcher: &Matcher, request: &RequestView<'_>) -> bool {
    request.query_parameter(name).is_some_and(|value| matcher.holds(value.as_bytes()))
}

fn holds(matcher: Option<&Matcher>, text: &str) -> bool {
    matcher.is_none_or(|matcher| matcher.holds(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use http::Request;
    use proptest::prelude::{prop_assert_eq, proptest};
    use serde_json::{Value, json};

    use super::{Conditions, RequestView};

    fn conditions(written: Value, version: &str) -> Conditions {
        Conditions::new(&serde_json::from_value(written).unwrap(), version.parse().unwrap()).unwrap()
    }

    fn matches_in(version: &str, written: Value, request: http::request::Builder) -> bool {
        let parts = request.header("host", "a.com:80").body(()).unwrap().into_parts().0;
        conditions(written, version).hold(&RequestView::of(&parts, 80).unwrap())
    }

    fn matches(written: Value, request: http::request::Builder) -> bool {
        matches_in("1.18.5", written, request)
    }

    #[test]
    fn no_condition_matches_everything() {
        assert!(matches(json!({}), Request::post("/any?thing=1")));
    }

    #[test]
    fn an_exact_path_is_the_whole_path_without_its_query() {
        assert!(matches(json!({ "uri": { "exact": "/a" } }), Request::get("/a?b=1")));
        assert!(!matches(json!({ "uri": { "exact": "/a" } }), Request::get("/a/")));
    }

    #[test]
    fn a_prefix_is_a_beginning_of_the_text_and_not_of_segments() {
        assert!(matches(json!({ "uri": { "prefix": "/two" } }), Request::get("/two/a")));
        assert!(matches(json!({ "uri": { "prefix": "/two" } }), Request::get("/twofold")));
        assert!(!matches(json!({ "uri": { "prefix": "/two" } }), Request::get("/one")));
    }

    #[test]
    fn an_expression_must_match_the_whole_path() {
        assert!(matches(json!({ "uri": { "regex": "/v[0-9]+/.*" } }), Request::get("/v12/a")));
        assert!(!matches(json!({ "uri": { "regex": "/v[0-9]+" } }), Request::get("/v12/a")));
        assert!(matches(json!({ "uri": { "regex": r"\/v\d|\/w" } }), Request::get("/w")));
    }

    #[test]
    fn letters_of_a_path_match_in_either_case_on_demand_only() {
        let ignoring = |uri: Value| json!({ "uri": uri, "ignoreUriCase": true });
        assert!(!matches(json!({ "uri": { "exact": "/A" } }), Request::get("/a")));
        assert!(matches(ignoring(json!({ "exact": "/A" })), Request::get("/a")));
        assert!(matches(ignoring(json!({ "prefix": "/A" })), Request::get("/ab")));
        assert!(!matches(ignoring(json!({ "prefix": "/abc" })), Request::get("/ab")));
        assert!(
            !matches(ignoring(json!({ "regex": "/A" })), Request::get("/a")),
            "expressions have a flag of their own"
        );
    }

    #[test]
    fn methods_match_by_text() {
        assert!(matches(json!({ "method": { "exact": "GET" } }), Request::get("/")));
        assert!(!matches(json!({ "method": { "exact": "GET" } }), Request::post("/")));
        assert!(matches(json!({ "method": { "regex": "GET|POST" } }), Request::post("/")));
    }

    #[test]
    fn the_authority_is_that_of_the_header_with_its_port() {
        assert!(matches(json!({ "authority": { "exact": "a.com:80" } }), Request::get("/")));
        assert!(!matches(json!({ "authority": { "exact": "a.com" } }), Request::get("/")));
    }

    #[test]
    fn the_scheme_is_http() {
        assert!(matches(json!({ "scheme": { "exact": "http" } }), Request::get("/")));
        assert!(!matches(json!({ "scheme": { "exact": "https" } }), Request::get("/")));
    }

    #[test]
    fn headers_match_by_value_or_by_presence() {
        let canary = |text: Value| json!({ "headers": { "X-Canary": text } });
        assert!(matches(canary(json!({ "exact": "yes" })), Request::get("/").header("x-canary", "yes")));
        assert!(!matches(canary(json!({ "exact": "yes" })), Request::get("/").header("x-canary", "no")));
        assert!(!matches(canary(json!({ "exact": "yes" })), Request::get("/")));
        for anything in [json!({}), json!({ "regex": "*" })] {
            assert!(matches(canary(anything.clone()), Request::get("/").header("x-canary", "no")));
            assert!(!matches(canary(anything), Request::get("/")));
        }
    }

    #[test]
    fn a_header_that_matches_without_headers_is_refused() {
        let without = json!({ "withoutHeaders": { "x-debug": { "exact": "1" } } });
        assert!(!matches(without.clone(), Request::get("/").header("x-debug", "1")));
        assert!(matches(without, Request::get("/").header("x-debug", "2")));
        let absent = json!({ "withoutHeaders": { "x-debug": {} } });
        assert!(matches(absent.clone(), Request::get("/")));
        assert!(!matches(absent, Request::get("/").header("x-debug", "2")));
    }

    #[test]
    fn an_absent_header_is_without_a_value_from_1_22_on() {
        let without = json!({ "withoutHeaders": { "x-debug": { "exact": "1" } } });
        assert!(!matches_in("1.21.0", without.clone(), Request::get("/")));
        assert!(matches_in("1.22.0", without, Request::get("/")));
    }

    #[test]
    fn several_values_of_a_header_are_one_text_and_from_1_31_on_each_its_own() {
        let is = |text: &str| json!({ "headers": { "x": { "exact": text } } });
        let without = json!({ "withoutHeaders": { "x": { "exact": "1" } } });
        let twice = || Request::get("/").header("x", "1").header("x", "2");
        assert!(matches_in("1.30.0", is("1,2"), twice()) && !matches_in("1.30.0", is("2"), twice()));
        assert!(!matches_in("1.31.0", is("1,2"), twice()) && matches_in("1.31.0", is("2"), twice()));
        assert!(matches_in("1.30.0", without.clone(), twice()) && !matches_in("1.31.0", without, twice()));
    }

    #[test]
    fn query_parameters_match_by_value_or_by_presence() {
        assert!(matches(json!({ "queryParams": { "v": { "exact": "2" } } }), Request::get("/?u=1&v=2")));
        assert!(!matches(json!({ "queryParams": { "v": { "exact": "2" } } }), Request::get("/?v=3")));
        assert!(matches(json!({ "queryParams": { "v": {} } }), Request::get("/?v")));
        assert!(!matches(json!({ "queryParams": { "v": {} } }), Request::get("/")));
    }

    #[test]
    fn a_query_parameter_matches_by_prefix_from_1_18_on() {
        let prefix = json!({ "queryParams": { "v": { "prefix": "2." } } });
        assert!(matches_in("1.16.5", prefix.clone(), Request::get("/?v=3")));
        assert!(!matches_in("1.18.5", prefix.clone(), Request::get("/?v=3")));
        assert!(matches_in("1.18.5", prefix, Request::get("/?v=2.1")));
    }

    #[test]
    fn all_conditions_must_hold() {
        let both = json!({ "uri": { "prefix": "/a" }, "method": { "exact": "GET" } });
        assert!(matches(both.clone(), Request::get("/a")));
        assert!(!matches(both.clone(), Request::post("/a")));
        assert!(!matches(both, Request::get("/b")));
    }

    #[test]
    fn only_conditions_that_always_hold_are_catch_all() {
        for all in [json!({}), json!({ "uri": { "prefix": "/" } }), json!({ "uri": { "regex": "*" } })] {
            assert!(conditions(all, "1.18.5").is_catch_all());
        }
        for some in [json!({ "uri": { "prefix": "/a" } }), json!({ "method": { "exact": "GET" } })] {
            assert!(!conditions(some, "1.18.5").is_catch_all());
        }
        let any = json!({ "uri": { "regex": ".*" } });
        assert!(!conditions(any.clone(), "1.18.5").is_catch_all());
        assert!(conditions(any, "1.31.0").is_catch_all());
    }

    #[test]
    fn a_rewrite_replaces_what_matched() {
        let rewritten = |uri: Value, path| conditions(json!({ "uri": uri }), "1.18.5").path().rewritten(path, "/new");
        assert_eq!(rewritten(json!({ "prefix": "/old" }), "/old/a"), "/new/a");
        assert_eq!(rewritten(json!({ "prefix": "/old" }), "/older"), "/newer");
        assert_eq!(rewritten(json!({ "exact": "/old" }), "/old"), "/new");
        assert_eq!(rewritten(json!({ "regex": "/o.*" }), "/old/a"), "/new");
        assert_eq!(conditions(json!({}), "1.18.5").path().rewritten("/a", "/"), "/a");
        assert_eq!(conditions(json!({ "uri": { "prefix": "/two" } }), "1.18.5").path().rewritten("/two/a", "/"), "//a");
    }

    proptest! {
        #[test]
        fn a_rewritten_prefix_keeps_the_rest(prefix in "/[a-z]{0,5}", rest in "[a-z/]{0,8}", new in "/[a-z]{0,5}") {
            let conditions = conditions(json!({ "uri": { "prefix": prefix } }), "1.18.5");
            prop_assert_eq!(conditions.path().rewritten(&format!("{prefix}{rest}"), &new), format!("{new}{rest}"));
        }
    }
}
