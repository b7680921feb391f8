//! The objects of a real cluster, as its watches tell them.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use kube::Client;
use kube::api::{Api, DynamicObject};
use kube::core::{ApiResource, GroupVersionKind};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::controllers::watch::{Change, watch};
use crate::kubernetes::{ApiGroup, Copied, Object, Store};

/// A copy of what a cluster holds of some kinds, in a store.
pub(super) struct Mirror {
    kinds: Vec<Copied>,
    store: Arc<Store>,
    /// What this cluster has put into the store, which others may share.
    own: Arc<Own>,
    _watches: JoinSet<()>,
}

type Own = Mutex<BTreeSet<(String, String, String)>>;

impl Mirror {
    /// A copy of all built-in kinds but events. `wake` is told of every change.
    pub(super) fn of_built_in(client: &Client, wake: &Arc<Notify>) -> Self {
        Self::start(client, Copied::built_in(), Store::new(), wake)
    }

    /// A copy of a group's kinds in the group's store, as long as this lives; then they are taken out.
    pub(super) fn of_group(client: &Client, group: &ApiGroup, wake: &Arc<Notify>) -> Self {
        Self::start(client, Copied::of_group(group), Arc::clone(group.store()), wake)
    }

    fn start(client: &Client, kinds: Vec<Copied>, store: Arc<Store>, wake: &Arc<Notify>) -> Self {
        let (own, mut watches) = (Arc::new(Own::default()), JoinSet::new());
        for kind in &kinds {
            let follower = Follower { kind: kind.clone(), store: Arc::clone(&store), own: Arc::clone(&own) };
            watches.spawn(follower.follow(client.clone(), Arc::clone(wake)));
        }
        Self { kinds, store, own, _watches: watches }
    }

    /// An object.
    pub(super) fn find(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<Arc<Object>> {
        self.list(group, plural, namespace).into_iter().find(|object| object.name() == name)
    }

    /// The objects of a kind in a namespace.
    pub(super) fn list(&self, group: &str, plural: &str, namespace: &str) -> Vec<Arc<Object>> {
        let mut objects = self.store.all(group, plural);
        objects.retain(|object| object.namespace() == namespace);
        objects
    }

    /// The names of this cluster's objects, by kind.
    pub(super) fn inventory(&self) -> BTreeMap<String, Vec<String>> {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let listed = self.kinds.iter().map(|kind| {
            let names = own.iter().filter(|(plural, ..)| *plural == kind.plural);
            let names = names.map(|(_, namespace, name)| match namespace.as_str() {
                "" => name.clone(),
                namespace => format!("{namespace}/{name}"),
            });
            (kind.qualified_kind(), names.collect::<Vec<_>>())
        });
        listed.filter(|(_, names)| !names.is_empty()).collect()
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        let own = std::mem::take(&mut *self.own.lock().unwrap_or_else(PoisonError::into_inner));
        for (plural, namespace, name) in own {
            if let Some(kind) = self.kinds.iter().find(|kind| kind.plural == plural) {
                self.store.forget(&kind.group, &plural, &namespace, &name);
            }
        }
    }
}

/// What follows one kind.
struct Follower {
    kind: Copied,
    store: Arc<Store>,
    own: Arc<Own>,
}

impl Follower {
    async fn follow(self, client: Client, wake: Arc<Notify>) {
        let Copied { group, version, kind, plural } = &self.kind;
        let resource = ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, kind), plural);
        let mut changes = pin!(watch(Api::<DynamicObject>::all_with(client, &resource)));
        while let Some(change) = changes.next().await {
            match change {
                Change::Applied(object) => self.put(&object),
                Change::Deleted(object) => self.forget(&key(&self.kind, &object)),
                Change::Restarted => self.forget_all(),
            }
            wake.notify_one();
        }
    }

    fn put(&self, object: &DynamicObject) {
        let Ok(mut value) = serde_json::to_value(object) else { return };
        let Copied { group, version, kind, plural } = &self.kind;
        let api_version = if group.is_empty() { version.clone() } else { format!("{group}/{version}") };
        value["apiVersion"] = api_version.into();
        value["kind"] = kind.as_str().into();
        if let Ok(whole) = Object::try_from(value) {
            self.store.put(group, plural, whole);
            self.own.lock().unwrap_or_else(PoisonError::into_inner).insert(key(&self.kind, object));
        }
    }

    fn forget(&self, key: &(String, String, String)) {
        self.store.forget(&self.kind.group, &key.0, &key.1, &key.2);
        self.own.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    fn forget_all(&self) {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner).clone();
        own.iter().filter(|(plural, ..)| *plural == self.kind.plural).for_each(|key| self.forget(key));
    }
}

fn key(kind: &Copied, object: &DynamicObject) -> (String, String, String) {
    let metadata = &object.metadata;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    (kind.plural.clone(), text(&metadata.namespace), text(&metadata.name))
}
