//! One line a try, and at the level `trace` one when it begins, made from an allow-list: never a body, never the value of a header.

use std::future::Future;

use tokio::time::Instant;

use super::Call;
use crate::cloud::error::Error;
use crate::cloud::json::Accepted;

/// Runs a try and logs how it ended.
pub(crate) async fn observed(
    call: &Call,
    attempt: impl Future<Output = Result<Accepted, Error>>,
) -> Result<Accepted, Error> {
    tracing::trace!(service = call.origin.service, action = call.origin.action, "calling the cloud API");
    let started = Instant::now();
    let outcome = attempt.await;
    let (code, request_id) = summary(&outcome);
    tracing::debug!(
        service = call.origin.service,
        action = call.origin.action,
        region = call.origin.region,
        code,
        request_id,
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "called the cloud API"
    );
    outcome
}

fn summary(outcome: &Result<Accepted, Error>) -> (&str, &str) {
    match outcome {
        Ok(accepted) => ("OK", &accepted.request_id),
        Err(Error::Api { code, request_id, .. }) => (code, request_id),
        Err(Error::NotSent { .. }) => ("not sent", ""),
        Err(Error::Unanswered { .. }) => ("unanswered", ""),
        Err(Error::Stopped) => ("stopped", ""),
        Err(Error::TimedOut { .. }) => ("timed out", ""),
        Err(_) => ("not usable", ""),
    }
}
