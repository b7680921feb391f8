//! Where keys come from.
//!
//! [`resolve`] chooses, once, by the rules of the stock `tencentcloud` provider. What it returns is asked before every
//! try of every request, so that temporary keys are renewed in the middle of a long apply.

mod arguments;
mod cam_role;
pub mod environment;
mod given;
#[cfg(test)]
mod long_apply;
mod problem;
mod profile;
mod renewing;
mod resolve;
mod roles;
mod secret;
mod session;
#[cfg(test)]
mod tests;
mod web_identity;

pub use arguments::{Arguments, AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, MfaCertification};
pub use environment::Environment;
pub use problem::Problem;
pub use resolve::{region, resolve};
pub use secret::Secret;

use super::BoxFuture;
use super::error::Error;
use super::exchange::Exchange;
use crate::scope::Scope;

/// The keys of one caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Names the key pair.
    pub secret_id: Secret,
    /// Signs.
    pub secret_key: Secret,
    /// Belongs to temporary keys and is sent with every request.
    pub token: Option<Secret>,
}

/// A source of keys.
pub trait CredentialSource: Send + Sync {
    /// The keys to sign with now.
    ///
    /// # Errors
    /// [`Error::Credentials`], or that the scope ended.
    fn credential<'a>(
        &'a self,
        scope: &'a Scope,
        exchange: &'a Exchange<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>>;

    /// Told that the API refused `credential` as expired: the next call gives another one, where there can be one.
    fn forget(&self, _credential: &Credential) {}
}

/// Keys that were given and stay.
impl CredentialSource for Credential {
    fn credential<'a>(&'a self, _: &'a Scope, _: &'a Exchange<'a>) -> BoxFuture<'a, Result<Credential, Error>> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }
}
