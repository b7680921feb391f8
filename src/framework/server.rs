//! The provider service of the protocol, over a provider and its registry.
//!
//! Not built yet, each with its place: functions (a `Function` trait and `Registry::function`, answered in `unbuilt`), list
//! resources, actions, moves between resource types, generated configuration. Calls for them answer an error that says so.
//! Deferred answers are never given, and state stores not offered.

mod apply;
mod call;
mod data_source;
mod ephemeral;
mod import;
mod plan;
mod provider;
mod read;
mod schema;
mod service;
mod unbuilt;
mod upgrade;
mod validate;
mod wire;

use std::sync::{Arc, PoisonError, RwLock};

use super::diagnostics::Diagnostic;
use super::model::Model;
use super::provider::Provider;
use super::registry::{DataSourceEntry, EphemeralEntry, Registry, ResourceEntry};
use super::schema::{Kind, Schema, problems};
use crate::scope::StopSwitch;

/// The gRPC service of a provider; `proto::tfplugin6::provider_server::ProviderServer` serves it.
pub struct Server<P: Provider>(Arc<Core<P>>);

/// What all calls share.
struct Core<P: Provider> {
    provider: P,
    registry: Registry<P::Configuration>,
    stop: StopSwitch,
    schema: Schema,
    configured: RwLock<Configured<P::Configuration>>,
}

/// How far the configuration of the provider has come.
enum Configured<C> {
    /// Terraform has not asked yet, or it failed.
    Not,
    /// A value in the provider block is not known before apply.
    Unknown,
    /// It is there.
    With(Arc<C>),
}

impl<P: Provider> Server<P> {
    /// A service for a provider. `stop` ends the calls that run when Terraform asks for it; the service goes on.
    pub fn new(provider: P, registry: Registry<P::Configuration>, stop: StopSwitch) -> Self {
        let configured = RwLock::new(Configured::Not);
        Self(Arc::new(Core { provider, registry, stop, schema: Schema::new(0, P::Model::body()), configured }))
    }

    /// The schema of the provider block.
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }

    /// What the provider offers.
    pub fn registry(&self) -> &Registry<P::Configuration> {
        &self.0.registry
    }

    /// Every rule that a schema breaks. Terraform refuses a provider with one such schema, so a test asserts that there is
    /// none.
    pub fn schema_problems(&self) -> Vec<String> {
        let mut found = problems(&self.0.schema, Kind::Provider);
        found.extend(self.0.registry.problems());
        found
    }
}

impl<P: Provider> Core<P> {
    fn resource(&self, type_name: &str) -> Result<Arc<ResourceEntry<P::Configuration>>, Diagnostic> {
        let name = short::<P>(type_name);
        let entry = self.registry.resources.iter().find(|entry| Some(entry.name) == name);
        entry.cloned().ok_or_else(|| unknown_type("resource", type_name))
    }

    fn data_source(&self, type_name: &str) -> Result<Arc<DataSourceEntry<P::Configuration>>, Diagnostic> {
        let name = short::<P>(type_name);
        let entry = self.registry.data_sources.iter().find(|entry| Some(entry.name) == name);
        entry.cloned().ok_or_else(|| unknown_type("data source", type_name))
    }

    fn ephemeral(&self, type_name: &str) -> Result<Arc<EphemeralEntry<P::Configuration>>, Diagnostic> {
        let name = short::<P>(type_name);
        let entry = self.registry.ephemerals.iter().find(|entry| Some(entry.name) == name);
        entry.cloned().ok_or_else(|| unknown_type("ephemeral resource", type_name))
    }

    /// The configuration, for calls that cannot do without.
    fn configuration(&self) -> Result<Arc<P::Configuration>, Diagnostic> {
        match &*self.configured.read().unwrap_or_else(PoisonError::into_inner) {
            Configured::With(configuration) => Ok(Arc::clone(configuration)),
            Configured::Unknown => Err(Diagnostic::error(
                "Provider configuration is not known yet",
                "A value in the provider block is known only after apply, so this provider can make no call in the plan. \
                 Give values that are known, or apply what they depend on first (`-target`). A data source can wait for it: \
                 name what the value depends on in its `depends_on`.",
            )),
            Configured::Not => Err(Diagnostic::error(
                "Provider is not configured",
                "This call needs a provider that was configured before.",
            )),
        }
    }

    fn awaits_configuration(&self) -> bool {
        matches!(&*self.configured.read().unwrap_or_else(PoisonError::into_inner), Configured::Unknown)
    }

    fn set_configured(&self, configured: Configured<P::Configuration>) {
        *self.configured.write().unwrap_or_else(PoisonError::into_inner) = configured;
    }
}

/// The name without the provider's prefix.
fn short<P: Provider>(type_name: &str) -> Option<&str> {
    type_name.strip_prefix(P::NAME)?.strip_prefix('_')
}

/// The name with the provider's prefix.
fn full<P: Provider>(name: &str) -> String {
    format!("{}_{name}", P::NAME)
}

fn unknown_type(kind: &str, type_name: &str) -> Diagnostic {
    Diagnostic::error("Unknown type", format!("This provider has no {kind} `{type_name}`."))
}
