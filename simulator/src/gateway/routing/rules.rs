//! Rules of virtual services, ready to be followed.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;

use super::conditions::Conditions;
use super::cors::Cors;
use super::destinations::{BadDestinations, Destination, Destinations, Surroundings};
use super::fault::FaultPolicy;
use super::headers::{BadHeader, HeaderEdits};
use super::matcher::BadExpression;
use super::redirect::{BadCode, Redirect};
use super::retries::RetryPolicy;
use super::spread::{Chance, Spread};
use crate::gateway::istio::virtual_service::{HttpDirectResponse, HttpRoute, Percent};

/// A rule that Istio does not take.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadRule {
    /// In a condition.
    #[error(transparent)]
    Expression(#[from] BadExpression),
    /// In headers.
    #[error(transparent)]
    Header(#[from] BadHeader),
    /// In its destinations.
    #[error(transparent)]
    Destinations(#[from] BadDestinations),
    /// In a redirect.
    #[error(transparent)]
    Redirect(#[from] BadCode),
    /// In a fixed response.
    #[error("{0} is not a status")]
    Status(u16),
    /// It has neither destination nor answer.
    #[error("HTTP route, redirect or direct_response is required")]
    Empty,
}

/// A rule with the conditions of one of its `match` entries.
#[derive(Debug)]
pub(super) struct Entry {
    /// When it is followed.
    pub(super) conditions: Conditions,
    /// What is done.
    pub(super) rule: Arc<Rule>,
}

/// What is done with a request.
#[derive(Debug)]
pub(super) struct Rule {
    /// Changes of headers.
    pub(super) edits: HeaderEdits,
    /// Failures put in on purpose.
    pub(super) fault: FaultPolicy,
    /// What else.
    pub(super) action: RuleAction,
}

/// How a request is answered.
#[derive(Debug)]
pub(super) enum RuleAction {
    /// By a redirect.
    Redirect(Redirect),
    /// By a fixed response.
    Respond(DirectResponse),
    /// By a destination.
    Route(Box<RoutePolicy>),
}

/// A fixed response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectResponse {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Bytes,
}

/// How a request is sent on.
#[derive(Debug)]
pub(super) struct RoutePolicy {
    /// To whom.
    pub(super) destinations: Destinations,
    /// What takes the place of the matched part of the path.
    pub(super) rewrite: Option<String>,
    /// Whose scripts may read the answer.
    pub(super) cors: Option<Cors>,
    /// How long all attempts may take.
    pub(super) timeout: Option<Duration>,
    /// When it is tried again.
    pub(super) retries: RetryPolicy,
    /// Who gets copies.
    pub(super) mirrors: Vec<(Destination, Chance)>,
}

impl Rule {
    /// The rule that an object writes.
    pub(super) fn new(written: &HttpRoute, around: &Surroundings<'_>) -> Result<Self, BadRule> {
        let mut edits = HeaderEdits::new(&written.headers)?;
        let action = if let Some(redirect) = &written.redirect {
            RuleAction::Redirect(Redirect::new(redirect, around.port)?)
        } else if let Some(response) = &written.direct_response {
            RuleAction::Respond(DirectResponse::new(response)?)
        } else if written.route.is_empty() {
            return Err(BadRule::Empty);
        } else {
            RuleAction::Route(Box::new(RoutePolicy::new(written, &mut edits, around)?))
        };
        Ok(Self { edits, fault: written.fault.as_ref().map(FaultPolicy::new).unwrap_or_default(), action })
    }
}

impl DirectResponse {
    fn new(written: &HttpDirectResponse) -> Result<Self, BadRule> {
        let status = StatusCode::from_u16(written.status).map_err(|_| BadRule::Status(written.status))?;
        let body = match STANDARD.decode(&written.body.bytes) {
            Ok(bytes) if !bytes.is_empty() => bytes.into(),
            _ => written.body.string.clone().into(),
        };
        Ok(Self { status, body })
    }
}

impl RoutePolicy {
    /// The policy that an object writes; `edits` become those of rule and destination where these are one.
    fn new(written: &HttpRoute, edits: &mut HeaderEdits, around: &Surroundings<'_>) -> Result<Self, BadRule> {
        let rewrite = written.rewrite.clone().unwrap_or_default();
        if !rewrite.authority.is_empty() {
            edits.authority = Some(rewrite.authority);
        }
        let mut destinations = Destinations::new(&written.route, around)?;
        destinations.fold_edits_into(edits);
        Ok(Self {
            destinations,
            rewrite: Some(rewrite.uri).filter(|uri| !uri.is_empty()),
            cors: written.cors_policy.as_ref().map(Cors::new).transpose()?,
            timeout: written.timeout.filter(|timeout| !timeout.is_zero()),
            retries: RetryPolicy::new(written.retries.as_ref()),
            mirrors: mirrors(written, around),
        })
    }
}

/// Who gets copies: `mirrors`, or else `mirror` with its percentage beside it.
fn mirrors(written: &HttpRoute, around: &Surroundings<'_>) -> Vec<(Destination, Chance)> {
    let chance = |percent: f64| Chance::new(percent, Spread::root_of_seven());
    let percent = |percentage: Option<Percent>| percentage.map(|percentage| percentage.value);
    let of_mirror = percent(written.mirror_percentage).or(written.mirror_percent.map(f64::from)).unwrap_or(100.0);
    let lone = written.mirror.iter().map(|mirror| (around.destination(mirror), chance(of_mirror)));
    let listed = written
        .mirrors
        .iter()
        .map(|mirror| (around.destination(&mirror.destination), chance(percent(mirror.percentage).unwrap_or(100.0))));
    if written.mirrors.is_empty() { lone.collect() } else { listed.collect() }
}
