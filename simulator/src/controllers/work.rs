//! What all controllers have in common: a queue of keys, and the work on one key at a time until it is as it shall be.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{BoxStream, SelectAll, select_all};
use futures_util::{FutureExt, StreamExt};
use kube::{Resource, ResourceExt};

use crate::kubernetes::{Clock, Timestamp};

/// The wait before failed work is tried again; it doubles with every failure in a row.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What a piece of work is about: an object by namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// The namespace; empty for objects of the cluster.
    pub(crate) namespace: String,
    /// The name; empty for everything in the namespace that is concerned.
    pub(crate) name: String,
}

impl Key {
    /// The key of an object.
    pub(crate) fn of(object: &impl Resource) -> Self {
        Self { namespace: object.namespace().unwrap_or_default(), name: object.meta().name.clone().unwrap_or_default() }
    }

    /// The key of the object that controls another, if it is of a kind.
    pub(crate) fn of_controller(object: &impl Resource, kind: &str) -> Option<Self> {
        let owner = super::owners::controller_of(object.meta()).filter(|owner| owner.kind == kind)?;
        Some(Self { namespace: object.namespace().unwrap_or_default(), name: owner.name.clone() })
    }

    /// The key of everything that is concerned in an object's namespace.
    pub(crate) fn all_in_namespace_of(object: &impl Resource) -> Self {
        Self { namespace: object.namespace().unwrap_or_default(), name: String::new() }
    }
}

/// When to look at a key again although nothing changed.
pub(crate) type Again = Option<Timestamp>;

/// Brings what a key names to what it shall be.
pub(crate) trait Controller: Send + Sync {
    /// The controller's name, for logs.
    const NAME: &'static str;

    /// Looks at everything that concerns a key and does what is missing. It may be called at any time, any number of
    /// times.
    ///
    /// # Errors
    /// What the API refuses; the work is tried again after a while.
    ///
    /// # Cancellation
    /// Work that is dropped half-way is found unfinished and finished by the next call.
    fn reconcile(&self, key: &Key) -> impl Future<Output = kube::Result<Again>> + Send;
}

struct Worker<C> {
    controller: C,
    clock: Arc<dyn Clock>,
    triggers: SelectAll<BoxStream<'static, Key>>,
    queue: BTreeSet<Key>,
    due: BTreeMap<Key, Timestamp>,
    failures: BTreeMap<Key, u32>,
}

/// Works on every key that a trigger tells, for ever.
pub(crate) async fn run(controller: impl Controller, triggers: Vec<BoxStream<'static, Key>>, clock: Arc<dyn Clock>) {
    let triggers = select_all(triggers);
    let mut worker =
        Worker { controller, clock, triggers, queue: BTreeSet::new(), due: BTreeMap::new(), failures: BTreeMap::new() };
    loop {
        while let Some(Some(key)) = worker.triggers.next().now_or_never() {
            worker.queue.insert(key);
        }
        match worker.queue.pop_first() {
            Some(key) => worker.work_on(key).await,
            None => worker.wait().await,
        }
    }
}

impl<C: Controller> Worker<C> {
    async fn work_on(&mut self, key: Key) {
        self.due.remove(&key);
        match self.controller.reconcile(&key).await {
            Ok(again) => {
                self.failures.remove(&key);
                self.due.extend(again.map(|time| (key, time)));
            }
            Err(error) => {
                tracing::debug!(controller = C::NAME, ?key, %error, "work failed");
                *self.failures.entry(key).or_default() += 1;
            }
        }
    }

    /// Waits until there is something to do.
    async fn wait(&mut self) {
        let due = self.due.values().min().map(|time| self.clock.sleep_until(*time));
        let worst = self.failures.values().max().copied();
        let pause = worst.map(|failures| FIRST_PAUSE.saturating_mul(1 << failures.min(12)).min(LONGEST_PAUSE));
        tokio::select! {
            Some(key) = self.triggers.next() => drop(self.queue.insert(key)),
            () = maybe(due) => {
                let now = self.clock.now();
                self.queue.extend(self.due.iter().filter(|(_, time)| **time <= now).map(|(key, _)| key.clone()));
            }
            () = maybe(pause.map(tokio::time::sleep)) => self.queue.extend(self.failures.keys().cloned()),
        }
    }
}

/// Waits for a future, or for ever when there is none.
async fn maybe(future: Option<impl Future<Output = ()>>) {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

    use futures_util::stream;

    use super::*;
    use crate::kubernetes::SystemClock;

    struct Recorder {
        seen: Arc<Mutex<Vec<String>>>,
        done: tokio::sync::mpsc::UnboundedSender<()>,
    }

    impl Controller for Recorder {
        const NAME: &'static str = "recorder";

        async fn reconcile(&self, key: &Key) -> kube::Result<Again> {
            let mut seen = self.seen.lock().expect("the list");
            seen.push(key.name.clone());
            self.done.send(()).expect("a reader");
            let times = seen.iter().filter(|name| **name == key.name).count();
            if key.name == "fails" && times < 3 { Err(kube::Error::TlsRequired) } else { Ok(None) }
        }
    }

    fn key(name: &str) -> Key {
        Key { namespace: String::new(), name: name.to_owned() }
    }

    /// A clock that jumps to whatever time is waited for.
    struct Jumping(AtomicI64);

    impl Clock for Jumping {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::Relaxed)).expect("a time")
        }

        fn sleep_until(&self, time: Timestamp) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
            self.0.store(time.as_second(), Ordering::Relaxed);
            Box::pin(std::future::ready(()))
        }
    }

    /// Wants to look again once.
    struct Patient(tokio::sync::mpsc::UnboundedSender<()>, AtomicBool);

    impl Controller for Patient {
        const NAME: &'static str = "patient";

        async fn reconcile(&self, _: &Key) -> kube::Result<Again> {
            self.0.send(()).expect("a reader");
            let is_first = !self.1.swap(true, Ordering::Relaxed);
            Ok(Timestamp::from_second(600).ok().filter(|_| is_first))
        }
    }

    #[tokio::test]
    async fn a_key_is_looked_at_again_when_its_time_has_come() {
        let (done, mut read) = tokio::sync::mpsc::unbounded_channel();
        let keys = stream::iter([key("once")]).chain(stream::pending()).boxed();
        let worker = tokio::spawn(run(Patient(done, false.into()), vec![keys], Arc::new(Jumping(0.into()))));
        read.recv().await.expect("the first time");
        read.recv().await.expect("the second time");
        worker.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_is_worked_on_once_however_often_it_is_told_and_until_it_succeeds() {
        let (seen, (done, mut read)) = (Arc::default(), tokio::sync::mpsc::unbounded_channel());
        let recorder = Recorder { seen: Arc::clone(&seen), done };
        let keys = stream::iter([key("once"), key("once"), key("fails")]).chain(stream::pending()).boxed();
        let worker = tokio::spawn(run(recorder, vec![keys], Arc::new(SystemClock)));
        for _ in 0..4 {
            read.recv().await.expect("work");
        }
        worker.abort();
        assert_eq!(*seen.lock().expect("the list"), ["fails", "once", "fails", "fails"]);
    }
}
