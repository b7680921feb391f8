//! Waiting for the world to reach a state: the only place that sleeps.

use std::future::Future;
use std::time::Duration;

use crate::scope::{Interrupted, Scope};

/// What a look at the world told.
#[derive(Debug, PartialEq, Eq)]
pub enum Probe<T> {
    /// What was waited for is there.
    Done(T),
    /// Not yet; the text says what was seen, for the message of a timeout.
    Pending(String),
}

/// How often to look: the first pause, and the longest that pauses grow to.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    first: Duration,
    longest: Duration,
}

impl Pace {
    /// Evenly, with one pause between looks.
    pub const fn every(pause: Duration) -> Self {
        Self { first: pause, longest: pause }
    }
}

/// For what usually takes seconds.
pub const SOON: Pace = Pace { first: Duration::from_millis(200), longest: Duration::from_secs(2) };

/// For what usually takes minutes.
pub const PATIENT: Pace = Pace { first: Duration::from_millis(200), longest: Duration::from_secs(5) };

/// A wait that ended before what was waited for came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} while waiting for {waiting_for}; last seen: {last_seen}", reason(.why))]
pub struct NotReached {
    /// Why the wait ended.
    pub why: Interrupted,
    /// What was waited for, for example `the mesh to be running`.
    pub waiting_for: String,
    /// What the last look saw.
    pub last_seen: String,
}

fn reason(why: &Interrupted) -> &'static str {
    match why {
        Interrupted::Stopped => "stopped",
        Interrupted::TimedOut => "timed out",
    }
}

/// Looks again and again until the probe is done, fails, or the scope ends. The first look is made at once.
///
/// # Errors
/// The probe's own error, or [`NotReached`] when a stop or the deadline came first.
pub async fn until<T, E, F>(scope: &Scope, pace: Pace, what: &str, mut probe: impl FnMut() -> F) -> Result<T, E>
where
    F: Future<Output = Result<Probe<T>, E>>,
    E: From<NotReached>,
{
    let mut pause = pace.first;
    let mut last_seen = String::from("nothing yet");
    loop {
        let not_reached =
            |why, last_seen: &str| NotReached { why, waiting_for: what.into(), last_seen: last_seen.into() };
        match scope.run(probe()).await {
            Ok(Ok(Probe::Done(found))) => return Ok(found),
            Ok(Ok(Probe::Pending(seen))) => last_seen = seen,
            // A probe that ran into the end of the scope says so less well than the wait can: the pause fails at once.
            Ok(Err(_)) if scope.interrupted().is_some() => {}
            Ok(Err(error)) => return Err(error),
            Err(why) => return Err(not_reached(why, &last_seen).into()),
        }
        tracing::debug!(waiting_for = what, last_seen, "not yet");
        self::pause(scope, jittered(pause)).await.map_err(|why| not_reached(why, &last_seen))?;
        pause = (pause + pause / 4).min(pace.longest);
    }
}

/// Sleeps for `duration`; for none, it only looks whether the scope has ended.
///
/// # Errors
/// [`Interrupted`], when a stop or the deadline comes first.
pub async fn pause(scope: &Scope, duration: Duration) -> Result<(), Interrupted> {
    // The timer's resolution is a millisecond, which even an empty sleep would take.
    if duration.is_zero() {
        return scope.interrupted().map_or(Ok(()), Err);
    }
    #[expect(clippy::disallowed_methods, reason = "the one place that sleeps")]
    scope.run(tokio::time::sleep(duration)).await
}

/// The pause, shortened by up to a tenth, so that many waits do not look at the same moment.
fn jittered(pause: Duration) -> Duration {
    let mut byte = [0_u8; 1];
    // Without randomness the pauses are merely even.
    let _ = getrandom::fill(&mut byte);
    pause.mul_f64(1.0 - f64::from(byte[0]) / 2550.0)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_when_the_probe_is_done() {
        let looks = AtomicU32::new(0);
        let probe = async || {
            let look = looks.fetch_add(1, Ordering::Relaxed);
            Ok::<_, NotReached>(if look < 5 { Probe::Pending(format!("look {look}")) } else { Probe::Done(look) })
        };
        assert_eq!(until(&Scope::unstopped(Duration::from_secs(60)), SOON, "five looks", probe).await, Ok(5));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_tells_what_was_waited_for_and_what_was_seen_last() {
        let probe = async || Ok::<Probe<()>, NotReached>(Probe::Pending("CREATING".into()));
        let error = until(&Scope::unstopped(Duration::from_secs(9)), PATIENT, "the mesh to be running", probe).await;
        let text = error.unwrap_err().to_string();
        assert_eq!(text, "timed out while waiting for the mesh to be running; last seen: CREATING");
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_fails_because_the_time_is_over_is_a_wait_that_timed_out() {
        let scope = Scope::unstopped(Duration::from_secs(9));
        let probe = async || {
            let why = scope.run(std::future::pending::<()>()).await.unwrap_err();
            Err::<Probe<()>, _>(NotReached { why, waiting_for: "an answer".into(), last_seen: String::new() })
        };
        let error = until(&scope, PATIENT, "the mesh to be running", probe).await;
        assert_eq!(error.unwrap_err().waiting_for, "the mesh to be running");
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_the_longest_and_no_further() {
        let begun = tokio::time::Instant::now();
        let looks = AtomicU32::new(0);
        let probe = async || {
            looks.fetch_add(1, Ordering::Relaxed);
            Ok::<Probe<()>, NotReached>(Probe::Pending(String::new()))
        };
        let _ = until(&Scope::unstopped(Duration::from_secs(600)), PATIENT, "nothing", probe).await;
        assert!((begun.elapsed().as_secs_f64() - 600.0).abs() < 1.0);
        let looks = looks.into_inner();
        assert!((120..170).contains(&looks), "{looks} looks in ten minutes");
    }
}
