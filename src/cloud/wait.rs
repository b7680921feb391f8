//! Waiting: the only place that sleeps.

use std::future::Future;
use std::time::Duration;

use super::error::Error;
use crate::scope::{Interrupted, Scope};

/// How long to pause before each next try.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// The first pause.
    pub first: Duration,
    /// How many times longer each pause is than the one before it.
    pub growth: f64,
    /// The longest pause.
    pub longest: Duration,
}

/// For what the cloud does in seconds or minutes: looks often at first, and overshoots a long wait by a seventh at most.
pub const SOON: Pace = Pace { first: Duration::from_millis(200), growth: 1.15, longest: Duration::from_secs(5) };

impl Pace {
    /// The pause after `tries` tries, from half of its nominal length to all of it, so that callers spread out.
    pub(crate) fn pause(&self, tries: u32) -> Duration {
        let exponent = i32::try_from(tries).unwrap_or(i32::MAX);
        let nominal = self.first.as_secs_f64() * self.growth.powi(exponent);
        self.longest.mul_f64((nominal / self.longest.as_secs_f64()).min(1.0) * (0.5 + 0.5 * fraction()))
    }
}

/// A random number from 0 to 1; the middle where the system has no randomness to give.
fn fraction() -> f64 {
    getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX))
}

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe<T> {
    /// What was waited for.
    Done(T),
    /// Not yet; the text says what was seen, such as a state.
    Pending(String),
}

/// Calls `probe` until it is done, with growing pauses. `what` completes "waiting for": "the CCN to be available".
///
/// # Errors
/// What the probe fails with; [`Error::Stopped`]; [`Error::TimedOut`] with `what` and the state that was seen last.
///
/// # Cancellation
/// The probe only reads: a stop or the deadline may end it at any await.
pub async fn until<T, E, F>(scope: &Scope, pace: Pace, what: &str, mut probe: impl FnMut() -> F) -> Result<T, E>
where
    E: From<Error>,
    F: Future<Output = Result<Probe<T>, E>> + Send,
{
    let mut last_seen = None;
    let mut tries = 0;
    loop {
        match scope.run(probe()).await {
            Ok(Ok(Probe::Done(found))) => return Ok(found),
            Ok(Ok(Probe::Pending(seen))) => last_seen = Some(seen),
            Ok(Err(error)) if scope.interrupted().is_none() => return Err(error),
            // A read that was interrupted says less than the wait can: the pause fails at once and says it.
            Ok(Err(_)) | Err(_) => {}
        }
        pause(scope, pace.pause(tries)).await.map_err(|why| Error::interrupted(why, what, last_seen.take()))?;
        tries += 1;
    }
}

/// Sleeps for `duration`; for none, it only looks whether the scope has ended.
///
/// # Errors
/// When a stop or the deadline comes first.
pub async fn pause(scope: &Scope, duration: Duration) -> Result<(), Interrupted> {
    // The timer's resolution is a millisecond, which even an empty sleep would take.
    match duration.is_zero() {
        true => scope.interrupted().map_or(Ok(()), Err),
        false => scope.run(tokio::time::sleep(duration)).await,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::ready;

    use tokio::time::Instant;
    use tokio_util::sync::CancellationToken;

    use super::*;

    fn pending() -> std::future::Ready<Result<Probe<()>, Error>> {
        ready(Ok(Probe::Pending("CREATING".into())))
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_when_the_probe_is_done() {
        let states = Cell::new(0);
        let probe = || {
            states.set(states.get() + 1);
            ready(Ok::<_, Error>(if states.get() == 3 { Probe::Done("id") } else { Probe::Pending("CREATING".into()) }))
        };
        let found = until(&Scope::unstopped(Duration::from_secs(60)), SOON, "it", probe).await;
        assert_eq!((found.ok(), states.get()), (Some("id"), 3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_takes_too_long_says_what_was_seen_last() {
        let started = Instant::now();
        let scope = Scope::unstopped(Duration::from_secs(30));
        let error = until(&scope, SOON, "the mesh to run", pending).await.expect_err("it never runs");
        assert_eq!(error.to_string(), "timed out waiting for the mesh to run; last seen: CREATING");
        assert_eq!(started.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_a_wait_in_the_middle_of_a_pause() {
        let stop = CancellationToken::new();
        let scope = Scope::new(stop.clone(), Duration::from_secs(600));
        let minute = Duration::from_secs(60);
        let slow = Pace { first: minute, growth: 1.0, longest: minute };
        let waiting = until(&scope, slow, "it", pending);
        let stopping = async {
            tokio::time::advance(Duration::from_secs(1)).await;
            stop.cancel();
        };
        let (outcome, ()) = tokio::join!(waiting, stopping);
        assert!(matches!(outcome, Err(Error::Stopped)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_hangs_ends_at_the_deadline() {
        let scope = Scope::unstopped(Duration::from_secs(5));
        let error = until(&scope, SOON, "it", std::future::pending::<Result<Probe<()>, Error>>).await;
        assert!(matches!(error, Err(Error::TimedOut { last_seen: None, .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_fails_ends_the_wait() {
        let scope = Scope::unstopped(Duration::from_secs(5));
        let problem = || Error::Configuration { argument: "a".into(), problem: "b".into() };
        let error = until(&scope, SOON, "it", || ready(Err::<Probe<()>, _>(problem()))).await;
        assert!(matches!(error, Err(Error::Configuration { .. })));
    }

    #[test]
    fn pauses_grow_from_the_first_to_the_longest() {
        for (tries, nominal) in [(0, 0.2), (5, 0.402), (30, 5.0), (u32::MAX, 5.0)] {
            let pause = SOON.pause(tries).as_secs_f64();
            assert!(pause >= nominal * 0.49 && pause <= nominal * 1.01, "{tries}: {pause}");
        }
    }
}
