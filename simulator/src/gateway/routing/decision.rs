//! What becomes of a request.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use super::destinations::Destination;
use super::fault::Fault;
use super::headers::HeaderEdits;
use super::redirect::Redirect;
use super::request::{RequestView, with_query};
use super::retries::RetryPolicy;
use super::rules::{DirectResponse, Entry, RoutePolicy, RuleAction};

/// What becomes of a request.
#[derive(Debug)]
pub struct Decision<'t> {
    /// Failures put in on purpose, before anything else.
    pub fault: Fault,
    /// The answer, or where it comes from.
    pub action: Action<'t>,
    /// In the order in which they are made: a destination's, then its rule's, as in Envoy.
    edits: Vec<&'t HeaderEdits>,
}

/// The answer, or where it comes from.
#[derive(Debug)]
pub enum Action<'t> {
    /// Status 404: nobody serves the request.
    NotFound(NotFound),
    /// Another place.
    Redirect {
        /// The status.
        status: StatusCode,
        /// That place.
        location: String,
    },
    /// A fixed response.
    Respond(&'t DirectResponse),
    /// The answer to a preflight request, with these headers.
    Preflight(HeaderMap),
    /// A pod's.
    Route(Box<Route<'t>>),
}

/// Why nobody serves a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// No `Gateway` that selects the pods has a plain HTTP server on the port.
    NoServerForPort,
    /// No server on the port covers the host.
    NoServerForHost,
    /// A server covers the host, but no virtual service with this host is bound to it.
    NoVirtualService,
    /// A virtual service is bound, but none of its rules matches.
    NoRule,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoServerForPort => "no Gateway that selects these pods has an HTTP server on this port",
            Self::NoServerForHost => "no Gateway server on this port covers this host",
            Self::NoVirtualService => "no VirtualService with this host is bound to the Gateway",
            Self::NoRule => "no rule of the host's VirtualServices matches",
        })
    }
}

/// How a request is sent on.
#[derive(Debug)]
pub struct Route<'t> {
    /// To whom.
    pub destination: &'t Destination,
    /// The path and query to send.
    pub target: String,
    /// Whether that is another path than the client's.
    pub rewritten: bool,
    /// The host to send, where it is another one.
    pub authority: Option<&'t str>,
    /// Who gets copies.
    pub mirrors: Vec<&'t Destination>,
    /// When it is tried again.
    pub retries: &'t RetryPolicy,
    /// How long all attempts may take.
    pub timeout: Option<Duration>,
    /// What the answer tells scripts of other origins.
    pub cors: HeaderMap,
}

impl<'t> Decision<'t> {
    /// Status 404.
    pub(super) fn not_found(reason: NotFound) -> Self {
        Self::of(Action::NotFound(reason))
    }

    /// A redirect of everything to `https`.
    pub(super) fn to_https(request: &RequestView<'_>) -> Self {
        Self::of(Action::Redirect { status: StatusCode::MOVED_PERMANENTLY, location: Redirect::to_https(request) })
    }

    fn of(action: Action<'t>) -> Self {
        Self { fault: Fault::default(), action, edits: Vec::new() }
    }

    /// What a rule does with a request.
    pub(super) fn by(entry: &'t Entry, request: &RequestView<'_>) -> Self {
        let rule = &*entry.rule;
        let fault = rule.fault.next();
        let (action, edits) = match &rule.action {
            RuleAction::Redirect(redirect) => {
                let location = redirect.location(request);
                (Action::Redirect { status: redirect.status, location }, vec![&rule.edits])
            }
            RuleAction::Respond(response) => (Action::Respond(response), vec![&rule.edits]),
            RuleAction::Route(policy) => routed(entry, policy, request),
        };
        Self { fault, action, edits }
    }

    /// Changes the headers of the request before it is sent on.
    pub fn edit_request(&self, headers: &mut HeaderMap) {
        for edits in &self.edits {
            edits.apply_to_request(headers);
        }
    }

    /// Changes the headers of the answer.
    pub fn edit_response(&self, headers: &mut HeaderMap) {
        for edits in &self.edits {
            edits.apply_to_response(headers);
        }
    }
}

/// How a rule sends a request on, with the changes of headers.
fn routed<'t>(
    entry: &'t Entry,
    policy: &'t RoutePolicy,
    request: &RequestView<'_>,
) -> (Action<'t>, Vec<&'t HeaderEdits>) {
    let rule = &entry.rule.edits;
    let Some((destination, own)) = policy.destinations.next() else {
        return (Action::NotFound(NotFound::NoRule), Vec::new());
    };
    let edits = vec![own, rule];
    if let Some(headers) = policy.cors.as_ref().and_then(|cors| cors.preflight(request)) {
        return (Action::Preflight(headers), edits);
    }
    let path = policy.rewrite.as_ref().map(|rewrite| entry.conditions.path().rewritten(&request.path, rewrite));
    let route = Route {
        destination,
        target: path.as_ref().map_or_else(|| request.target(), |path| with_query(path, request.query)),
        rewritten: path.is_some(),
        authority: rule.authority.as_deref().or(own.authority.as_deref()),
        mirrors: policy.mirrors.iter().filter(|(_, chance)| chance.strikes()).map(|(mirror, _)| mirror).collect(),
        retries: &policy.retries,
        timeout: policy.timeout,
        cors: policy.cors.as_ref().map(|cors| cors.response_headers(request)).unwrap_or_default(),
    };
    (Action::Route(Box::new(route)), edits)
}
