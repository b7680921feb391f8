//! Which requests a rule is for.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::json::{entries, map, member, object, text};
use super::super::values;
use crate::framework::Model;

/// Conditions that a request satisfies all together.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Match {
    /// The path.
    #[tf(block)]
    pub path: Option<PathMatch>,
    /// Whether upper and lower case are the same in `exact` and `prefix` of the path, for example `true`.
    #[tf(optional)]
    pub ignore_path_case: Option<bool>,
    /// The method, one of these, for example `["GET", "HEAD"]`.
    #[tf(optional, each = values::method)]
    pub methods: Vec<String>,
    /// Headers by their names in lower case, for example `{ x-user = { exact = "alice" } }`; `{ x-debug = {} }` asks only that there is one.
    #[tf(optional, each = check_text)]
    pub headers: BTreeMap<String, TextMatch>,
    /// Headers that must not be so, for example `{ x-user = { prefix = "test-" } }`.
    #[tf(optional, each = check_text)]
    pub without_headers: BTreeMap<String, TextMatch>,
    /// Query parameters by their names, for example `{ version = { exact = "2" } }`.
    #[tf(optional, each = check_text)]
    pub query: BTreeMap<String, TextMatch>,
    /// The port that the request came to, for example `80`.
    #[tf(optional, range(1..=65535))]
    pub port: Option<i64>,
}

/// A path: exactly one of the arguments.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct PathMatch {
    /// The whole path, for example `/health`.
    #[tf(optional, check = values::path)]
    pub exact: Option<String>,
    /// How the path begins, for example `/api/`.
    #[tf(optional, check = values::path)]
    pub prefix: Option<String>,
    /// A regular expression (RE2) for the whole path, for example `/v[0-9]+/.*`.
    #[tf(optional, check = values::regex)]
    pub regex: Option<String>,
}

/// A text: one of the arguments.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct TextMatch {
    /// The whole text, for example `alice`.
    #[tf(optional)]
    pub exact: Option<String>,
    /// How the text begins, for example `test-`.
    #[tf(optional, length(1..=1024))]
    pub prefix: Option<String>,
    /// A regular expression (RE2) for the whole text, for example `[0-9]+`.
    #[tf(optional, check = values::regex)]
    pub regex: Option<String>,
}

fn check_text(text: &TextMatch) -> Result<(), String> {
    let set = [&text.exact, &text.prefix, &text.regex].into_iter().flatten().count();
    if set > 1 { Err("Expected one of `exact`, `prefix` and `regex`.".into()) } else { Ok(()) }
}

impl Match {
    pub(super) fn to_istio(&self) -> Value {
        let Self { path, ignore_path_case, methods, headers, without_headers, query, port } = self;
        let texts =
            |texts: &BTreeMap<String, TextMatch>| map(texts.iter().map(|(name, text)| (name.clone(), text.to_istio())));
        object([
            ("uri", path.as_ref().map(PathMatch::to_istio).into()),
            ("ignoreUriCase", (*ignore_path_case).into()),
            ("method", method(methods)),
            ("headers", texts(headers)),
            ("withoutHeaders", texts(without_headers)),
            ("queryParams", texts(query)),
            ("port", (*port).into()),
        ])
    }

    pub(super) fn of_istio(live: &Value) -> Self {
        let texts = |name| entries(live, name).map(|(name, text)| (name, TextMatch::of_istio(text))).collect();
        Self {
            path: member(live, "uri").map(PathMatch::of_istio),
            ignore_path_case: live["ignoreUriCase"].as_bool(),
            methods: methods(&live["method"]),
            headers: texts("headers"),
            without_headers: texts("withoutHeaders"),
            query: texts("queryParams"),
            port: live["port"].as_i64(),
        }
    }
}

/// Several methods are one regular expression to Istio, which knows no lists here.
fn method(methods: &[String]) -> Value {
    match methods {
        [] => Value::Null,
        [method] => object([("exact", (&**method).into())]),
        methods => object([("regex", methods.join("|").into())]),
    }
}

fn methods(live: &Value) -> Vec<String> {
    let parts = |text: &str| text.split('|').map(Into::into).collect();
    // A prefix is no list of methods: it shows as the pattern that it is.
    let prefix = || text(live, "prefix").map(|prefix| vec![format!("{prefix}.*")]);
    text(live, "exact")
        .map(|method| vec![method])
        .or_else(|| text(live, "regex").map(|text| parts(&text)))
        .or_else(prefix)
        .unwrap_or_default()
}

impl PathMatch {
    fn to_istio(&self) -> Value {
        let Self { exact, prefix, regex } = self;
        string_match(exact, prefix, regex)
    }

    fn of_istio(live: &Value) -> Self {
        Self { exact: text(live, "exact"), prefix: text(live, "prefix"), regex: text(live, "regex") }
    }
}

impl TextMatch {
    pub(super) fn to_istio(&self) -> Value {
        let Self { exact, prefix, regex } = self;
        string_match(exact, prefix, regex)
    }

    pub(super) fn of_istio(live: &Value) -> Self {
        Self { exact: text(live, "exact"), prefix: text(live, "prefix"), regex: text(live, "regex") }
    }
}

fn string_match(exact: &Option<String>, prefix: &Option<String>, regex: &Option<String>) -> Value {
    object([("exact", exact.clone().into()), ("prefix", prefix.clone().into()), ("regex", regex.clone().into())])
}
