//! Retries, and faults that are made on purpose.

use serde_json::Value;

use super::super::json::{member, number, object, text};
use super::super::values;
use crate::framework::Model;

/// When a request is tried again.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Retries {
    /// How often at most, for example `3`; `0` switches retries off.
    #[tf(required, range(0..=2147483647))]
    pub attempts: i64,
    /// How long one attempt may take, for example `2s`.
    #[tf(optional, check = values::duration, same = values::same_duration)]
    pub per_try_timeout: Option<String>,
    /// For what, for example `["5xx", "reset"]`: Envoy's policies and status codes.
    #[tf(optional, each = values::retry)]
    pub retry_on: Vec<String>,
}

/// Faults to inject: at least one of the blocks.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Fault {
    /// Requests that wait before they go on.
    #[tf(block)]
    pub delay: Option<Delay>,
    /// Requests that are answered with an error.
    #[tf(block)]
    pub abort: Option<Abort>,
}

/// Requests that wait before they go on.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Delay {
    /// How many of the requests, in percent, for example `10`; all where absent.
    #[tf(optional, default = 100.0, range(0..=100))]
    pub percent: f64,
    /// How long, for example `3s`.
    #[tf(required, check = values::duration, same = values::same_duration)]
    pub duration: String,
}

/// Requests that are answered with an error.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Abort {
    /// How many of the requests, in percent, for example `10`; all where absent.
    #[tf(optional, default = 100.0, range(0..=100))]
    pub percent: f64,
    /// The status code, for example `503`.
    #[tf(required, range(200..=599))]
    pub status: i64,
}

impl Retries {
    pub(super) fn to_istio(&self) -> Value {
        let Self { attempts, per_try_timeout, retry_on } = self;
        let retry_on = (!retry_on.is_empty()).then(|| retry_on.join(","));
        object([
            ("attempts", (*attempts).into()),
            ("perTryTimeout", per_try_timeout.clone().into()),
            ("retryOn", retry_on.into()),
        ])
    }

    pub(super) fn of_istio(live: &Value) -> Self {
        let retry_on = text(live, "retryOn").unwrap_or_default();
        let policies = retry_on.split(',').map(str::trim).filter(|policy| !policy.is_empty());
        Self {
            attempts: live["attempts"].as_i64().unwrap_or_default(),
            per_try_timeout: text(live, "perTryTimeout"),
            retry_on: policies.map(Into::into).collect(),
        }
    }
}

impl Fault {
    pub(super) fn to_istio(&self) -> Value {
        let delay = self.delay.as_ref().map(|Delay { percent, duration }| {
            object([("percentage", percentage(*percent)), ("fixedDelay", (&**duration).into())])
        });
        let abort = self.abort.as_ref().map(|Abort { percent, status }| {
            object([("percentage", percentage(*percent)), ("httpStatus", (*status).into())])
        });
        object([("delay", delay.into()), ("abort", abort.into())])
    }

    pub(super) fn of_istio(live: &Value) -> Self {
        let percent = |fault: &Value| fault["percentage"]["value"].as_f64().or_else(|| fault["percent"].as_f64());
        Self {
            delay: member(live, "delay").map(|delay| Delay {
                percent: percent(delay).unwrap_or(100.0),
                duration: text(delay, "fixedDelay").unwrap_or_default(),
            }),
            abort: member(live, "abort").map(|abort| Abort {
                percent: percent(abort).unwrap_or(100.0),
                status: abort["httpStatus"].as_i64().unwrap_or_default(),
            }),
        }
    }
}

fn percentage(percent: f64) -> Value {
    object([("value", number(percent))])
}
