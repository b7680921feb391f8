//! Asking until the answer is the expected one, or the time is over.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::exchange::{self, Answer, Asker};
use super::expectation::problem;
use super::model::RouteProbe;
use super::target::Target;
use crate::framework::{Error, parse_duration};
use crate::scope::{Interrupted, Scope};
use crate::wait::{self, NotReached, Pace, Probe};

/// Probes as configured. An unexpected answer, or none, is a probe that did not pass.
///
/// # Errors
/// When an argument cannot be used, and when it was stopped.
pub(super) async fn probe(scope: &Scope, config: RouteProbe) -> Result<RouteProbe, Error> {
    let target = Target::of(&config);
    let asker = Asker::new(&config, &target)?;
    let limit = scope.within(duration(&config.timeout));
    let seen = Seen::default();
    let (wanted, expect) = (config.consecutive, config.expect.clone().unwrap_or_default());
    let look = async || {
        let answer = asker.ask(&limit).await;
        // The end of the whole probe cut this try off, which says less than the tries before.
        if answer.is_err() && limit.interrupted().is_some() {
            return Ok(Probe::Pending(seen.problem()));
        }
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

    /// What the last whole try found wrong.
    fn problem(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).problem.clone().unwrap_or_default()
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
