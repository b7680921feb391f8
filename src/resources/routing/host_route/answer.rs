//! What is answered without a destination, and how requests are rewritten.

use serde_json::Value;

use super::super::json::{object, text};
use super::super::values;
use crate::framework::Model;
use crate::resources::names;

/// How a request is changed on its way: at least one of the arguments.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Rewrite {
    /// What takes the place of the matched path or prefix, for example `/`.
    #[tf(optional, check = values::path)]
    pub path: Option<String>,
    /// The new host, for example `internal.example.com`.
    #[tf(optional, check = names::service_host)]
    pub host: Option<String>,
}

/// A redirect: at least one of path, host, scheme and port. What is not set stays as in the request.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Redirect {
    /// The new path, for example `/v2`.
    #[tf(optional, check = values::path)]
    pub path: Option<String>,
    /// The new host, for example `www.example.com`.
    #[tf(optional, check = names::service_host)]
    pub host: Option<String>,
    /// The new scheme, for example `https`.
    #[tf(optional, one_of("http", "https"))]
    pub scheme: Option<String>,
    /// The new port, for example `8443`.
    #[tf(optional, range(1..=65535))]
    pub port: Option<i64>,
    /// The status code, for example `302`; 301 where absent.
    #[tf(optional, check = values::redirect_code)]
    pub code: Option<i64>,
}

/// A fixed response.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct DirectResponse {
    /// The status code, for example `503`.
    #[tf(required, range(100..=599))]
    pub status: i64,
    /// The body, for example `Down for maintenance`.
    #[tf(optional, length(1..=1048576))]
    pub body: Option<String>,
}

impl Rewrite {
    pub(super) fn to_istio(&self) -> Value {
        let Self { path, host } = self;
        object([("uri", path.clone().into()), ("authority", host.clone().into())])
    }

    pub(super) fn of_istio(live: &Value) -> Self {
        Self { path: text(live, "uri"), host: text(live, "authority") }
    }
}

impl Redirect {
    pub(super) fn to_istio(&self) -> Value {
        let Self { path, host, scheme, port, code } = self;
        object([
            ("uri", path.clone().into()),
            ("authority", host.clone().into()),
            ("scheme", scheme.clone().into()),
            ("port", (*port).into()),
            ("redirectCode", (*code).into()),
        ])
    }

    pub(super) fn of_istio(live: &Value) -> Self {
        Self {
            path: text(live, "uri"),
            host: text(live, "authority"),
            scheme: text(live, "scheme"),
            port: live["port"].as_i64(),
            code: live["redirectCode"].as_i64(),
        }
    }
}

impl DirectResponse {
    pub(super) fn to_istio(&self) -> Value {
        let Self { status, body } = self;
        let body = body.as_ref().map(|body| object([("string", (&**body).into())]));
        object([("status", (*status).into()), ("body", body.into())])
    }

    pub(super) fn of_istio(live: &Value) -> Self {
        Self { status: live["status"].as_i64().unwrap_or_default(), body: text(&live["body"], "string") }
    }
}
