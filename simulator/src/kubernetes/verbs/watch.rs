//! Watching: first what there is, if that is asked for, then every change from the store's history.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Call;
use super::read::{Form, View, unreadable_revision};
use crate::kubernetes::answer::Answer;
use crate::kubernetes::errors::ApiError;
use crate::kubernetes::object::Object;
use crate::kubernetes::selectors::Selector;
use crate::kubernetes::store::{Change, Event, Resource, Store};

/// How long a watch lasts when the client does not say; the real server takes at least this.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1_800);
/// How often a quiet watch is told the revision it has reached, as by the real server.
const BOOKMARKS: Duration = Duration::from_secs(60);

/// A watch under way.
struct Watch {
    store: Arc<Store>,
    changes: tokio::sync::watch::Receiver<u64>,
    resource: Resource,
    namespace: Option<String>,
    selector: Selector,
    kind: String,
    api_version: String,
    form: Form,
    bookmarks: bool,
    next_bookmark: Instant,
    end: Instant,
    revision: u64,
    lines: VecDeque<Bytes>,
    is_over: bool,
}

impl Call<'_> {
    /// Answers with a stream of changes, of one object or of all that are selected.
    pub(super) fn watch(&self, name: Option<&str>) -> Result<Answer, ApiError> {
        let mut watch = self.new_watch(name)?;
        match (self.parameters.text("resourceVersion"), self.parameters.flag("sendInitialEvents")) {
            (_, true) => {
                watch.send_all();
                watch.send_bookmark(true);
            }
            ("" | "0", false) => watch.send_all(),
            (text, false) => {
                let invalid = |_| ApiError::unclassified(unreadable_revision(text));
                watch.revision = text.parse().map_err(invalid)?;
            }
        }
        let lines = stream::unfold(watch, |mut watch| async move {
            let line = watch.next_line().await?;
            Some((Ok::<_, std::convert::Infallible>(line), watch))
        });
        Ok(Answer::stream(Body::from_stream(lines)))
    }

    fn new_watch(&self, name: Option<&str>) -> Result<Watch, ApiError> {
        let store = Arc::clone(&self.served.store);
        let now = Instant::now();
        let timeout = self.parameters.number("timeoutSeconds").map_or(DEFAULT_TIMEOUT, Duration::from_secs);
        Ok(Watch {
            changes: store.changes(),
            resource: self.resource(),
            namespace: self.scope().map(str::to_owned),
            selector: self.selector(name)?,
            kind: self.kind().kind.clone(),
            api_version: self.kind().api_version(&self.path.version),
            form: self.form(),
            bookmarks: self.parameters.flag("allowWatchBookmarks"),
            next_bookmark: now + BOOKMARKS,
            end: now + timeout,
            revision: store.revision(),
            store,
            lines: VecDeque::new(),
            is_over: false,
        })
    }
}

impl Watch {
    /// The next event as a line of JSON; none when the watch is over.
    async fn next_line(&mut self) -> Option<Bytes> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Some(line);
            }
            if self.is_over {
                return None;
            }
            self.changes.mark_unchanged();
            self.read_history();
            if self.lines.is_empty() && !self.is_over {
                self.wait().await;
            }
        }
    }

    async fn wait(&mut self) {
        tokio::select! {
            changed = self.changes.changed() => self.is_over = changed.is_err(),
            () = tokio::time::sleep_until(self.end) => {
                self.send_bookmark(false);
                self.is_over = true;
            }
            () = tokio::time::sleep_until(self.next_bookmark), if self.bookmarks => {
                self.send_bookmark(false);
                self.next_bookmark += BOOKMARKS;
            }
        }
    }

    fn send_all(&mut self) {
        let (objects, revision) = self.store.list(&self.resource, self.namespace.as_deref());
        self.revision = revision;
        for object in objects {
            if self.selector.matches(&object) {
                self.send("ADDED", &object);
            }
        }
    }

    fn read_history(&mut self) {
        let now = self.store.revision();
        match self.store.events_after(&self.resource, self.revision) {
            Ok(events) => {
                self.revision = self.revision.max(now);
                for event in events {
                    self.revision = self.revision.max(event.revision);
                    self.send_event(&event);
                }
            }
            Err(forgotten) => {
                let status = ApiError::expired(self.revision, forgotten.oldest).to_status();
                self.send_line(&json!({"type": "ERROR", "object": status}));
                self.is_over = true;
            }
        }
    }

    /// To a watch with a selector, an object that no longer matches is gone, and one that newly matches is new.
    fn send_event(&mut self, event: &Event) {
        if self.namespace.as_ref().is_some_and(|namespace| event.object.namespace() != namespace) {
            return;
        }
        let was = event.before.as_ref().is_some_and(|before| self.selector.matches(before));
        let is = event.change != Change::Deleted && self.selector.matches(&event.object);
        let kind = match (was, is) {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            (false, false) => return,
        };
        self.send(kind, &event.object);
    }

    fn send(&mut self, kind: &str, object: &Object) {
        let view = View { object, api_version: &self.api_version, typed: true, form: self.form };
        self.send_line(&json!({"type": kind, "object": view}));
    }

    fn send_bookmark(&mut self, ends_initial_events: bool) {
        if !self.bookmarks {
            return;
        }
        let mut metadata = json!({"resourceVersion": self.revision.to_string()});
        if ends_initial_events {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let object = json!({"kind": self.kind, "apiVersion": self.api_version, "metadata": metadata});
        self.send_line(&json!({"type": "BOOKMARK", "object": object}));
    }

    fn send_line(&mut self, line: &Value) {
        self.lines.push_back(Bytes::from(format!("{line}\n")));
    }
}
