//! Which kinds a server serves now, and from which store.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::builtin;
use super::builtin::definitions::{defined_kind, priority};
use super::kinds::Kind;
use super::object::Object;
use super::store::{Resource, Store};

/// A group of kinds that a server can serve from a store that others share.
#[derive(Clone, Debug)]
pub struct ApiGroup {
    name: String,
    kinds: Vec<Arc<Kind>>,
    store: Arc<Store>,
}

impl ApiGroup {
    pub(crate) fn new(name: &str, kinds: Vec<Kind>, store: Arc<Store>) -> Self {
        Self { name: name.to_owned(), kinds: kinds.into_iter().map(Arc::new).collect(), store }
    }

    /// The kinds that custom resource definitions define, all of one group, kept in `store`.
    pub fn from_definitions(definitions: &[Object], store: Arc<Store>) -> Self {
        let kinds: Vec<_> = definitions.iter().map(defined_kind).collect();
        let name = kinds.first().map(|kind| kind.group.clone()).unwrap_or_default();
        Self::new(&name, kinds, store)
    }

    /// Where its objects are.
    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Its kinds.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter().map(|kind| &**kind)
    }

    /// The group's name, for example `networking.istio.io`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// A kind and where its objects are.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    /// The kind.
    pub(crate) kind: Arc<Kind>,
    /// The store of its objects.
    pub(crate) store: Arc<Store>,
    origin: Origin,
}

/// Why a kind is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    BuiltIn,
    Attached,
    Defined,
}

impl Served {
    /// The resource in the store.
    pub(crate) fn resource(&self) -> Resource {
        Resource::new(&self.kind.group, &self.kind.plural)
    }
}

/// The kinds that are served now.
#[derive(Debug)]
pub(crate) struct Registry {
    served: RwLock<BTreeMap<Resource, Served>>,
}

/// A version of a group, for discovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupVersion {
    /// The group; empty for the core group.
    pub(crate) group: String,
    /// The version.
    pub(crate) version: String,
}

impl Registry {
    /// The built-in kinds, kept in `store`.
    pub(crate) fn new(store: &Arc<Store>) -> Self {
        let registry = Self { served: RwLock::default() };
        registry.add(builtin::kinds(), store, Origin::BuiltIn);
        registry
    }

    /// Serves a group from its own store.
    pub(crate) fn attach(&self, group: &ApiGroup) {
        self.detach(&group.name);
        self.add(group.kinds.iter().cloned(), &group.store, Origin::Attached);
    }

    /// Stops serving an attached group.
    pub(crate) fn detach(&self, group: &str) {
        self.retain(|served| served.kind.group != group || served.origin != Origin::Attached);
    }

    /// Stops serving everything that was attached or defined.
    pub(crate) fn reset(&self) {
        self.retain(|served| served.origin == Origin::BuiltIn);
    }

    /// Serves what the custom resource definitions define, and nothing else that was defined before.
    pub(crate) fn define(&self, definitions: &[Arc<Object>], store: &Arc<Store>) {
        self.retain(|served| served.origin != Origin::Defined);
        self.add(definitions.iter().map(|definition| Arc::new(defined_kind(definition))), store, Origin::Defined);
    }

    /// What is served under a path.
    pub(crate) fn find(&self, group: &str, version: &str, plural: &str) -> Option<Served> {
        let served = self.read().get(&Resource::new(group, plural)).cloned()?;
        served.kind.schema(version).is_some().then_some(served)
    }

    /// Whether the group's kinds are built in: what it lacks is refused in other words.
    pub(crate) fn is_built_in(&self, group: &str) -> bool {
        self.read().values().any(|served| served.kind.group == group && served.origin == Origin::BuiltIn)
    }

    /// Everything that is served.
    pub(crate) fn all(&self) -> Vec<Served> {
        self.read().values().cloned().collect()
    }

    /// The served kinds of a version of a group.
    pub(crate) fn kinds_in(&self, group: &str, version: &str) -> Vec<Arc<Kind>> {
        let served = self.read();
        let kinds = served.values().map(|served| &served.kind);
        kinds.filter(|kind| kind.group == group && kind.schema(version).is_some()).cloned().collect()
    }

    /// Every served version of every group, preferred versions first.
    pub(crate) fn group_versions(&self) -> Vec<GroupVersion> {
        let served = self.read();
        let pairs = served.values().flat_map(|served| {
            served.kind.versions.iter().map(|version| (served.kind.group.clone(), version.name.clone()))
        });
        let mut pairs: Vec<_> = pairs.collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| priority(&b.1).cmp(&priority(&a.1))));
        pairs.dedup();
        pairs.into_iter().map(|(group, version)| GroupVersion { group, version }).collect()
    }

    fn add(&self, kinds: impl IntoIterator<Item = Arc<Kind>>, store: &Arc<Store>, origin: Origin) {
        let mut served = self.served.write().unwrap_or_else(PoisonError::into_inner);
        for kind in kinds {
            let entry = Served { kind, store: Arc::clone(store), origin };
            served.entry(entry.resource()).or_insert(entry);
        }
    }

    fn retain(&self, keep: impl Fn(&Served) -> bool) {
        self.served.write().unwrap_or_else(PoisonError::into_inner).retain(|_, served| keep(served));
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<Resource, Served>> {
        self.served.read().unwrap_or_else(PoisonError::into_inner)
    }
}
