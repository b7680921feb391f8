//! Changes of headers, and what pages of other origins may read.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::json::{items, list, map, object, text, text_map, texts};
use super::super::values;
use super::TextMatch;
use crate::framework::Model;

/// Changes of headers: at least one of the arguments.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct HeaderChanges {
    /// Headers to set, whatever they were, for example `{ x-served-by = "cluster1" }`.
    #[tf(optional, check = check_names)]
    pub headers: BTreeMap<String, String>,
    /// Headers to add to those of the same name, for example `{ vary = "x-user" }`.
    #[tf(optional, check = check_names)]
    pub add: BTreeMap<String, String>,
    /// Headers to remove, for example `["server"]`.
    #[tf(optional, each = check_name)]
    pub remove: Vec<String>,
}

/// Which web pages of other origins may read the answers (CORS).
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Cors {
    /// The origins, for example `[{ exact = "https://www.example.com" }]`.
    #[tf(optional, each = check_origin)]
    pub allow_origins: Vec<TextMatch>,
    /// The methods, for example `["GET", "POST"]`.
    #[tf(optional, each = values::method)]
    pub allow_methods: Vec<String>,
    /// The headers that a request may have, for example `["content-type"]`.
    #[tf(optional, each = check_name)]
    pub allow_headers: Vec<String>,
    /// The headers of an answer that a page may read, for example `["x-served-by"]`.
    #[tf(optional, each = check_name)]
    pub expose_headers: Vec<String>,
    /// How long a browser may keep this answer, for example `24h`.
    #[tf(optional, check = values::duration, same = values::same_duration)]
    pub max_age: Option<String>,
    /// Whether a request may carry cookies and other credentials, for example `true`.
    #[tf(optional)]
    pub allow_credentials: Option<bool>,
}

fn check_names(headers: &BTreeMap<String, String>) -> Result<(), String> {
    headers.keys().try_for_each(|name| values::header(name))
}

fn check_name(name: &str) -> Result<(), String> {
    values::header(name)
}

fn check_origin(origin: &TextMatch) -> Result<(), String> {
    let set = [&origin.exact, &origin.prefix, &origin.regex].into_iter().flatten().count();
    if set == 1 { Ok(()) } else { Err("Expected exactly one of `exact`, `prefix` and `regex`.".into()) }
}

impl HeaderChanges {
    pub(super) fn to_istio(&self) -> Value {
        let Self { headers, add, remove } = self;
        object([("set", map(headers.clone())), ("add", map(add.clone())), ("remove", list(remove.clone()))])
    }

    pub(super) fn of_istio(live: &Value) -> Self {
        Self { headers: text_map(live, "set"), add: text_map(live, "add"), remove: texts(live, "remove") }
    }
}

impl Cors {
    pub(super) fn to_istio(&self) -> Value {
        let Self { allow_origins, allow_methods, allow_headers, expose_headers, max_age, allow_credentials } = self;
        object([
            ("allowOrigins", list(allow_origins.iter().map(TextMatch::to_istio))),
            ("allowMethods", list(allow_methods.clone())),
            ("allowHeaders", list(allow_headers.clone())),
            ("exposeHeaders", list(expose_headers.clone())),
            ("maxAge", max_age.clone().into()),
            ("allowCredentials", (*allow_credentials).into()),
        ])
    }

    pub(super) fn of_istio(live: &Value) -> Self {
        Self {
            allow_origins: items(live, "allowOrigins").iter().map(TextMatch::of_istio).collect(),
            allow_methods: texts(live, "allowMethods"),
            allow_headers: texts(live, "allowHeaders"),
            expose_headers: texts(live, "exposeHeaders"),
            max_age: text(live, "maxAge"),
            allow_credentials: live["allowCredentials"].as_bool(),
        }
    }
}
