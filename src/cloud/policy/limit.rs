//! Keeps each action under its rate limit, so that the API need not refuse.
//!
//! The API counts requests per second, per account and action: 20 for most, up to 100 for some (API reference, "request
//! rate limit" of each action). One [`Limits`] belongs to one set of keys and is shared by all clones of its client.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::cloud::error::{Error, Origin};

/// The limit of most actions, in requests a second.
pub(crate) const REQUESTS_PER_SECOND: u32 = 20;
/// How slow an action becomes at worst when the API keeps refusing.
const SLOWEST: Duration = Duration::from_secs(2);

/// One token bucket for every service and action.
pub(crate) struct Limits {
    /// The time in which one token flows in.
    interval: Duration,
    /// How many tokens a bucket holds.
    burst: u32,
    buckets: Mutex<HashMap<(String, String), Bucket>>,
}

struct Bucket {
    /// The time in which one token flows into this bucket now.
    interval: Duration,
    /// When the bucket is full again, as things stand: in the past for a full one.
    full_at: Instant,
}

impl Limits {
    /// At most `per_second` requests of an action in any second: a quarter as the burst, the rest as the flow.
    pub(crate) fn new(per_second: u32) -> Self {
        let burst = (per_second / 4).max(1);
        let flow = per_second.saturating_sub(burst).max(1);
        Self { interval: Duration::from_secs(1) / flow, burst, buckets: Mutex::default() }
    }

    /// Takes a token for the action and says how long to wait until it is there. Callers are served in the order in
    /// which they ask.
    pub(crate) fn turn(&self, origin: &Origin) -> Duration {
        self.with_bucket(origin, |bucket| {
            let now = Instant::now();
            bucket.full_at = bucket.full_at.max(now) + bucket.interval;
            let missing = bucket.full_at - now;
            missing.saturating_sub(bucket.interval * self.burst)
        })
    }

    /// Slows the action to half after throttling, and lets it speed up by a twentieth after anything else.
    pub(crate) fn learn(&self, origin: &Origin, outcome: Option<&Error>) {
        let throttled = outcome.is_some_and(Error::is_throttled);
        self.with_bucket(origin, |bucket| {
            let factor = if throttled { 2.0 } else { 0.95 };
            bucket.interval = bucket.interval.mul_f64(factor).clamp(self.interval, SLOWEST.max(self.interval));
        });
    }

    fn with_bucket<T>(&self, origin: &Origin, work: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (origin.service.clone(), origin.action.clone());
        work(buckets.entry(key).or_insert_with(|| Bucket { interval: self.interval, full_at: Instant::now() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(action: &str) -> Origin {
        let [service, action, region] = ["vpc", action, "ap-guangzhou"].map(String::from);
        Origin { service, action, region, account: None }
    }

    fn throttled() -> Error {
        let code = "RequestLimitExceeded".to_owned();
        Error::Api { origin: Box::new(origin("A")), code, message: String::new(), request_id: String::new() }
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_sees_more_than_the_limit() {
        let limits = Limits::new(20);
        let starts: Vec<Duration> = (0..60).map(|_| limits.turn(&origin("A"))).collect();
        assert!(starts[..5].iter().all(Duration::is_zero), "a burst is not held back");
        let nanosecond = Duration::from_nanos(1);
        for start in &starts {
            let until = *start + Duration::from_secs(1) - nanosecond * 100;
            let within = starts.iter().filter(|other| *other >= start && **other < until).count();
            assert!(within <= 20, "{within} requests in the second after {start:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn actions_do_not_wait_for_each_other() {
        let limits = Limits::new(1);
        assert_eq!(limits.turn(&origin("A")), Duration::ZERO);
        assert_eq!(limits.turn(&origin("A")), Duration::from_secs(1));
        assert_eq!(limits.turn(&origin("B")), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_fills_again_with_time() {
        let limits = Limits::new(1);
        limits.turn(&origin("A"));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(limits.turn(&origin("A")), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_slows_an_action_and_success_speeds_it_up_again() {
        let limits = Limits::new(1);
        limits.learn(&origin("A"), Some(&throttled()));
        limits.turn(&origin("A"));
        assert_eq!(limits.turn(&origin("A")), Duration::from_secs(2));
        for _ in 0..20 {
            limits.learn(&origin("A"), None);
        }
        let before = limits.turn(&origin("A"));
        assert_eq!(limits.turn(&origin("A")) - before, Duration::from_secs(1));
    }
}
