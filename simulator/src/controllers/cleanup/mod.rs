//! Cleaning up: dependents after their owners, the content of namespaces, the objects of custom kinds.
//!
//! All three look at objects of every kind, so they share one [`inventory`] of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use kube::Client;

use self::garbage::Garbage;
use self::inventory::{Inventory, Kind, Observed};
use crate::kubernetes::Clock;

mod definitions;
mod garbage;
mod inventory;
mod namespaces;

/// The wait before failed work is tried again.
const PAUSE: Duration = Duration::from_millis(200);

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    /// An object that may have no owner any more, or is an owner that waits, by UID.
    Object(String),
    /// A namespace that may be ending.
    Namespace(String),
    /// A definition that may be ending.
    Definition(String),
}

struct Cleaner {
    client: Client,
    clock: Arc<dyn Clock>,
    inventory: Inventory,
    garbage: Garbage,
    tasks: BTreeSet<Task>,
    failed: BTreeSet<Task>,
    /// The namespaces and definitions that wait for their content to go.
    ending: BTreeSet<Task>,
}

/// Cleans up for ever, in every group but those that are not this cluster's own.
pub(super) async fn run(client: Client, clock: Arc<dyn Clock>, foreign: Vec<String>) {
    let inventory = Inventory::new(&client, foreign);
    let garbage = Garbage::default();
    let (tasks, failed, ending) = Default::default();
    let mut cleaner = Cleaner { client, clock, inventory, garbage, tasks, failed, ending };
    loop {
        cleaner.step().await;
    }
}

impl Cleaner {
    /// Takes in what is seen before it acts on what was seen.
    async fn step(&mut self) {
        tokio::select! {
            biased;
            observed = self.inventory.next() => self.observe(&observed),
            () = std::future::ready(()), if !self.tasks.is_empty() => self.act().await,
            () = tokio::time::sleep(PAUSE), if !self.failed.is_empty() => self.tasks.append(&mut self.failed),
        }
    }

    fn observe(&mut self, observed: &Observed) {
        self.tasks.extend(self.garbage.observe(observed).into_iter().map(Task::Object));
        let Observed::Object { kind, metadata, is_gone } = observed else { return };
        let name = metadata.name.clone().unwrap_or_default();
        let container = match kind.resource.kind.as_str() {
            "Namespace" => Some(Task::Namespace(name)),
            "CustomResourceDefinition" => Some(Task::Definition(name)),
            _ => None,
        };
        match container {
            Some(container) if *is_gone => drop(self.ending.remove(&container)),
            Some(container) if metadata.deletion_timestamp.is_some() => {
                self.ending.insert(container.clone());
                self.tasks.insert(container);
            }
            _ if *is_gone => self.tasks.extend(self.containers_of(kind, metadata.namespace.as_deref())),
            _ => {}
        }
    }

    /// What ends and may have waited for an object of a kind in a namespace.
    fn containers_of(&self, kind: &Kind, namespace: Option<&str>) -> Vec<Task> {
        let namespace = namespace.map(|name| Task::Namespace(name.to_owned()));
        let definition = Task::Definition(format!("{}.{}", kind.resource.plural, kind.resource.group));
        namespace.into_iter().chain([definition]).filter(|task| self.ending.contains(task)).collect()
    }

    async fn act(&mut self) {
        let Some(task) = self.tasks.pop_first() else { return };
        let kinds = self.inventory.kinds();
        let done = match &task {
            Task::Object(uid) => self.garbage.look_at(uid, &self.client, kinds).await,
            Task::Namespace(name) => namespaces::look_at(name, &self.client, &*self.clock, kinds).await,
            Task::Definition(name) => definitions::look_at(name, &self.client).await,
        };
        if let Err(error) = done {
            tracing::debug!(?task, %error, "cleaning up failed");
            self.failed.insert(task);
        }
    }
}
