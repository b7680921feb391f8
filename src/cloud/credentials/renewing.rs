//! Temporary keys, renewed before they expire.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Credential, CredentialSource, Problem};
use crate::cloud::BoxFuture;
use crate::cloud::error::Error;
use crate::cloud::exchange::Exchange;
use crate::scope::Scope;

/// How long before their end keys are renewed; shorter for short-lived ones. The vendor's clients take five minutes too.
const MARGIN: Duration = Duration::from_secs(300);

/// Gives temporary keys.
pub(super) trait Issuer: Send + Sync {
    /// New keys.
    fn issue<'a>(&'a self, scope: &'a Scope, exchange: &'a Exchange<'a>) -> BoxFuture<'a, Result<Issued, Error>>;

    /// The name of the source, where it gives keys only once.
    fn issues_once(&self) -> Option<&str> {
        None
    }
}

/// Keys that were just given.
pub(super) struct Issued {
    pub(super) credential: Credential,
    /// How long they live from now on.
    pub(super) lifetime: Duration,
}

/// The time from now until a UNIX time.
pub(super) fn until(expired_time: u64) -> Duration {
    let end = UNIX_EPOCH + Duration::from_secs(expired_time);
    end.duration_since(SystemTime::now()).unwrap_or_default()
}

/// Keeps the keys of an issuer until they are about to expire. Callers that come meanwhile share one call.
pub(super) struct Renewing<I> {
    issuer: I,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    credential: Credential,
    renew_at: Instant,
}

impl<I: Issuer> Renewing<I> {
    pub(super) fn new(issuer: I) -> Self {
        Self { issuer, kept: Mutex::new(None) }
    }

    async fn current(&self, scope: &Scope, exchange: &Exchange<'_>) -> Result<Credential, Error> {
        let kept = scope.run(self.kept.lock()).await;
        let mut kept = kept.map_err(|why| Error::interrupted(why, "temporary keys", None))?;
        if let Some(kept) = kept.as_ref().filter(|kept| Instant::now() < kept.renew_at) {
            return Ok(kept.credential.clone());
        }
        let once = self.issuer.issues_once();
        if let (Some(_), Some(source_name)) = (kept.as_ref(), once) {
            return Err(Problem::Ended { source_name: source_name.to_owned() }.into());
        }
        let Issued { credential, lifetime } = self.issuer.issue(scope, exchange).await?;
        let margin = if once.is_some() { Duration::ZERO } else { MARGIN.min(lifetime / 10) };
        let renew_at = Instant::now() + lifetime.saturating_sub(margin);
        *kept = Some(Kept { credential: credential.clone(), renew_at });
        Ok(credential)
    }
}

impl<I: Issuer> CredentialSource for Renewing<I> {
    fn credential<'a>(
        &'a self,
        scope: &'a Scope,
        exchange: &'a Exchange<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        Box::pin(self.current(scope, exchange))
    }

    fn forget(&self, credential: &Credential) {
        // Where the lock is taken, somebody is renewing already.
        if let Ok(mut kept) = self.kept.try_lock()
            && let Some(kept) = kept.as_mut().filter(|kept| kept.credential == *credential)
        {
            kept.renew_at = Instant::now();
        }
    }
}
