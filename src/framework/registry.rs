//! The resources, data sources and ephemeral resources of a provider.

use std::sync::Arc;
use std::time::Duration;

use super::data_source::DataSource;
use super::diagnostics::Diagnostics;
use super::ephemeral::Ephemeral;
use super::erased::{ErasedDataSource, ErasedEphemeral, ErasedResource};
use super::error::Error;
use super::model::{Model, misfits};
use super::planned::Planned;
use super::resource::{JsonAttributes, Resource, parse_id};
use super::schema::{Kind, Schema, problems};
use super::timeouts::{Operation, Timeouts, operations, with_timeouts};
use super::value::Value;

/// Everything that a provider offers, by its name without the provider's prefix.
pub struct Registry<C> {
    pub(crate) resources: Vec<Arc<ResourceEntry<C>>>,
    pub(crate) data_sources: Vec<Arc<DataSourceEntry<C>>>,
    pub(crate) ephemerals: Vec<Arc<EphemeralEntry<C>>>,
}

/// Rules for a planned object, the state before, and the configuration.
pub(crate) type Check = fn(&Value, &Value, &Value, &mut Diagnostics);

/// Makes an object of a type out of the provider's configuration.
pub(crate) type Bind<C, T> = fn(&Arc<C>) -> Result<Arc<T>, Error>;

/// One managed resource.
pub(crate) struct ResourceEntry<C> {
    pub(crate) name: &'static str,
    pub(crate) schema: Arc<Schema>,
    pub(crate) timeouts: Timeouts,
    pub(crate) check: Check,
    pub(crate) check_id: fn(&str) -> Result<(), Error>,
    pub(crate) upgrade: fn(i64, JsonAttributes) -> Result<JsonAttributes, Error>,
    pub(crate) bind: Bind<C, dyn ErasedResource>,
}

/// One data source.
pub(crate) struct DataSourceEntry<C> {
    pub(crate) name: &'static str,
    pub(crate) schema: Arc<Schema>,
    pub(crate) timeouts: Timeouts,
    pub(crate) check: Check,
    pub(crate) bind: Bind<C, dyn ErasedDataSource>,
}

/// One ephemeral resource.
pub(crate) struct EphemeralEntry<C> {
    pub(crate) name: &'static str,
    pub(crate) schema: Arc<Schema>,
    pub(crate) timeout: Duration,
    pub(crate) check: Check,
    pub(crate) bind: Bind<C, dyn ErasedEphemeral>,
}

impl<C: Send + Sync + 'static> Registry<C> {
    /// A registry with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self { resources: Vec::new(), data_sources: Vec::new(), ephemerals: Vec::new() }
    }

    /// Adds a managed resource.
    #[must_use]
    pub fn resource<R: Resource<Configuration = C>>(mut self) -> Self {
        let body = R::Model::body();
        let operations = operations(&body);
        self.resources.push(Arc::new(ResourceEntry {
            name: R::NAME,
            schema: Arc::new(Schema::new(R::VERSION, with_timeouts(body, &operations))),
            timeouts: R::TIMEOUTS,
            check: |planned, prior, config, found| {
                found.extend(misfits::<R::Model>(planned));
                R::check(&Planned::new(planned, prior, config), found);
            },
            check_id: |id| parse_id::<R::Id>(id).map(drop),
            upgrade: R::upgrade,
            bind: |configuration| Ok(Arc::new(R::new(configuration)?)),
        }));
        self
    }

    /// Adds a data source.
    #[must_use]
    pub fn data_source<D: DataSource<Configuration = C>>(mut self) -> Self {
        self.data_sources.push(Arc::new(DataSourceEntry {
            name: D::NAME,
            schema: Arc::new(Schema::new(0, with_timeouts(D::Model::body(), &[Operation::Read]))),
            timeouts: Timeouts { read: D::TIMEOUT, ..Timeouts::DEFAULT },
            check: |planned, prior, config, found| {
                found.extend(misfits::<D::Model>(planned));
                D::check(&Planned::new(planned, prior, config), found);
            },
            bind: |configuration| Ok(Arc::new(D::new(configuration)?)),
        }));
        self
    }

    /// Adds an ephemeral resource.
    #[must_use]
    pub fn ephemeral<E: Ephemeral<Configuration = C>>(mut self) -> Self {
        self.ephemerals.push(Arc::new(EphemeralEntry {
            name: E::NAME,
            schema: Arc::new(Schema::new(0, E::Model::body())),
            timeout: E::TIMEOUT,
            check: |planned, prior, config, found| {
                found.extend(misfits::<E::Model>(planned));
                E::check(&Planned::new(planned, prior, config), found);
            },
            bind: |configuration| Ok(Arc::new(E::new(configuration)?)),
        }));
        self
    }

    /// The schemas of all kinds, by kind and name without prefix: for documentation and checks.
    pub fn schemas(&self) -> impl Iterator<Item = (Kind, &'static str, &Schema)> {
        let resources = self.resources.iter().map(|entry| (Kind::Resource, entry.name, &*entry.schema));
        let data_sources = self.data_sources.iter().map(|entry| (Kind::DataSource, entry.name, &*entry.schema));
        let ephemerals = self.ephemerals.iter().map(|entry| (Kind::Ephemeral, entry.name, &*entry.schema));
        resources.chain(data_sources).chain(ephemerals)
    }

    /// Every rule that a schema breaks, and every name that is used twice. A test asserts that there is none.
    pub fn problems(&self) -> Vec<String> {
        let schemas: Vec<_> = self.schemas().collect();
        let mut found = Vec::new();
        for (position, (kind, name, schema)) in schemas.iter().enumerate() {
            found.extend(problems(schema, *kind).into_iter().map(|problem| format!("{name}: {problem}")));
            if schemas[..position].iter().any(|(other, earlier, _)| (other, earlier) == (kind, name)) {
                found.push(format!("{name}: the name is used twice"));
            }
        }
        found
    }
}

impl<C: Send + Sync + 'static> Default for Registry<C> {
    fn default() -> Self {
        Self::new()
    }
}
