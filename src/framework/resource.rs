//! Managed resources: what a resource author implements.

use std::fmt::Display;
use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;

use super::change::{Change, Prior};
use super::diagnostics::{Diagnostic, Diagnostics};
use super::error::Error;
use super::model::Model;
use super::planned::Planned;
use super::progress::Progress;
use super::timeouts::Timeouts;
use crate::scope::Scope;

/// The attributes of a state, as JSON.
pub type JsonAttributes = serde_json::Map<String, serde_json::Value>;

/// A managed resource.
///
/// The framework decodes and encodes, plans, reads back after every write, keeps what `progress` was told whatever happens
/// after, carries over what the API does not answer, applies timeouts, and imports. A resource talks to the API.
pub trait Resource: Sized + Send + Sync + 'static {
    /// The name without the provider's prefix, for example `ccn`.
    const NAME: &'static str;

    /// How long operations may take where a configuration says nothing.
    const TIMEOUTS: Timeouts = Timeouts::DEFAULT;

    /// Grows when a state written before no longer fits the model; then [`upgrade`](Self::upgrade) must know the old ones.
    const VERSION: i64 = 0;

    /// What the configured provider hands to its resources.
    type Configuration: Send + Sync + 'static;

    /// The attributes and blocks.
    type Model: Model;

    /// The ID of one object. Its text is the model's attribute `id` and the argument of an import; the error of `FromStr`
    /// is a sentence that says what was expected.
    type Id: FromStr<Err: Display> + Display + Clone + Send + Sync;

    /// A resource that works with this configuration. It makes no call.
    ///
    /// # Errors
    /// When the configuration lacks what this resource needs.
    fn new(configuration: &Arc<Self::Configuration>) -> Result<Self, Error>;

    /// The ID of an object whose state or identity is `model`: by default its attribute `id`. To be written only for
    /// identities that do not hold `id` itself.
    ///
    /// # Errors
    /// When the model holds no ID, or none that can be read.
    fn id_from_identity(model: &Self::Model) -> Result<Self::Id, Error> {
        match model.to_object().field("id").as_str() {
            Some(id) => parse_id(id),
            None => {
                Err(Diagnostic::error("No ID", "The state of this object holds no ID, so it cannot be found.").into())
            }
        }
    }

    /// Rules that the known values of one object decide. It makes no call. It runs when a configuration is validated, where
    /// warnings are dropped, and in every plan.
    fn check(_planned: &Planned<'_, Self::Model>, _diagnostics: &mut Diagnostics) {}

    /// Rules that need the settings of the provider, too. It makes no call. It runs in every plan, unless the configuration
    /// of the provider is not known before apply.
    fn check_settings(&self, _planned: &Planned<'_, Self::Model>, _diagnostics: &mut Diagnostics) {}

    /// Whether the caller may tell that this object is gone: an object of another account looks just as absent. It is asked
    /// before each read, update and deletion of an existing object, with null for what an imported object does not tell.
    ///
    /// # Errors
    /// When the caller is not the owner, or it cannot be told: the operation then ends here, and the state stays as it is.
    fn check_owner(&self, scope: &Scope, prior: &Self::Model) -> impl Future<Output = Result<(), Error>> + Send;

    /// Creates an object and tells `progress` its ID as soon as it is known. `config` alone holds write-only values; in
    /// `plan` what is computed is unknown. The framework reads the object back afterwards.
    ///
    /// # Errors
    /// Whatever went wrong. What `progress` was told before is in the state nevertheless.
    ///
    /// # Cancellation
    /// It is never dropped before a minute has passed since its scope ended: it watches the scope itself.
    fn create(
        &self,
        scope: &Scope,
        config: &Self::Model,
        plan: &Self::Model,
        progress: &mut Progress<Self::Model>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Reads an object; nothing where it is positively gone.
    ///
    /// # Errors
    /// Whatever went wrong; one of the kind [`NotFound`](super::error::ErrorKind::NotFound) means gone.
    ///
    /// # Cancellation
    /// It is dropped when its scope ends.
    fn read(
        &self,
        scope: &Scope,
        id: &Self::Id,
        prior: &Prior<Self::Model>,
    ) -> impl Future<Output = Result<Option<Self::Model>, Error>> + Send;

    /// Brings an object from its prior state to the planned one. The framework reads the object back afterwards.
    ///
    /// # Errors
    /// Whatever went wrong. The state then holds what `progress` was told and what a read finds.
    ///
    /// # Cancellation
    /// As for [`create`](Self::create).
    fn update(
        &self,
        scope: &Scope,
        id: &Self::Id,
        change: &Change<'_, Self::Model>,
        progress: &mut Progress<Self::Model>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Deletes an object, and returns when it is gone.
    ///
    /// # Errors
    /// Whatever went wrong: the object stays in the state. One of the kind
    /// [`NotFound`](super::error::ErrorKind::NotFound) means done.
    ///
    /// # Cancellation
    /// As for [`create`](Self::create).
    fn delete(
        &self,
        scope: &Scope,
        id: &Self::Id,
        prior: &Prior<Self::Model>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// The attributes of a state of an older `version`, brought into the shape of the model. It makes no call.
    ///
    /// # Errors
    /// When the version is not known.
    fn upgrade(version: i64, _attributes: JsonAttributes) -> Result<JsonAttributes, Error> {
        let detail =
            format!("The state was written with version {version} of the schema, which this provider cannot read.");
        Err(Diagnostic::error("Unknown version of the state", detail).into())
    }
}

/// Reads an ID.
///
/// # Errors
/// A message that says what was expected.
pub(crate) fn parse_id<Id: FromStr<Err: Display>>(text: &str) -> Result<Id, Error> {
    text.parse()
        .map_err(|error| Diagnostic::error("Invalid ID", format!("`{text}` is no ID of this resource: {error}")).into())
}
