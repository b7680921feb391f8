//! Watches that go on: resumed where they ended, and begun anew when the server has forgotten that far back.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt, TryStreamExt};
use kube::api::{Api, WatchEvent, WatchParams};
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;

use super::work::Key;

/// The wait before a watch that failed is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// What a watch tells.
#[derive(Clone, Debug)]
pub(crate) enum Change<K> {
    /// An object is there, in this state.
    Applied(K),
    /// An object is gone.
    Deleted(K),
    /// The watch begins anew: what there is will be told again, and what went meanwhile is not told.
    Restarted,
}

/// A kind that can be watched.
pub(crate) trait Watchable: Clone + Debug + DeserializeOwned + Resource + Send + Sync + 'static {}

impl<K: Clone + Debug + DeserializeOwned + Resource + Send + Sync + 'static> Watchable for K {}

struct Watching<K> {
    api: Api<K>,
    version: String,
    events: Option<BoxStream<'static, kube::Result<WatchEvent<K>>>>,
}

/// What there is, and then every change. It ends when the kind is no longer served.
pub(crate) fn watch<K: Watchable>(api: Api<K>) -> impl Stream<Item = Change<K>> + Send + 'static {
    let watching = Watching { api, version: "0".to_owned(), events: None };
    stream::unfold(watching, |mut watching| async move { Some((watching.next().await?, watching)) })
}

/// The keys that the objects of a watch lead to.
pub(crate) fn keys<K: Watchable>(
    api: Api<K>,
    key: impl Fn(&K) -> Option<Key> + Send + 'static,
) -> BoxStream<'static, Key> {
    let keys = watch(api).filter_map(move |change| {
        std::future::ready(match change {
            Change::Applied(object) | Change::Deleted(object) => key(&object),
            Change::Restarted => None,
        })
    });
    keys.boxed()
}

impl<K: Watchable> Watching<K> {
    async fn next(&mut self) -> Option<Change<K>> {
        loop {
            let Some(events) = &mut self.events else {
                match self.api.watch(&WatchParams::default(), &self.version).await {
                    Ok(events) => self.events = Some(events.boxed()),
                    Err(kube::Error::Api(status)) if status.is_not_found() => return None,
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
                continue;
            };
            match events.try_next().await {
                Ok(Some(event)) => {
                    if let Some(change) = self.changed(event) {
                        return Some(change);
                    }
                }
                Ok(None) | Err(_) => self.events = None,
            }
        }
    }

    fn changed(&mut self, event: WatchEvent<K>) -> Option<Change<K>> {
        match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                self.version = object.resource_version().unwrap_or_default();
                Some(Change::Applied(object))
            }
            WatchEvent::Deleted(object) => {
                self.version = object.resource_version().unwrap_or_default();
                Some(Change::Deleted(object))
            }
            WatchEvent::Bookmark(bookmark) => {
                self.version = bookmark.metadata.resource_version;
                None
            }
            WatchEvent::Error(_) => {
                self.version = "0".to_owned();
                self.events = None;
                Some(Change::Restarted)
            }
        }
    }
}
