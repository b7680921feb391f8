//! Every object of every kind that a server serves, kinds that come later included.

use std::collections::{BTreeMap, VecDeque};

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream, SelectAll};
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::Client;
use kube::api::{Api, DynamicObject, ObjectMeta};
use kube::core::{ApiResource, PartialObjectMeta};
use kube::discovery::{self, ApiCapabilities, Scope, verbs};

use super::super::watch::{Change, watch};

/// A kind, and whether its objects are in namespaces.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) resource: ApiResource,
    pub(super) namespaced: bool,
}

impl Kind {
    /// The objects of the kind in a namespace, or of the cluster.
    pub(super) fn api(&self, client: &Client, namespace: Option<&str>) -> Api<PartialObjectMeta<DynamicObject>> {
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => Api::namespaced_with(client.clone(), namespace, &self.resource),
            None => Api::all_with(client.clone(), &self.resource),
        }
    }

    fn name(&self) -> (String, String) {
        (self.resource.group.clone(), self.resource.plural.clone())
    }
}

/// The kinds that are known, by group and name in paths.
pub(super) type Kinds = BTreeMap<(String, String), Kind>;

/// What is seen.
#[derive(Clone, Debug)]
pub(super) enum Observed {
    /// An object is there, or gone.
    Object {
        /// Its kind.
        kind: Kind,
        /// Its metadata.
        metadata: Box<ObjectMeta>,
        /// Whether it is gone.
        is_gone: bool,
    },
    /// All objects of a kind will be told again.
    Restarted(Kind),
}

enum Signal {
    Observed(Observed),
    /// A group has kinds that may not be known.
    Group(String),
    /// A kind is no longer served.
    Unserved(Kind),
}

/// A watch of everything.
pub(super) struct Inventory {
    client: Client,
    foreign: Vec<String>,
    kinds: Kinds,
    signals: SelectAll<BoxStream<'static, Signal>>,
    groups: VecDeque<String>,
}

impl Inventory {
    /// Watches every kind but those of foreign groups.
    pub(super) fn new(client: &Client, foreign: Vec<String>) -> Self {
        let services: Api<APIService> = Api::all(client.clone());
        let groups = watch(services).filter_map(|change| {
            std::future::ready(match change {
                Change::Applied(APIService { spec: Some(spec), .. }) => {
                    Some(Signal::Group(spec.group.unwrap_or_default()))
                }
                _ => None,
            })
        });
        let mut signals = SelectAll::new();
        signals.push(groups.boxed());
        Self { client: client.clone(), foreign, kinds: Kinds::new(), signals, groups: VecDeque::new() }
    }

    /// The kinds that are known by now.
    pub(super) fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// The next observation.
    ///
    /// # Cancellation
    /// Nothing is lost: a group stays in the queue until its kinds are known.
    pub(super) async fn next(&mut self) -> Observed {
        loop {
            if let Some(group) = self.groups.front().cloned() {
                self.discover(&group).await;
                self.groups.pop_front();
            }
            match self.signals.next().await {
                Some(Signal::Observed(observed)) => {
                    self.groups.extend(group_of_definition(&observed));
                    return observed;
                }
                Some(Signal::Group(group)) => self.groups.push_back(group),
                Some(Signal::Unserved(kind)) => drop(self.kinds.remove(&kind.name())),
                // The server has gone for good.
                None => std::future::pending().await,
            }
        }
    }

    async fn discover(&mut self, group: &str) {
        if self.foreign.iter().any(|foreign| foreign == group) {
            return;
        }
        // A group that went again meanwhile has nothing to watch.
        let Ok(found) = discovery::group(&self.client, group).await else { return };
        for (resource, capabilities) in found.resources_by_stability() {
            let kind = Kind { resource, namespaced: capabilities.scope == Scope::Namespaced };
            if is_watchable(&capabilities) && !self.kinds.contains_key(&kind.name()) {
                self.kinds.insert(kind.name(), kind.clone());
                self.signals.push(observe(kind.api(&self.client, None), kind));
            }
        }
    }
}

fn is_watchable(capabilities: &ApiCapabilities) -> bool {
    [verbs::LIST, verbs::WATCH, verbs::DELETE].iter().all(|verb| capabilities.supports_operation(verb))
}

fn observe(api: Api<PartialObjectMeta<DynamicObject>>, kind: Kind) -> BoxStream<'static, Signal> {
    let end = stream::iter([Signal::Unserved(kind.clone())]);
    let changes = watch(api).map(move |change| {
        let kind = kind.clone();
        Signal::Observed(match change {
            Change::Applied(object) => Observed::Object { kind, metadata: Box::new(object.metadata), is_gone: false },
            Change::Deleted(object) => Observed::Object { kind, metadata: Box::new(object.metadata), is_gone: true },
            Change::Restarted => Observed::Restarted(kind),
        })
    });
    changes.chain(end).boxed()
}

/// A definition may add a kind to a group that is served already.
fn group_of_definition(observed: &Observed) -> Option<String> {
    let Observed::Object { kind, metadata, is_gone: false } = observed else { return None };
    let name = metadata.name.as_deref().filter(|_| kind.resource.kind == "CustomResourceDefinition")?;
    name.split_once('.').map(|(_, group)| group.to_owned())
}
