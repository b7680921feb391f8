//! What the verbs of the API do.

use bytes::Bytes;
use http::HeaderMap;

use super::answer::Answer;
use super::apply::managers::{Manager, Operation};
use super::clock::rfc3339;
use super::errors::ApiError;
use super::identity::Identity;
use super::kinds::{Kind, Surroundings};
use super::object::Object;
use super::path::{Parameters, ResourcePath};
use super::registry::Served;
use super::schema::Schema;
use super::server::Server;
use super::store::{Key, Resource};

mod decode;
mod delete;
mod options;
mod owners;
mod patch;
mod read;
mod scale;
mod subresources;
mod table;
mod watch;
mod write;

/// A request about a resource, from somebody who may make it.
pub(crate) struct Call<'a> {
    /// The server that is asked.
    pub(crate) server: &'a Server,
    /// The kind that the path names, and its store.
    pub(crate) served: Served,
    /// What the path names.
    pub(crate) path: ResourcePath,
    /// The query.
    pub(crate) parameters: Parameters,
    /// Who asks.
    pub(crate) user: Identity,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
}

impl Call<'_> {
    /// Carries out a verb.
    ///
    /// # Errors
    /// What the API refuses it with.
    pub(crate) fn run(&self, verb: &str) -> Result<Answer, ApiError> {
        self.check_options(verb)?;
        if let Some(subresource) = self.path.subresource.clone() {
            return self.run_on_subresource(verb, &subresource);
        }
        match (verb, self.path.name.as_deref()) {
            ("get", Some(name)) => self.get(name),
            ("list", None) => self.list(),
            ("watch", name) => self.watch(name),
            ("create", None) => self.create(),
            ("update", Some(name)) => self.update(name),
            ("patch", Some(name)) => self.patch(name),
            ("delete", Some(name)) => self.delete(name),
            ("deletecollection", None) if self.kind().plural != "namespaces" => self.delete_collection(),
            _ => Err(ApiError::method_not_allowed()),
        }
    }

    fn kind(&self) -> &Kind {
        &self.served.kind
    }

    fn resource(&self) -> Resource {
        self.served.resource()
    }

    fn schema(&self) -> &Schema {
        // The path was resolved by this version.
        self.kind().schema(&self.path.version).unwrap_or(&Schema::Any)
    }

    fn key(&self, name: &str) -> Key {
        let namespace = self.path.namespace.as_deref().filter(|_| self.kind().namespaced);
        Key::new(namespace.unwrap_or_default(), name)
    }

    fn find(&self, name: &str) -> Result<std::sync::Arc<Object>, ApiError> {
        let found = self.served.store.get(&self.resource(), &self.key(name));
        found.ok_or_else(|| ApiError::not_found(self.kind(), name))
    }

    fn now(&self) -> String {
        rfc3339(self.server.clock.now())
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { now: self.now(), addresses: &self.server.addresses, store: &self.served.store }
    }

    fn header(&self, name: http::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The manager that the fields of this write belong to: named, or the first part of the user agent.
    fn manager(&self, operation: Operation) -> Manager {
        let named = self.parameters.text("fieldManager");
        let agent = self.header(http::header::USER_AGENT).split('/').next().unwrap_or_default();
        let name = [named, agent, "unknown"].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        Manager {
            name: name.to_owned(),
            operation,
            api_version: self.kind().api_version(&self.path.version),
            subresource: self.path.subresource.clone().unwrap_or_default(),
        }
    }

    /// Whether nothing is to be kept.
    fn is_dry_run(&self) -> bool {
        self.parameters.text("dryRun") == "All"
    }

    /// An object as the asked version shows it.
    fn present(&self, object: &Object) -> Object {
        let mut object = object.clone();
        object.set("/apiVersion", self.kind().api_version(&self.path.version));
        object
    }
}
