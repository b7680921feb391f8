//! Data sources: what the author of one implements.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::diagnostics::Diagnostics;
use super::error::Error;
use super::model::Model;
use super::planned::Planned;
use crate::scope::Scope;

/// A data source.
pub trait DataSource: Sized + Send + Sync + 'static {
    /// The name without the provider's prefix, for example `clusters`.
    const NAME: &'static str;

    /// How long reading may take where a configuration says nothing.
    const TIMEOUT: Duration = Duration::from_secs(5 * 60);

    /// What the configured provider hands to its data sources.
    type Configuration: Send + Sync + 'static;

    /// The attributes and blocks.
    type Model: Model;

    /// A data source that works with this configuration. It makes no call.
    ///
    /// # Errors
    /// When the configuration lacks what this data source needs.
    fn new(configuration: &Arc<Self::Configuration>) -> Result<Self, Error>;

    /// Rules that the known values of a configuration decide. It makes no call.
    fn check(_config: &Planned<'_, Self::Model>, _diagnostics: &mut Diagnostics) {}

    /// Reads. `config` has its defaults filled in and null for what is computed; what is configured is answered as it is
    /// configured, whatever the result says.
    ///
    /// # Errors
    /// Whatever went wrong. Nothing found is an error where the configuration names one thing.
    ///
    /// # Cancellation
    /// It is dropped when its scope ends.
    fn read(&self, scope: &Scope, config: Self::Model) -> impl Future<Output = Result<Self::Model, Error>> + Send;
}
