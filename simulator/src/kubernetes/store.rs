//! Objects in memory: optimistic locking by resource version, and a bounded history that watches read.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::object::Object;

/// How many changes a resource remembers. A watch that falls further behind must list again.
const HISTORY: usize = 1_000;

/// A resource of a group, by its name in paths.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Resource {
    /// The API group.
    pub(crate) group: String,
    /// The name in paths.
    pub(crate) plural: String,
}

impl Resource {
    /// The resource of a group by name.
    pub(crate) fn new(group: &str, plural: &str) -> Self {
        Self { group: group.to_owned(), plural: plural.to_owned() }
    }
}

/// The place of an object in its resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// The namespace; empty for objects of the cluster.
    pub(crate) namespace: String,
    /// The name.
    pub(crate) name: String,
}

impl Key {
    /// A place by namespace and name.
    pub(crate) fn new(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// The place of an object.
    pub(crate) fn of(object: &Object) -> Self {
        Self::new(object.namespace(), object.name())
    }
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It came to be.
    Added,
    /// It changed.
    Modified,
    /// It went.
    Deleted,
}

/// A change, as the history keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// The revision that the change made.
    pub(crate) revision: u64,
    /// What happened.
    pub(crate) change: Change,
    /// The object after the change; for a deletion, as it last was.
    pub(crate) object: Arc<Object>,
    /// The object before the change.
    pub(crate) before: Option<Arc<Object>>,
}

/// Why a write was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is such an object.
    Exists,
    /// The object is not what the writer took it for.
    Stale,
}

/// The history does not reach back that far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Forgotten {
    /// The oldest revision that a watch can start from.
    pub(crate) oldest: u64,
}

/// Objects of any number of resources. Several servers may share one.
#[derive(Debug)]
pub struct Store {
    state: Mutex<State>,
    revision: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    resources: HashMap<Resource, Collection>,
    /// What is older than this is forgotten in every resource.
    oldest: u64,
}

#[derive(Debug, Default)]
struct Collection {
    objects: BTreeMap<Key, Arc<Object>>,
    history: VecDeque<Event>,
    oldest: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self { state: Mutex::default(), revision: watch::Sender::new(1) }
    }
}

impl Store {
    /// An empty store.
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// The revision of the last change.
    pub(crate) fn revision(&self) -> u64 {
        *self.revision.borrow()
    }

    /// Tells of every change, by its revision.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// The object at a place.
    pub(crate) fn get(&self, resource: &Resource, key: &Key) -> Option<Arc<Object>> {
        self.lock().resources.get(resource)?.objects.get(key).cloned()
    }

    /// The objects of a resource, by namespace and name, and the revision that this is true of.
    pub(crate) fn list(&self, resource: &Resource, namespace: Option<&str>) -> (Vec<Arc<Object>>, u64) {
        let state = self.lock();
        let objects = state.resources.get(resource).into_iter().flat_map(|collection| &collection.objects);
        let listed = objects.filter(|(key, _)| namespace.is_none_or(|namespace| key.namespace == namespace));
        (listed.map(|(_, object)| Arc::clone(object)).collect(), self.revision())
    }

    /// The objects of a resource.
    pub(crate) fn all(&self, group: &str, plural: &str) -> Vec<Arc<Object>> {
        self.list(&Resource::new(group, plural), None).0
    }

    /// Adds an object.
    ///
    /// # Errors
    /// [`Refused::Exists`] when its place is taken.
    pub(crate) fn create(&self, resource: &Resource, object: Object) -> Result<Arc<Object>, Refused> {
        let mut state = self.lock();
        let key = Key::of(&object);
        if state.resources.get(resource).is_some_and(|collection| collection.objects.contains_key(&key)) {
            return Err(Refused::Exists);
        }
        Ok(self.commit(&mut state, resource, Change::Added, object))
    }

    /// Puts an object in the place of its earlier version.
    ///
    /// # Errors
    /// [`Refused::Stale`] when the object there is not at the revision `expected`.
    pub(crate) fn replace(&self, resource: &Resource, object: Object, expected: &str) -> Result<Arc<Object>, Refused> {
        let mut state = self.lock();
        state.expect(resource, &Key::of(&object), expected)?;
        Ok(self.commit(&mut state, resource, Change::Modified, object))
    }

    /// Takes an object out; it is remembered as given.
    ///
    /// # Errors
    /// [`Refused::Stale`] when the object there is not at the revision `expected`.
    pub(crate) fn remove(&self, resource: &Resource, object: Object, expected: &str) -> Result<Arc<Object>, Refused> {
        let mut state = self.lock();
        state.expect(resource, &Key::of(&object), expected)?;
        Ok(self.commit(&mut state, resource, Change::Deleted, object))
    }

    /// Puts an object in its place, whatever is there.
    pub(crate) fn put(&self, group: &str, plural: &str, object: Object) {
        let resource = Resource::new(group, plural);
        let mut state = self.lock();
        let there = state.resources.get(&resource).is_some_and(|it| it.objects.contains_key(&Key::of(&object)));
        let change = if there { Change::Modified } else { Change::Added };
        self.commit(&mut state, &resource, change, object);
    }

    /// Takes an object out, if there is one.
    pub(crate) fn forget(&self, group: &str, plural: &str, namespace: &str, name: &str) {
        let resource = Resource::new(group, plural);
        let mut state = self.lock();
        let there = state.resources.get(&resource).and_then(|it| it.objects.get(&Key::new(namespace, name)));
        if let Some(object) = there.map(|object| (**object).clone()) {
            self.commit(&mut state, &resource, Change::Deleted, object);
        }
    }

    /// The changes of a resource after a revision.
    ///
    /// # Errors
    /// [`Forgotten`] when the history does not reach back that far.
    pub(crate) fn events_after(&self, resource: &Resource, revision: u64) -> Result<Vec<Event>, Forgotten> {
        let state = self.lock();
        let collection = state.resources.get(resource);
        let oldest = state.oldest.max(collection.map_or(0, |collection| collection.oldest));
        if revision < oldest {
            return Err(Forgotten { oldest });
        }
        let history = collection.into_iter().flat_map(|collection| &collection.history);
        Ok(history.filter(|event| event.revision > revision).cloned().collect())
    }

    /// Forgets every object and the whole history; watches end with "too old".
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        let oldest = self.revision() + 1;
        *state = State { oldest, ..State::default() };
        self.revision.send_replace(oldest);
    }

    fn commit(&self, state: &mut State, resource: &Resource, change: Change, mut object: Object) -> Arc<Object> {
        let revision = self.revision() + 1;
        object.set("/metadata/resourceVersion", revision.to_string());
        let object = Arc::new(object);
        state.resources.entry(resource.clone()).or_default().record(revision, change, &object);
        self.revision.send_replace(revision);
        object
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn expect(&self, resource: &Resource, key: &Key, expected: &str) -> Result<(), Refused> {
        let object = self.resources.get(resource).and_then(|collection| collection.objects.get(key));
        object.filter(|object| object.resource_version() == expected).map(|_| ()).ok_or(Refused::Stale)
    }
}

impl Collection {
    fn record(&mut self, revision: u64, change: Change, object: &Arc<Object>) {
        let key = Key::of(object);
        let before = match change {
            Change::Deleted => self.objects.remove(&key),
            Change::Added | Change::Modified => self.objects.insert(key, Arc::clone(object)),
        };
        if self.history.len() == HISTORY {
            self.oldest = self.history.pop_front().map_or(self.oldest, |event| event.revision);
        }
        self.history.push_back(Event { revision, change, object: Arc::clone(object), before });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config_maps() -> Resource {
        Resource::new("", "configmaps")
    }

    fn object(name: &str) -> Object {
        Object::new("v1", "ConfigMap", name)
    }

    #[test]
    fn a_place_is_taken_once_and_a_stale_write_is_refused() {
        let store = Store::default();
        let first = store.create(&config_maps(), object("a")).expect("created");
        assert_eq!(store.create(&config_maps(), object("a")), Err(Refused::Exists));
        let second = store.replace(&config_maps(), object("a"), first.resource_version()).expect("replaced");
        assert_eq!(store.replace(&config_maps(), object("a"), first.resource_version()), Err(Refused::Stale));
        assert_eq!(store.remove(&config_maps(), object("a"), first.resource_version()), Err(Refused::Stale));
        store.remove(&config_maps(), object("a"), second.resource_version()).expect("removed");
        assert_eq!(store.get(&config_maps(), &Key::new("", "a")), None);
    }

    #[test]
    fn history_is_per_resource_and_tells_what_went_before() {
        let store = Store::default();
        let start = store.revision();
        let added = store.create(&config_maps(), object("a")).expect("created");
        store.create(&Resource::new("", "secrets"), object("s")).expect("created");
        store.remove(&config_maps(), object("a"), added.resource_version()).expect("removed");
        let events = store.events_after(&config_maps(), start).expect("remembered");
        let changes: Vec<_> = events.iter().map(|event| event.change).collect();
        assert_eq!(changes, [Change::Added, Change::Deleted]);
        assert_eq!(events[1].before.as_deref(), Some(&*added));
    }

    #[test]
    fn what_is_too_long_ago_is_forgotten() {
        let store = Store::default();
        let start = store.revision();
        for number in 0..=HISTORY {
            store.create(&config_maps(), object(&number.to_string())).expect("created");
        }
        assert_eq!(store.events_after(&config_maps(), start).err(), Some(Forgotten { oldest: start + 1 }));
        assert_eq!(store.events_after(&config_maps(), start + 1).map(|events| events.len()), Ok(HISTORY));
    }

    #[test]
    fn clearing_forgets_everything() {
        let store = Store::default();
        store.create(&config_maps(), object("a")).expect("created");
        let revision = store.revision();
        store.clear();
        assert!(store.list(&config_maps(), None).0.is_empty());
        assert!(store.events_after(&config_maps(), revision).is_err());
        assert!(store.events_after(&config_maps(), store.revision()).is_ok());
    }
}
