//! Ephemeral resources: values that live as long as one plan or apply and are stored nowhere.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::diagnostics::Diagnostics;
use super::error::Error;
use super::model::Model;
use super::planned::Planned;
use super::private::Private;
use crate::scope::Scope;

/// An ephemeral resource. Terraform opens one in every plan and again in every apply.
pub trait Ephemeral: Sized + Send + Sync + 'static {
    /// The name without the provider's prefix, for example `cluster_credentials`.
    const NAME: &'static str;

    /// How long opening, renewing and closing may take, each.
    const TIMEOUT: Duration = Duration::from_secs(5 * 60);

    /// What the configured provider hands to its ephemeral resources.
    type Configuration: Send + Sync + 'static;

    /// The attributes and blocks.
    type Model: Model;

    /// An ephemeral resource that works with this configuration. It makes no call.
    ///
    /// # Errors
    /// When the configuration lacks what this resource needs.
    fn new(configuration: &Arc<Self::Configuration>) -> Result<Self, Error>;

    /// Rules that the known values of a configuration decide. It makes no call.
    fn check(_config: &Planned<'_, Self::Model>, _diagnostics: &mut Diagnostics) {}

    /// Opens. What is configured is answered as it is configured, whatever the result says.
    ///
    /// # Errors
    /// Whatever went wrong.
    ///
    /// # Cancellation
    /// As for [`Resource::create`](super::resource::Resource::create).
    fn open(
        &self,
        scope: &Scope,
        config: Self::Model,
    ) -> impl Future<Output = Result<Opened<Self::Model>, Error>> + Send;

    /// Makes the value last longer; called when the time that `open` or the last renewal named has come.
    ///
    /// # Errors
    /// Whatever went wrong.
    ///
    /// # Cancellation
    /// As for [`Resource::create`](super::resource::Resource::create).
    fn renew(&self, _scope: &Scope, private: &Private) -> impl Future<Output = Result<Renewed, Error>> + Send {
        let private = private.clone();
        async move { Ok(Renewed { renew_at: None, private }) }
    }

    /// Closes, possibly more than once. Terraform hands over the notes of `open`, never those of a renewal (measured on
    /// Terraform 1.11.4 and 1.15.5).
    ///
    /// # Errors
    /// Whatever went wrong.
    ///
    /// # Cancellation
    /// As for [`Resource::create`](super::resource::Resource::create).
    fn close(&self, _scope: &Scope, _private: &Private) -> impl Future<Output = Result<(), Error>> + Send {
        async { Ok(()) }
    }
}

/// An opened ephemeral resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened<M> {
    /// The value.
    pub model: M,
    /// When to renew it; never, where nothing is said.
    pub renew_at: Option<SystemTime>,
    /// Notes for `renew` and `close`.
    pub private: Private,
    /// What to tell although it was opened. No expression sees it, so it may hold what an expression must not be made of.
    pub warnings: Diagnostics,
}

impl<M> Opened<M> {
    /// A value that lasts without being renewed and leaves nothing to close.
    pub fn new(model: M) -> Self {
        Self { model, renew_at: None, private: Private::default(), warnings: Diagnostics::default() }
    }
}

/// A renewed ephemeral resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Renewed {
    /// When to renew it again; never, where nothing is said.
    pub renew_at: Option<SystemTime>,
    /// Notes for the next renewal.
    pub private: Private,
}
