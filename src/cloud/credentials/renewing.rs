//! Temporary keys, renewed before they expire.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Credential, CredentialSource};
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
        let Issued { credential, lifetime } = self.issuer.issue(scope, exchange).await?;
        let renew_at = Instant::now() + lifetime.saturating_sub(MARGIN.min(lifetime / 10));
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
        if let Ok(mut kept) = self.kept.try_lock() {
            kept.take_if(|kept| kept.credential == *credential);
        }
    }
}
