//! The limits of one call: when it must stop, and by when it must be done.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The process-wide stop switch. Stopping ends what is running now; what starts later runs as usual,
/// since Terraform goes on calling a provider that it has asked to stop.
#[derive(Clone, Debug, Default)]
pub struct StopSwitch(Arc<Mutex<CancellationToken>>);

impl StopSwitch {
    /// The token that the next `stop` cancels.
    pub fn token(&self) -> CancellationToken {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks everything that runs now to end early.
    pub fn stop(&self) {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *current).cancel();
    }
}

/// Why work ended before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Interrupted {
    /// Terraform asked the provider to stop.
    #[error("stopped on request")]
    Stopped,
    /// The time that the call was given is over.
    #[error("timed out")]
    TimedOut,
}

/// The stop token and the deadline of one call. Cheap to clone; handed down to everything that waits.
#[derive(Clone, Debug)]
pub struct Scope {
    stop: CancellationToken,
    deadline: Instant,
}

impl Scope {
    /// A scope that ends when `stop` is cancelled, or after `limit`.
    pub fn new(stop: CancellationToken, limit: Duration) -> Self {
        Self { stop, deadline: Instant::now() + limit }
    }

    /// A scope that nobody stops, for tests and for work without a caller.
    pub fn unstopped(limit: Duration) -> Self {
        Self::new(CancellationToken::new(), limit)
    }

    /// The same scope with at most `limit` from now on.
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        Self { stop: self.stop.clone(), deadline: self.deadline.min(Instant::now() + limit) }
    }

    /// The time that is left; zero when the deadline has passed.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Whether a stop was asked for or the deadline has passed.
    pub fn interrupted(&self) -> Option<Interrupted> {
        if self.stop.is_cancelled() {
            return Some(Interrupted::Stopped);
        }
        self.remaining().is_zero().then_some(Interrupted::TimedOut)
    }

    /// Runs `work` until it is done, a stop is asked for, or the deadline passes.
    ///
    /// # Errors
    /// [`Interrupted`], when `work` did not finish.
    ///
    /// # Cancellation
    /// `work` is dropped at its next await: give this reads and waits, never a write whose answer is needed.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Interrupted> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Interrupted::Stopped),
            done = work => Ok(done),
            () = tokio::time::sleep_until(self.deadline) => Err(Interrupted::TimedOut),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_what_runs_and_not_what_comes_later() {
        let switch = StopSwitch::default();
        let running = Scope::new(switch.token(), Duration::from_secs(60));
        switch.stop();
        assert_eq!(running.run(std::future::pending::<()>()).await, Err(Interrupted::Stopped));
        let later = Scope::new(switch.token(), Duration::from_secs(60));
        assert_eq!(later.run(std::future::ready(1)).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_ends_a_wait() {
        let scope = Scope::unstopped(Duration::from_secs(5));
        assert_eq!(scope.run(std::future::pending::<()>()).await, Err(Interrupted::TimedOut));
        assert_eq!(scope.interrupted(), Some(Interrupted::TimedOut));
    }

    #[tokio::test(start_paused = true)]
    async fn a_narrower_scope_never_outlives_its_parent() {
        let scope = Scope::unstopped(Duration::from_secs(5));
        assert!(scope.within(Duration::from_secs(60)).remaining() <= Duration::from_secs(5));
        assert!(scope.within(Duration::from_secs(1)).remaining() <= Duration::from_secs(1));
    }
}
