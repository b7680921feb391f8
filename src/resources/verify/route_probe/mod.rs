//! `tcmesh_route_probe`: whether a host is answered as it should be.

mod checks;
mod exchange;
mod expectation;
mod target;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::dns;
use crate::framework::{Computed, DataSource, Diagnostic, Diagnostics, Error, Model, Planned, parse_duration};
use crate::resources::context::Context;
use crate::scope::{Interrupted, Scope};
use crate::wait::{self, NotReached, Pace, Probe};

use exchange::{Answer, Asker};
use expectation::problem;
use target::{Target, check_authority};

/// Asks a host for a path, again and again until the answer is the expected one, as curl would: for `check` blocks that prove where the
/// requests for a host end up. Tell the clusters apart by something they answer: the body, or a header that a route sets by
/// `respond_with`.
///
/// An unexpected answer, or none, is no error: `passed` is then false, and `failure` says why. Keep the data source outside of the
/// `check` block that looks at it: Terraform reads one inside again with every apply, so that no plan is ever empty.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct RouteProbe {
    /// The host, for example `cluster1.example.com`.
    #[tf(required, check = checks::host)]
    pub host: String,
    /// The path with its query, for example `/two?a=b`; `/` where absent.
    #[tf(optional, default = "/", check = checks::path)]
    pub path: String,
    /// The port, for example `8080`; that of the scheme where absent.
    #[tf(optional, range(1..=65535))]
    pub port: Option<i64>,
    /// The scheme: `http`, which is also the default, or `https`. Certificates are checked.
    #[tf(optional, default = "http", one_of("http", "https"))]
    pub scheme: String,
    /// The method, for example `HEAD`; `GET` where absent.
    #[tf(optional, default = "GET", one_of("GET", "HEAD", "OPTIONS"))]
    pub method: String,
    /// Headers of the request, for example `{ x-user = "alice" }`.
    #[tf(optional, check = checks::headers)]
    pub request_headers: BTreeMap<String, String>,
    /// The address to go to instead of asking DNS, for example `203.0.113.10` of the gateway.
    #[tf(optional, check = checks::address)]
    pub address: Option<String>,
    /// The DNS server to ask, for example `119.29.29.29` or `127.0.0.1:5353`; that of the system where absent.
    #[tf(optional, check = dns::check_server)]
    pub resolver: Option<String>,
    /// Where to go instead of host and port, for example `127.0.0.1:8080`. The request stays the same, as with curl's `--connect-to`.
    #[tf(optional, check = check_authority)]
    pub connect_to: Option<String>,
    /// The HTTP proxy to go through, for example `http://127.0.0.1:3128`. None is taken from the environment.
    #[tf(optional, check = checks::proxy)]
    pub proxy: Option<String>,
    /// Certificates of authorities to trust besides those of the system, PEM, for example `file("ca.pem")`.
    #[tf(optional, check = checks::certificate)]
    pub ca_certificate: Option<String>,
    /// How long to go on trying, for example `60s`, which is also the default.
    #[tf(optional, default = "60s", check = checks::timeout)]
    pub timeout: String,
    /// How long to wait between tries, for example `1s`, which is also the default.
    #[tf(optional, default = "1s", check = checks::timeout)]
    pub interval: String,
    /// How many answers in a row must be the expected one, for example `3`; one where absent.
    #[tf(optional, default = 1, range(1..=100))]
    pub consecutive: i64,
    /// What the answer must be; any with status 200 where absent.
    #[tf(block)]
    pub expect: Option<Expect>,
    /// Whether the answer was the expected one, for example `true`.
    #[tf(computed)]
    pub passed: Computed<bool>,
    /// Why not, in one sentence, for example `http://cluster1.example.com/ answered with status 404 instead of 200.`; empty where it passed.
    #[tf(computed)]
    pub failure: Computed<String>,
    /// The status of the last answer, for example `200`; null where there was none.
    #[tf(computed)]
    pub status: Computed<i64>,
    /// The body of the last answer, its first 4 KiB, for example `cluster1`.
    #[tf(computed)]
    pub body: Computed<String>,
    /// The headers of the last answer by their names in lower case, for example `response_headers["x-served-by"]`.
    #[tf(computed)]
    pub response_headers: Computed<BTreeMap<String, String>>,
    /// The address that was asked, for example `203.0.113.10`; null where a proxy resolved the name.
    #[tf(computed)]
    pub resolved_address: Computed<String>,
}

/// What an answer must be.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Expect {
    /// The status, for example `404`; 200 where absent.
    #[tf(optional, default = 200, range(100..=599))]
    pub status: i64,
    /// A text that the body contains, for example `cluster1`. The first MiB is searched.
    #[tf(optional, length(1..=65536))]
    pub body_contains: Option<String>,
    /// A regular expression that a part of the body matches, for example `^cluster[12]$`.
    #[tf(optional, check = checks::regex)]
    pub body_regex: Option<String>,
    /// Headers with their values, for example `{ x-served-by = "cluster1" }`.
    #[tf(optional)]
    pub headers: BTreeMap<String, String>,
}

impl Default for Expect {
    fn default() -> Self {
        Self { status: 200, body_contains: None, body_regex: None, headers: BTreeMap::new() }
    }
}

/// The data source.
pub struct RouteProbeSource;

impl DataSource for RouteProbeSource {
    const NAME: &'static str = "route_probe";
    const TIMEOUT: Duration = checks::LONGEST;
    type Configuration = Context;
    type Model = RouteProbe;

    fn new(_: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn check(config: &Planned<'_, RouteProbe>, diagnostics: &mut Diagnostics) {
        if config.is_set("address") && config.is_set("connect_to") {
            let detail = "Expected either `address` or `connect_to`: both say where to go.";
            diagnostics.error("connect_to", "Conflicting arguments", detail);
        }
        let is_tunnelled = config.is_set("proxy") && config.known::<String>("scheme").as_deref() == Some("https");
        for name in ["address", "connect_to", "resolver"].into_iter().filter(|name| is_tunnelled && config.is_set(name))
        {
            let detail =
                "With `https` through a proxy, it is the proxy that resolves the name: this argument has no effect.";
            diagnostics.error(name, "Conflicting arguments", detail);
        }
    }

    async fn read(&self, scope: &Scope, config: RouteProbe) -> Result<RouteProbe, Error> {
        let target = Target::of(&config);
        let asker = Asker::new(&config, &target)?;
        let limit = scope.within(duration(&config.timeout));
        let seen = Seen::default();
        let (wanted, expect) = (config.consecutive, config.expect.clone().unwrap_or_default());
        let look = async || {
            let answer = asker.ask(&limit).await;
            let problem = answer
                .as_ref()
                .map_or_else(|silence| Some(silence.clone()), |answer| problem(&target.url, answer, &expect));
            Ok::<_, NotReached>(seen.take(answer.ok(), problem, wanted))
        };
        let pace = Pace::every(duration(&config.interval));
        let passed = match wait::until(&limit, pace, "the expected answer", look).await {
            Ok(()) => true,
            Err(NotReached { why: Interrupted::Stopped, .. }) => return Err(Interrupted::Stopped.into()),
            Err(_) => false,
        };
        Ok(seen.into_result(config, passed))
    }
}

/// A duration that was checked when it was planned.
fn duration(text: &str) -> Duration {
    parse_duration(text).unwrap_or_default()
}

/// What the tries saw so far.
#[derive(Default)]
struct Seen(Mutex<Last>);

#[derive(Default)]
struct Last {
    answer: Option<Answer>,
    problem: Option<String>,
    in_a_row: i64,
}

impl Seen {
    /// Takes what one try saw, and tells whether it was the last one needed.
    fn take(&self, answer: Option<Answer>, problem: Option<String>, wanted: i64) -> Probe<()> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.in_a_row = if problem.is_none() { last.in_a_row + 1 } else { 0 };
        last.answer = answer;
        if last.in_a_row >= wanted {
            last.problem = None;
            return Probe::Done(());
        }
        let few = || format!("Only {} of {wanted} answers in a row were the expected one.", last.in_a_row);
        let problem = problem.unwrap_or_else(few);
        last.problem = Some(problem.clone());
        Probe::Pending(problem)
    }

    fn into_result(self, config: RouteProbe, passed: bool) -> RouteProbe {
        let Last { answer, problem, .. } = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let failure = problem.filter(|_| !passed).or_else(|| (!passed).then(|| "There was no answer in time.".into()));
        let answered = RouteProbe { passed: passed.into(), failure: failure.unwrap_or_default().into(), ..config };
        match answer {
            None => answered,
            Some(Answer { status, headers, body, address }) => RouteProbe {
                status: i64::from(status).into(),
                body: exchange::beginning(&body).into(),
                response_headers: headers.into(),
                resolved_address: address.map(|address| address.ip().to_string()).into(),
                ..answered
            },
        }
    }
}

/// A failure to begin with, at an attribute.
fn unusable(attribute: &str, problem: impl Into<String>) -> Error {
    Diagnostic::error("The probe cannot be made", problem).at(attribute).into()
}
