//! Waiting for what the cloud makes of a change, and what users read when it gives up.

use std::future::Future;

use crate::cloud::{self, Client};
use crate::framework::{Diagnostic, Error};
use crate::resources::errors::Doing;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// How something that is waited for stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing<T = ()> {
    /// The wait is over, with what was found.
    Reached(T),
    /// Not yet; the text says what was seen.
    Pending(String),
    /// It will not come.
    Failed(Failure),
}

/// A state in which the cloud gave up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The object and its state, for example `the mesh mesh-rofjmxxx is CREATE_FAILED`.
    pub(super) seen: String,
    /// The cloud's words.
    pub(super) reason: Option<String>,
}

/// What is waited for, in words.
pub(super) struct Goal<'a> {
    /// What is being done, which completes "Cannot …".
    pub(super) doing: String,
    /// What is waited for, for example `the mesh to be running`.
    pub(super) what: &'a str,
    /// What to do next where it fails.
    pub(super) next: &'a str,
}

/// Looks until the goal is reached or failed.
///
/// # Errors
/// A failure with the cloud's words; the errors of a look; the end of the scope, with what was seen last.
pub(super) async fn reach<T, F>(
    scope: &Scope,
    client: &Client,
    goal: Goal<'_>,
    look: impl Fn() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<Standing<T>, cloud::Error>>,
{
    let Goal { doing, what, next } = goal;
    let probe = async || {
        Ok::<_, cloud::Error>(match look().await? {
            Standing::Reached(found) => Probe::Done(Ok(found)),
            Standing::Pending(seen) => Probe::Pending(seen),
            Standing::Failed(failure) => Probe::Done(Err(failure)),
        })
    };
    let ended = wait::until(scope, wait::PATIENT, what, probe).await.doing(|| doing.clone())?;
    let Failure { seen, reason } = match ended {
        Ok(found) => return Ok(found),
        Err(failure) => failure,
    };
    let reason = reason.filter(|reason| !reason.is_empty()).unwrap_or_else(|| "the cloud gives no reason".into());
    let (region, account) = (client.region(), client.account(scope).await.doing(|| doing.clone())?);
    let detail = format!("In {region}, account {account}, {seen}: {reason}.\n\n{next}");
    Err(Diagnostic::error(format!("Cannot {doing}"), detail).into())
}
