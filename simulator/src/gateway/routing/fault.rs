//! Failures put in on purpose.

use std::time::Duration;

use http::StatusCode;

use super::spread::{Chance, Spread};
use crate::gateway::istio::virtual_service::{Abort, Delay, HttpFaultInjection};

/// Failures that a rule puts in.
#[derive(Debug, Default)]
pub(super) struct FaultPolicy {
    delay: Option<(Duration, Chance)>,
    abort: Option<(StatusCode, Chance)>,
}

/// What happens to one request: first the wait, then the error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// A wait before anything else.
    pub delay: Option<Duration>,
    /// An error instead of an answer.
    pub abort: Option<StatusCode>,
}

impl FaultPolicy {
    /// The failures that an object writes. Without a percentage nothing fails, as Istio documents it.
    pub(super) fn new(written: &HttpFaultInjection) -> Self {
        Self { delay: written.delay.as_ref().and_then(delay), abort: written.abort.as_ref().and_then(abort) }
    }

    /// What happens to the next request.
    pub(super) fn next(&self) -> Fault {
        Fault { delay: struck(self.delay.as_ref()), abort: struck(self.abort.as_ref()) }
    }
}

fn delay(written: &Delay) -> Option<(Duration, Chance)> {
    let percent = written.percentage.map_or(f64::from(written.percent), |percentage| percentage.value);
    Some((written.fixed_delay?, Chance::new(percent, Spread::root_of_two())))
}

fn abort(written: &Abort) -> Option<(StatusCode, Chance)> {
    let status = StatusCode::from_u16(written.http_status?).ok()?;
    Some((status, Chance::new(written.percentage.value, Spread::root_of_three())))
}

fn struck<T: Copy>(failure: Option<&(T, Chance)>) -> Option<T> {
    failure.filter(|(_, chance)| chance.strikes()).map(|(failure, _)| *failure)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;
    use serde_json::{Value, json};

    use super::{Fault, FaultPolicy};

    fn policy(written: Value) -> FaultPolicy {
        FaultPolicy::new(&serde_json::from_value(written).unwrap())
    }

    #[test]
    fn a_hundred_percent_strikes_every_request() {
        let policy = policy(json!({
            "delay": { "fixedDelay": "5s", "percentage": { "value": 100 } },
            "abort": { "httpStatus": 418, "percentage": { "value": 100.0 } },
        }));
        let both = Fault { delay: Some(Duration::from_secs(5)), abort: Some(StatusCode::IM_A_TEAPOT) };
        assert!((0..10).all(|_| policy.next() == both));
    }

    #[test]
    fn without_a_percentage_nothing_fails() {
        let policy = policy(json!({ "delay": { "fixedDelay": "5s" }, "abort": { "httpStatus": 500 } }));
        assert_eq!(policy.next(), Fault::default());
    }

    #[test]
    fn a_share_of_requests_fails() {
        let policy = policy(json!({ "abort": { "httpStatus": 503, "percentage": { "value": 10 } } }));
        let failed = (0..1_000).filter(|_| policy.next().abort.is_some()).count();
        assert!(failed.abs_diff(100) <= 5, "{failed}");
    }

    #[test]
    fn the_older_whole_percent_of_a_delay_counts() {
        let policy = policy(json!({ "delay": { "fixedDelay": "1s", "percent": 100 } }));
        assert_eq!(policy.next().delay, Some(Duration::from_secs(1)));
    }
}
