//! One rule of a route.

use serde_json::Value;

use super::super::json::{items, list, member, object, object_if_any, text};
use super::super::values;
use super::{Cors, Destination, DirectResponse, Fault, HeaderChanges, Match, Mirror, Redirect, Retries, Rewrite};
use crate::framework::Model;

/// What happens to the requests that match: they go to a service, or to several by weight, or are answered here.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct RouteRule {
    /// A name for logs and metrics, for example `api`.
    #[tf(optional, length(1..=255))]
    pub name: Option<String>,
    /// Which requests: those that satisfy all conditions of one of these blocks. Without any, all requests.
    #[tf(block)]
    pub r#match: Vec<Match>,
    /// Where the requests go. Several destinations share them by `weight`.
    #[tf(block)]
    pub destination: Vec<Destination>,
    /// How a request is changed on its way.
    #[tf(block)]
    pub rewrite: Option<Rewrite>,
    /// Answers with a redirect instead of a destination.
    #[tf(block)]
    pub redirect: Option<Redirect>,
    /// Answers with a fixed response instead of a destination. Needs Istio 1.15 or later.
    #[tf(block)]
    pub direct_response: Option<DirectResponse>,
    /// How long a request may take, for example `5s`.
    #[tf(optional, check = values::duration, same = values::same_duration)]
    pub timeout: Option<String>,
    /// When a request is tried again.
    #[tf(block)]
    pub retries: Option<Retries>,
    /// Faults to inject, for tests.
    #[tf(block)]
    pub fault: Option<Fault>,
    /// A service that gets a copy of the requests; its answers are dropped.
    #[tf(block)]
    pub mirror: Option<Mirror>,
    /// How the headers of a request are changed.
    #[tf(block)]
    pub request_headers: Option<HeaderChanges>,
    /// How the headers of a response are changed, for example to tell which cluster answered.
    #[tf(block)]
    pub respond_with: Option<HeaderChanges>,
    /// Which web pages of other origins may read the answers.
    #[tf(block)]
    pub cors: Option<Cors>,
}

impl RouteRule {
    /// The rule of a route in a namespace.
    pub(super) fn to_istio(&self, namespace: &str) -> Value {
        let Self { name, r#match, destination, rewrite, redirect, direct_response, timeout, .. } = self;
        let Self { retries, fault, mirror, request_headers, respond_with, cors, .. } = self;
        object([
            ("name", name.clone().into()),
            ("match", list(r#match.iter().map(Match::to_istio))),
            ("route", list(destination.iter().map(|destination| destination.to_istio(namespace)))),
            ("rewrite", rewrite.as_ref().map(Rewrite::to_istio).into()),
            ("redirect", redirect.as_ref().map(Redirect::to_istio).into()),
            ("directResponse", direct_response.as_ref().map(DirectResponse::to_istio).into()),
            ("timeout", timeout.clone().into()),
            ("retries", retries.as_ref().map(Retries::to_istio).into()),
            ("fault", fault.as_ref().map(Fault::to_istio).into()),
            ("mirror", mirror.as_ref().map(|mirror| mirror.to_istio(namespace)).into()),
            ("mirrorPercentage", mirror.as_ref().map(Mirror::percentage).into()),
            ("headers", headers(request_headers.as_ref(), respond_with.as_ref())),
            ("corsPolicy", cors.as_ref().map(Cors::to_istio).into()),
        ])
    }

    /// A rule of a route in a namespace; destinations are named as in `prior` where that means the same.
    pub(super) fn of_istio(live: &Value, prior: Option<&Self>, namespace: &str) -> Self {
        let before = |index| prior.and_then(|prior| prior.destination.get(index));
        let destinations = items(live, "route").iter().enumerate();
        let mirrored = prior.and_then(|prior| prior.mirror.as_ref());
        let (request_headers, respond_with) = header_changes(live);
        Self {
            name: text(live, "name"),
            r#match: items(live, "match").iter().map(Match::of_istio).collect(),
            destination: destinations
                .map(|(index, destination)| Destination::of_istio(destination, before(index), namespace))
                .collect(),
            rewrite: member(live, "rewrite").map(Rewrite::of_istio),
            redirect: member(live, "redirect").map(Redirect::of_istio),
            direct_response: member(live, "directResponse").map(DirectResponse::of_istio),
            timeout: text(live, "timeout"),
            retries: member(live, "retries").map(Retries::of_istio),
            fault: member(live, "fault").map(Fault::of_istio),
            mirror: member(live, "mirror")
                .map(|mirror| Mirror::of_istio(mirror, &live["mirrorPercentage"], mirrored, namespace)),
            request_headers,
            respond_with,
            cors: member(live, "corsPolicy").map(Cors::of_istio),
        }
    }
}

/// The `headers` of a rule or a destination.
pub(super) fn headers(request: Option<&HeaderChanges>, response: Option<&HeaderChanges>) -> Value {
    object_if_any([
        ("request", request.map(HeaderChanges::to_istio).into()),
        ("response", response.map(HeaderChanges::to_istio).into()),
    ])
}

/// The changes of requests and of responses in a rule or a destination.
pub(super) fn header_changes(live: &Value) -> (Option<HeaderChanges>, Option<HeaderChanges>) {
    let of = |name| member(&live["headers"], name).map(HeaderChanges::of_istio);
    (of("request"), of("response"))
}
