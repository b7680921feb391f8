//! What a server knows of a kind: its names, its schemas, and how its objects behave.

use std::fmt::Debug;

use super::addresses::Addresses;
use super::errors::{ApiError, Cause};
use super::names::NameRule;
use super::object::Object;
use super::schema::Schema;
use super::store::Store;

/// A kind of objects.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The API group; empty for the core group.
    pub(crate) group: String,
    /// The served versions, preferred first.
    pub(crate) versions: Vec<Version>,
    /// The version in which objects are kept.
    pub(crate) storage_version: String,
    /// The kind's name, for example `Deployment`.
    pub(crate) kind: String,
    /// The name in paths, for example `deployments`.
    pub(crate) plural: String,
    /// The name of one object on a command line.
    pub(crate) singular: String,
    /// Short names for command lines.
    pub(crate) short_names: Vec<String>,
    /// The groups of kinds that it belongs to, such as `all`.
    pub(crate) categories: Vec<String>,
    /// Whether its objects live in namespaces.
    pub(crate) namespaced: bool,
    /// The fields, beside name and namespace, that a field selector can use.
    pub(crate) selectable_fields: Vec<String>,
    /// Whether it has a status subresource.
    pub(crate) has_status: bool,
    /// Its scale subresource.
    pub(crate) scale: Option<Scale>,
    /// Whether `metadata.generation` counts the changes of what is wanted.
    pub(crate) has_generation: bool,
    /// Whether it is defined by a custom resource definition.
    pub(crate) is_custom: bool,
    /// How its objects may be named.
    pub(crate) naming: NameRule,
    /// What its objects do beyond what all do.
    pub(crate) behaviour: &'static dyn Behaviour,
}

/// A served version of a kind.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    /// Its name, for example `v1`.
    pub(crate) name: String,
    /// What objects look like in it.
    pub(crate) schema: Schema,
}

/// Where an object keeps what its scale subresource shows, as JSON pointers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scale {
    /// The wanted number.
    pub(crate) replicas: String,
    /// The number there is.
    pub(crate) status_replicas: String,
    /// The selector of what is counted.
    pub(crate) selector: Option<String>,
}

impl Kind {
    /// The resource with its group: `deployments.apps`, or `pods` in the core group.
    pub(crate) fn qualified(&self) -> String {
        qualify(&self.plural, &self.group)
    }

    /// The kind with its group: `Deployment.apps`, or `Pod` in the core group.
    pub(crate) fn qualified_kind(&self) -> String {
        qualify(&self.kind, &self.group)
    }

    /// The schema of a served version.
    pub(crate) fn schema(&self, version: &str) -> Option<&Schema> {
        self.versions.iter().find(|served| served.name == version).map(|served| &served.schema)
    }

    /// `apiVersion` of objects in a version.
    pub(crate) fn api_version(&self, version: &str) -> String {
        if self.group.is_empty() { version.to_owned() } else { format!("{}/{version}", self.group) }
    }

    /// Whether a list names kind and version in each item: those of custom kinds do, those of built-in kinds do not.
    pub(crate) fn types_list_items(&self) -> bool {
        self.is_custom
    }
}

fn qualify(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}

/// What a server gives a behaviour to work with.
pub(crate) struct Surroundings<'a> {
    /// The time, as the API writes it.
    pub(crate) now: String,
    /// The addresses and ports of services.
    pub(crate) addresses: &'a Addresses,
    /// The objects of the server.
    pub(crate) store: &'a Store,
}

/// What the objects of one kind do beyond what all objects do. A write calls the methods in this order.
pub(crate) trait Behaviour: Debug + Send + Sync {
    /// Sets defaults that depend on other fields.
    fn set_defaults(&self, _: &mut Object) {}

    /// Sets what the server decides when an object is created or changed.
    ///
    /// # Errors
    /// Why the server cannot.
    fn prepare(&self, _: &Surroundings<'_>, _: &mut Object, _: Option<&Object>) -> Result<(), ApiError> {
        Ok(())
    }

    /// Tells what is wrong with an object, also in comparison to what it was.
    fn validate(&self, _: &Object, _: Option<&Object>) -> Vec<Cause> {
        Vec::new()
    }

    /// Refuses an object as the kind's own webhook does, after everything else.
    ///
    /// # Errors
    /// What the webhook answers.
    fn admit(&self, _: &Object) -> Result<(), ApiError> {
        Ok(())
    }

    /// Why an object may not be deleted, if that is so.
    fn undeletable(&self, _: &Object) -> Option<&'static str> {
        None
    }

    /// Shows in an object that its deletion was asked for.
    fn begin_termination(&self, _: &mut Object) {}

    /// How many seconds an object is given to end by itself after a delete.
    fn grace_seconds(&self, _: &Object) -> u32 {
        0
    }

    /// Whether an object goes by stages of its own kind, without a time to end by itself.
    fn goes_by_stages(&self) -> bool {
        false
    }

    /// Whether objects of this kind are given time to end by themselves.
    fn takes_time(&self) -> bool {
        false
    }

    /// Whether a delete answers with the object that is gone.
    fn is_shown_when_gone(&self) -> bool {
        false
    }

    /// Whether an object must stay although nothing but its own kind's rules holds it.
    fn is_held(&self, _: &Object) -> bool {
        false
    }

    /// Whether dependents outlive the object when a delete does not say.
    fn orphans_by_default(&self) -> bool {
        false
    }
}

/// Objects that do nothing, and are shown when they are gone.
#[derive(Debug)]
pub(crate) struct Shown;

impl Behaviour for Shown {
    fn is_shown_when_gone(&self) -> bool {
        true
    }
}

/// Objects that do nothing.
#[derive(Debug)]
pub(crate) struct Plain;

impl Behaviour for Plain {}
