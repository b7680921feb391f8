//! Services that requests go to.

use serde_json::Value;

use super::super::json::{number, object, text};
use super::HeaderChanges;
use super::rule::{header_changes, headers};
use crate::framework::Model;
use crate::resources::names;

/// What a service's name ends with in a cluster of the usual domain.
const DOMAIN: &str = ".svc.cluster.local";

/// A service that gets requests. It may run in any cluster of the mesh, or in several.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Destination {
    /// The service's name, for example `cluster1`.
    #[tf(optional, check = names::label)]
    pub service: Option<String>,
    /// The service's namespace, for example `test`; the route's own where absent.
    #[tf(optional, check = names::label)]
    pub namespace: Option<String>,
    /// The service's whole host instead of its name, for example `api.example.com` of a `ServiceEntry`.
    #[tf(optional, check = names::service_host)]
    pub host: Option<String>,
    /// The service's port, for example `80`. It can be left out where the service has only one.
    #[tf(optional, range(1..=65535))]
    pub port: Option<i64>,
    /// A subset of the service's pods, as a `DestinationRule` names it, for example `v1`.
    #[tf(optional, length(1..=253))]
    pub subset: Option<String>,
    /// The share of the requests, in proportion to the sum of all weights, for example `80`. Up to Istio 1.14 the sum must be 100.
    #[tf(optional, range(0..=2147483647))]
    pub weight: Option<i64>,
    /// How the headers of a request to this destination are changed.
    #[tf(block)]
    pub request_headers: Option<HeaderChanges>,
    /// How the headers of this destination's responses are changed.
    #[tf(block)]
    pub respond_with: Option<HeaderChanges>,
}

/// A service that gets copies of requests.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Mirror {
    /// The service's name, for example `cluster1-canary`.
    #[tf(optional, check = names::label)]
    pub service: Option<String>,
    /// The service's namespace, for example `test`; the route's own where absent.
    #[tf(optional, check = names::label)]
    pub namespace: Option<String>,
    /// The service's whole host instead of its name, for example `api.example.com` of a `ServiceEntry`.
    #[tf(optional, check = names::service_host)]
    pub host: Option<String>,
    /// The service's port, for example `80`.
    #[tf(optional, range(1..=65535))]
    pub port: Option<i64>,
    /// A subset of the service's pods, for example `v1`.
    #[tf(optional, length(1..=253))]
    pub subset: Option<String>,
    /// How many of the requests are copied, in percent, for example `10`; all where absent.
    #[tf(optional, default = 100.0, range(0..=100))]
    pub percent: f64,
}

impl Destination {
    pub(super) fn to_istio(&self, namespace: &str) -> Value {
        let Self { port, subset, weight, request_headers, respond_with, .. } = self;
        object([
            ("destination", target(&self.named().host(namespace), *port, subset.as_deref())),
            ("weight", (*weight).into()),
            ("headers", headers(request_headers.as_ref(), respond_with.as_ref())),
        ])
    }

    pub(super) fn of_istio(live: &Value, prior: Option<&Self>, namespace: &str) -> Self {
        let target = &live["destination"];
        let Named { service, namespace, host } = Named::of(target, prior.map(Self::named), namespace);
        let (request_headers, respond_with) = header_changes(live);
        Self {
            service,
            namespace,
            host,
            port: target["port"]["number"].as_i64(),
            subset: text(target, "subset"),
            weight: live["weight"].as_i64(),
            request_headers,
            respond_with,
        }
    }

    fn named(&self) -> Named {
        Named { service: self.service.clone(), namespace: self.namespace.clone(), host: self.host.clone() }
    }
}

impl Mirror {
    pub(super) fn to_istio(&self, namespace: &str) -> Value {
        target(&self.named().host(namespace), self.port, self.subset.as_deref())
    }

    pub(super) fn percentage(&self) -> Value {
        object([("value", number(self.percent))])
    }

    pub(super) fn of_istio(live: &Value, percentage: &Value, prior: Option<&Self>, namespace: &str) -> Self {
        let Named { service, namespace, host } = Named::of(live, prior.map(Self::named), namespace);
        Self {
            service,
            namespace,
            host,
            port: live["port"]["number"].as_i64(),
            subset: text(live, "subset"),
            percent: percentage["value"].as_f64().unwrap_or(100.0),
        }
    }

    fn named(&self) -> Named {
        Named { service: self.service.clone(), namespace: self.namespace.clone(), host: self.host.clone() }
    }
}

fn target(host: &str, port: Option<i64>, subset: Option<&str>) -> Value {
    object([
        ("host", host.into()),
        ("port", port.map(|port| object([("number", port.into())])).into()),
        ("subset", subset.into()),
    ])
}

/// How a service is named: by name and namespace, or by its host.
struct Named {
    service: Option<String>,
    namespace: Option<String>,
    host: Option<String>,
}

impl Named {
    /// The host, for a route in the namespace `own`. It is always a full name, which means the same in every namespace.
    fn host(&self, own: &str) -> String {
        match (&self.service, &self.host) {
            (Some(service), _) => format!("{service}.{}{DOMAIN}", self.namespace.as_deref().unwrap_or(own)),
            (None, host) => host.clone().unwrap_or_default(),
        }
    }

    /// The name of a live target; that of `prior` where it means the same.
    fn of(live: &Value, prior: Option<Self>, own: &str) -> Self {
        let host = text(live, "host").unwrap_or_default();
        if let Some(prior) = prior.filter(|prior| prior.host(own) == host) {
            return prior;
        }
        match host.strip_suffix(DOMAIN).and_then(|name| name.split_once('.')) {
            Some((service, namespace)) if !namespace.contains('.') => {
                Self { service: Some(service.into()), namespace: Some(namespace.into()), host: None }
            }
            _ => Self { service: None, namespace: None, host: Some(host) },
        }
    }
}
