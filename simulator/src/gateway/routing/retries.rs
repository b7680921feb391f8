//! When a request is tried again.

use std::time::Duration;

use http::StatusCode;

use crate::gateway::istio::virtual_service::HttpRetry;

/// What Istio tries again after unless told otherwise, with status 503.
const DEFAULT_CONDITIONS: &str = "connect-failure,refused-stream,unavailable,cancelled,503";

/// When a request is tried again. Envoy's waits between attempts (25 ms and more) are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often at most, after the first attempt.
    pub retries: u32,
    /// How long one attempt may take.
    pub per_try_timeout: Option<Duration>,
    on_server_error: bool,
    on_gateway_error: bool,
    on_reset: bool,
    on_connect_failure: bool,
    on_conflict: bool,
    on_statuses: Vec<u16>,
}

impl RetryPolicy {
    /// The policy that an object writes; Istio's default where it says nothing: two more attempts after connect
    /// failures and status 503.
    pub(super) fn new(written: Option<&HttpRetry>) -> Self {
        let Some(HttpRetry { attempts, per_try_timeout, retry_on }) = written else {
            return Self::of(2, None, DEFAULT_CONDITIONS);
        };
        let conditions = if retry_on.is_empty() { DEFAULT_CONDITIONS } else { retry_on };
        Self::of(u32::try_from(*attempts).unwrap_or_default(), *per_try_timeout, conditions)
    }

    fn of(retries: u32, per_try_timeout: Option<Duration>, conditions: &str) -> Self {
        let conditions: Vec<_> = conditions.split(',').map(str::trim).collect();
        let on = |condition: &str| conditions.contains(&condition);
        Self {
            retries,
            per_try_timeout: per_try_timeout.filter(|timeout| !timeout.is_zero()),
            on_server_error: on("5xx"),
            on_gateway_error: on("gateway-error"),
            on_reset: on("reset"),
            on_connect_failure: on("connect-failure"),
            on_conflict: on("retriable-4xx"),
            on_statuses: conditions.iter().filter_map(|condition| condition.parse().ok()).collect(),
        }
    }

    /// Whether to try again after an answer.
    pub(crate) fn after_status(&self, status: StatusCode) -> bool {
        self.on_server_error && status.is_server_error()
            || self.on_gateway_error && matches!(status.as_u16(), 502..=504)
            || self.on_conflict && status == StatusCode::CONFLICT
            || self.on_statuses.contains(&status.as_u16())
    }

    /// Whether to try again where no connection came about.
    pub(crate) fn after_connect_failure(&self) -> bool {
        self.on_connect_failure || self.after_reset()
    }

    /// Whether to try again where an attempt took too long.
    pub(crate) fn after_reset(&self) -> bool {
        self.on_server_error || self.on_gateway_error || self.on_reset
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::{Value, json};

    use super::RetryPolicy;

    fn policy(written: Value) -> RetryPolicy {
        RetryPolicy::new(Some(&serde_json::from_value(written).unwrap()))
    }

    #[test]
    fn by_default_connect_failures_and_503_are_tried_twice_more() {
        let policy = RetryPolicy::new(None);
        assert_eq!(policy.retries, 2);
        assert!(policy.after_connect_failure());
        assert!(policy.after_status(StatusCode::SERVICE_UNAVAILABLE));
        assert!(!policy.after_status(StatusCode::BAD_GATEWAY));
        assert!(!policy.after_reset());
    }

    #[test]
    fn zero_attempts_mean_no_retry() {
        assert_eq!(policy(json!({ "attempts": 0 })).retries, 0);
    }

    #[test]
    fn no_time_at_all_means_no_limit_of_an_attempt() {
        assert_eq!(policy(json!({ "attempts": 1, "perTryTimeout": "0s" })).per_try_timeout, None);
    }

    #[test]
    fn attempts_alone_keep_the_default_conditions() {
        let policy = policy(json!({ "attempts": 5 }));
        assert_eq!(policy.retries, 5);
        assert!(policy.after_connect_failure());
    }

    #[test]
    fn each_condition_covers_its_failures_and_no_other() {
        let statuses = [409, 500, 502, 503, 504];
        let covered = |condition: &str| {
            let policy = policy(json!({ "attempts": 1, "retryOn": condition }));
            let of_status = |status: &u16| policy.after_status(StatusCode::from_u16(*status).unwrap());
            let statuses: Vec<_> = statuses.into_iter().filter(of_status).collect();
            (statuses, policy.after_connect_failure(), policy.after_reset())
        };
        assert_eq!(covered("5xx"), (vec![500, 502, 503, 504], true, true));
        assert_eq!(covered("gateway-error"), (vec![502, 503, 504], true, true));
        assert_eq!(covered("reset"), (vec![], true, true));
        assert_eq!(covered("connect-failure"), (vec![], true, false));
        assert_eq!(covered("retriable-4xx"), (vec![409], false, false));
        assert_eq!(covered("500, 409"), (vec![409, 500], false, false));
    }
}
