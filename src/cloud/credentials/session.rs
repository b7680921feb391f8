//! Keys that STS gives for one and the same request.

use std::sync::Arc;

use super::renewing::{Issued, Issuer, until};
use super::{CredentialSource, Problem};
use crate::cloud::BoxFuture;
use crate::cloud::action::Action;
use crate::cloud::api::sts::TemporaryCredentials;
use crate::cloud::error::Error;
use crate::cloud::exchange::Exchange;
use crate::scope::Scope;

/// A session that a request opens.
pub(super) struct Session<A> {
    /// Names it, for example `assume_role of qcs::cam::uin/100000000001:roleName/terraform`.
    pub(super) name: String,
    /// Who signs the request; nobody where it carries its proof with it.
    pub(super) signer: Option<Arc<dyn CredentialSource>>,
    pub(super) request: A,
    /// Whether the request opens one session only: a code of an MFA device works once.
    pub(super) once: bool,
}

impl<A: Action<Response = TemporaryCredentials>> Session<A> {
    async fn open(&self, scope: &Scope, exchange: &Exchange<'_>) -> Result<Issued, Error> {
        let answer = exchange.send(scope, self.signer.as_deref(), &self.request).await;
        let answer = answer.map_err(|why| Problem::refused(self.name.clone(), why))?;
        Ok(Issued { credential: answer.credentials.into(), lifetime: until(answer.expired_time) })
    }
}

impl<A: Action<Response = TemporaryCredentials>> Issuer for Session<A> {
    fn issue<'a>(&'a self, scope: &'a Scope, exchange: &'a Exchange<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(self.open(scope, exchange))
    }

    fn issues_once(&self) -> Option<&str> {
        self.once.then_some(&self.name)
    }
}
