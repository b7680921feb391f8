//! The provider block: what its author implements.

use std::future::Future;

use super::diagnostics::Diagnostics;
use super::error::Error;
use super::model::Model;
use super::planned::Planned;
use crate::scope::Scope;

/// A provider.
pub trait Provider: Send + Sync + 'static {
    /// The name, which is the prefix of all its resources, for example `tcmesh`.
    const NAME: &'static str;

    /// The attributes and blocks of the provider block.
    type Model: Model;

    /// What resources, data sources and ephemeral resources work with.
    type Configuration: Send + Sync + 'static;

    /// Rules that the known values of the provider block decide. It makes no call.
    fn check(_config: &Planned<'_, Self::Model>, _diagnostics: &mut Diagnostics) {}

    /// Makes the configuration. It is called only when every value of the block is known, and may be called several times:
    /// the last configuration counts.
    ///
    /// # Errors
    /// Whatever is wrong with the values.
    ///
    /// # Cancellation
    /// It is dropped when its scope ends.
    fn configure(
        &self,
        scope: &Scope,
        model: Self::Model,
    ) -> impl Future<Output = Result<Self::Configuration, Error>> + Send;
}
