//! Runs a resource's code so that nothing it does can take the server down.

use std::any::Any;
use std::future::Future;
use std::time::Duration;

use tokio::task::JoinError;
use tracing::{Instrument, Span};

use super::diagnostics::Diagnostic;
use super::error::{Error, ErrorKind};
use crate::scope::Scope;

/// How long an operation may go on after it was asked to stop or its time was over: a request that was sent is awaited so
/// that its effect is known.
const GRACE: Duration = Duration::from_secs(60);

/// Runs `work` in a task of its own until it is done.
///
/// # Errors
/// What `work` answers; an error for a panic; an error when `work` goes on for a minute after it should have ended.
///
/// # Cancellation
/// When the caller is dropped, `work` goes on to its end.
pub(crate) async fn contained<T: Send + 'static>(
    scope: &Scope,
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    #[expect(clippy::disallowed_methods, reason = "a write outlives the future that awaits it")]
    let mut task = tokio::spawn(work.instrument(Span::current()));
    let ended = match scope.run(&mut task).await {
        Ok(ended) => ended,
        Err(_) => match tokio::time::timeout(GRACE, &mut task).await {
            Ok(ended) => ended,
            Err(_) => {
                task.abort();
                return Err(abandoned());
            }
        },
    };
    ended.unwrap_or_else(|error| Err(panicked(error).into()))
}

/// The message for a task that did not end by itself.
pub(crate) fn panicked(error: JoinError) -> Diagnostic {
    let reason = error.try_into_panic().map_or_else(|error| error.to_string(), |payload| panic_text(payload.as_ref()));
    let detail = format!("A bug of the provider ended this operation early: {reason}. Please report it.");
    Diagnostic::error("The provider panicked", detail)
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason is known".to_owned())
}

fn abandoned() -> Error {
    let detail = "The operation was asked to end and did not do so within a minute: it was given up. What the last request \
                  did is not known.";
    Error::new(ErrorKind::Stopped, Diagnostic::error("The operation did not end", detail))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a paused clock does not sleep")]
mod tests {
    use super::*;
    use crate::scope::StopSwitch;

    fn summary(result: Result<(), Error>) -> String {
        result.expect_err("an error").to_string()
    }

    #[tokio::test]
    async fn a_panic_becomes_an_error_that_tells_the_reason() {
        let scope = Scope::unstopped(Duration::from_secs(1));
        let error = contained::<()>(&scope, async { panic!("reason {}", 1) }).await.expect_err("an error");
        assert!(error.diagnostics().iter().any(|found| found.detail.contains("reason 1")));
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_ends_soon_after_a_stop_is_awaited() {
        let switch = StopSwitch::default();
        let scope = Scope::new(switch.token(), Duration::from_secs(600));
        let inner = scope.clone();
        let work = contained(&scope, async move {
            let stopped = inner.run(std::future::pending::<()>()).await.expect_err("a stop");
            tokio::time::sleep(Duration::from_secs(10)).await;
            Err::<(), _>(stopped.into())
        });
        let (result, ()) = tokio::join!(work, async { switch.stop() });
        assert_eq!(summary(result), "Stopped on request");
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_never_ends_is_given_up_after_a_grace() {
        let scope = Scope::unstopped(Duration::from_secs(5));
        let started = tokio::time::Instant::now();
        assert_eq!(summary(contained(&scope, std::future::pending()).await), "The operation did not end");
        assert_eq!(started.elapsed(), Duration::from_secs(5) + GRACE);
    }
}
