//! One cluster: its objects applied, read and deleted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::discovery::Known;
use super::{Connection, Document, Error, ObjectReference, error};
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// The name under which this provider's fields stand in `managedFields`.
pub const FIELD_MANAGER: &str = "terraform-provider-tcmesh";

/// How long one request may take before it counts as unanswered.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// How often a request is sent before the server counts as unreachable.
const TRIES: u32 = 4;

/// Whether fields that other managers hold are taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// A conflict is an error that names manager and field.
    No,
    /// Conflicting fields become ours.
    TakeOver,
}

/// A cluster and the client for it. Cheap to clone; clones share what was learned of the cluster.
#[derive(Clone)]
pub struct Cluster {
    pub(super) client: kube::Client,
    server: Arc<str>,
    uid: Arc<OnceCell<String>>,
    pub(super) known: Arc<Known>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Cluster {
    /// A cluster by its connection. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Connection`] when no client can be made.
    pub async fn connect(connection: &Connection) -> Result<Self, Error> {
        Ok(Self::with_client(connection.client().await?, &connection.server()))
    }

    /// A cluster behind a client that exists already; `server` is its name in messages.
    pub fn with_client(client: kube::Client, server: &str) -> Self {
        Self { client, server: server.into(), uid: Arc::default(), known: Arc::default() }
    }

    /// The API server's URL.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// What tells this cluster from every other: the UID of its `kube-system` namespace. Asked once.
    ///
    /// # Errors
    /// Any of a read.
    pub async fn uid(&self, scope: &Scope) -> Result<&str, Error> {
        let ask = || async {
            let object = ObjectReference {
                api_version: "v1".into(),
                kind: "Namespace".into(),
                namespace: None,
                name: "kube-system".into(),
            };
            let namespace = self.get(scope, &object).await?.unwrap_or_default();
            Ok(namespace["metadata"]["uid"].as_str().unwrap_or_default().to_owned())
        };
        self.uid.get_or_try_init(ask).await.map(String::as_str)
    }

    /// Makes sure that this is the cluster with the given UID, so that an absence here says something of its objects.
    ///
    /// # Errors
    /// [`Error::OtherCluster`], or any of a read.
    pub async fn expect(&self, scope: &Scope, uid: &str) -> Result<(), Error> {
        let found = self.uid(scope).await?;
        if found == uid {
            return Ok(());
        }
        Err(Error::OtherCluster { expected: uid.into(), found: found.into() })
    }

    /// The live object, or `None` where there is none or the cluster does not know its kind.
    ///
    /// # Errors
    /// [`Error::Unreachable`] after a few tries, [`Error::Refused`], [`Error::NotReached`] on a stop.
    pub async fn get(&self, scope: &Scope, object: &ObjectReference) -> Result<Option<Value>, Error> {
        let doing = || format!("reading {}", object.title());
        let api = self.api(scope, object).await;
        let Some(api) = self.if_there(scope, object, api).await? else { return Ok(None) };
        let live = self.ask(scope, doing, || api.get(&object.name)).await;
        let live = self.if_there(scope, object, live).await?;
        Ok(live.map(|live| serde_json::to_value(live).unwrap_or_default()))
    }

    /// The objects of one kind that match a label selector, in one namespace or in all. The names in `like` are not used.
    ///
    /// # Errors
    /// As [`Cluster::get`].
    pub async fn list(&self, scope: &Scope, like: &ObjectReference, selector: &str) -> Result<Vec<Value>, Error> {
        let doing = || format!("listing objects of kind {}", like.kind);
        let api = self.all(scope, like).await;
        let Some(api) = self.if_there(scope, like, api).await? else { return Ok(Vec::new()) };
        let parameters = ListParams::default().labels(selector);
        let found = self.ask(scope, doing, || api.list(&parameters)).await?;
        Ok(found.items.into_iter().map(|item| serde_json::to_value(item).unwrap_or_default()).collect())
    }

    /// Applies a document by server-side apply and returns the object as the server holds it now.
    ///
    /// # Errors
    /// [`Error::Conflicts`] where others hold fields and `force` is `No`; else as for reads.
    ///
    /// # Cancellation
    /// A stop may cut a request that was carried out; applying the same document again does no harm.
    pub async fn apply(&self, scope: &Scope, document: &Document, force: Force) -> Result<Value, Error> {
        self.patch(scope, document, force, false).await
    }

    /// What the server would make of a document, changing nothing.
    ///
    /// # Errors
    /// As [`Cluster::apply`].
    pub async fn dry_run(&self, scope: &Scope, document: &Document) -> Result<Value, Error> {
        self.patch(scope, document, Force::TakeOver, true).await
    }

    async fn patch(&self, scope: &Scope, document: &Document, force: Force, dry_run: bool) -> Result<Value, Error> {
        let object = &document.object;
        let api = self.api(scope, object).await?;
        let mut parameters = PatchParams::apply(FIELD_MANAGER);
        parameters.force = force == Force::TakeOver;
        parameters.dry_run = dry_run;
        let doing = || format!("applying {}", object.title());
        let body = Patch::Apply(&document.body);
        let patched = self.ask(scope, doing, || api.patch(&object.name, &parameters, &body)).await;
        match patched {
            Ok(live) => Ok(serde_json::to_value(live).unwrap_or_default()),
            Err(Error::Refused { status, .. }) if status.is_conflict() && !error::conflicts(&status).is_empty() => {
                Err(Error::Conflicts { object: object.title(), conflicts: error::conflicts(&status) })
            }
            Err(error) => Err(error),
        }
    }

    /// Deletes an object and waits until it is gone. One that is gone already is no error.
    ///
    /// # Errors
    /// [`Error::NotReached`] that names the finalizers that hold it; else as for reads.
    ///
    /// # Cancellation
    /// A stop ends the wait; the deletion goes on in the cluster.
    pub async fn delete(&self, scope: &Scope, object: &ObjectReference) -> Result<(), Error> {
        let api = self.api(scope, object).await;
        let Some(api) = self.if_there(scope, object, api).await? else { return Ok(()) };
        let doing = || format!("deleting {}", object.title());
        let parameters = DeleteParams::background();
        let deleted = self.ask(scope, doing, || api.delete(&object.name, &parameters)).await;
        let uid = match self.if_there(scope, object, deleted).await? {
            None => return Ok(()),
            Some(answer) => answer.left().and_then(|live| live.metadata.uid),
        };
        wait::until(scope, wait::SOON, &format!("{} to be gone", object.title()), || {
            self.gone(scope, object, uid.as_deref())
        })
        .await
    }

    async fn gone(&self, scope: &Scope, object: &ObjectReference, uid: Option<&str>) -> Result<Probe<()>, Error> {
        let Some(live) = self.get(scope, object).await? else { return Ok(Probe::Done(())) };
        let replaced = uid.is_some_and(|uid| live["metadata"]["uid"] != uid);
        if replaced {
            return Ok(Probe::Done(()));
        }
        let finalizers = live["metadata"]["finalizers"].as_array().cloned().unwrap_or_default();
        let names: Vec<&str> = finalizers.iter().filter_map(Value::as_str).collect();
        Ok(Probe::Pending(if names.is_empty() {
            "still there".into()
        } else {
            format!("held by the finalizers {}", names.join(", "))
        }))
    }

    /// An answer about an object, or `None` where there is no such object, or the cluster does not serve its kind. A path that
    /// is not there says the latter only where the cluster's list of what it serves says so too: it may be somebody else who
    /// answers.
    async fn if_there<T>(
        &self,
        scope: &Scope,
        object: &ObjectReference,
        answer: Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        match answer {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(Error::NotServed { .. }) if !self.still_serves(scope, object).await? => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends a request that may be sent again: a read, a server-side apply, a delete. Where the connection fails, or the
    /// server says that it cannot answer now, it is sent a few times.
    pub(super) async fn ask<T, F>(
        &self,
        scope: &Scope,
        doing: impl Fn() -> String,
        send: impl Fn() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = kube::Result<T>>,
    {
        let left = AtomicU32::new(TRIES);
        wait::until(scope, wait::SOON, &doing(), || async {
            let last = left.fetch_sub(1, Ordering::Relaxed) == 1;
            let late = |_| kube::Error::Service("no answer in time".into());
            let answer = tokio::time::timeout(REQUEST_LIMIT, send()).await.map_err(late).flatten();
            match answer.map_err(|error| Error::from_kube(error, doing(), &self.server)) {
                Ok(done) => Ok(Probe::Done(done)),
                Err(error) if !last && error.may_pass() => Ok(Probe::Pending(error.to_string())),
                Err(error) => Err(error),
            }
        })
        .await
    }
}
