//! The one lock around the cloud, and the word that goes out when something has changed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use super::Cloud;
use crate::clock::{Clock, ClockOverflow, Span};
use crate::world::World;

/// The cloud, its clock and its observers. Clones are the same cloud.
#[derive(Clone, Debug)]
pub struct SharedCloud(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    world: World,
    state: Mutex<(Clock, Cloud)>,
    changes: watch::Sender<u64>,
}

impl SharedCloud {
    /// The cloud as `world` describes it, with its clock running.
    pub fn new(world: World) -> Self {
        let clock = Clock::start(&world.clock);
        let cloud = Cloud::new(&world, clock.now());
        Self(Arc::new(Inner { world, state: Mutex::new((clock, cloud)), changes: watch::Sender::new(0) }))
    }

    /// The world it began with.
    pub fn world(&self) -> &World {
        &self.0.world
    }

    /// Looks at the cloud as it is now. Observers hear of it only if something had come due.
    pub fn read<T>(&self, look: impl FnOnce(&Cloud) -> T) -> T {
        let (state, settled) = self.settled();
        let answer = look(&state.1);
        drop(state);
        self.notify_if(settled);
        answer
    }

    /// Changes the cloud as it is now and tells every observer.
    pub fn write<T>(&self, change: impl FnOnce(&mut Cloud) -> T) -> T {
        self.act(|cloud| (change(cloud), true))
    }

    /// Does something with the cloud as it is now, and tells every observer if `act` says that it changed something.
    pub fn act<T>(&self, act: impl FnOnce(&mut Cloud) -> (T, bool)) -> T {
        let (mut state, settled) = self.settled();
        let (answer, changed) = act(&mut state.1);
        drop(state);
        self.notify_if(settled || changed);
        answer
    }

    /// A receiver that sees a new number after every change. Mark it as seen before looking at the cloud, then
    /// nothing is missed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// World time.
    pub fn now(&self) -> Timestamp {
        self.lock().0.now()
    }

    /// Moves world time forward, and everything that was due by then.
    ///
    /// # Errors
    /// Where time would leave the range of timestamps.
    pub fn advance(&self, by: Span) -> Result<Timestamp, ClockOverflow> {
        self.lock().0.advance(by)?;
        Ok(self.read(|cloud| cloud.timing.now))
    }

    /// Puts everything back to how the world began; the clock shows real time again.
    pub fn reset(&self) {
        let clock = Clock::start(&self.0.world.clock);
        let cloud = Cloud::new(&self.0.world, clock.now());
        *self.lock() = (clock, cloud);
        self.notify_if(true);
    }

    /// Makes every change at its time for as long as it is awaited, so that observers hear of it.
    pub async fn keep_settled(&self) {
        let mut changes = self.changes();
        loop {
            changes.mark_unchanged();
            match self.next_change() {
                Some(at) => {
                    let _ = tokio::time::timeout_at(at, changes.changed()).await;
                }
                None => {
                    let _ = changes.changed().await;
                }
            }
            self.read(|_| ());
        }
    }

    /// When the next change comes in real time.
    fn next_change(&self) -> Option<Instant> {
        let state = self.lock();
        state.1.next_due().and_then(|due| state.0.real(due))
    }

    fn settled(&self) -> (MutexGuard<'_, (Clock, Cloud)>, bool) {
        let mut state = self.lock();
        let now = state.0.now();
        let settled = state.1.settle(now);
        (state, settled)
    }

    fn lock(&self) -> MutexGuard<'_, (Clock, Cloud)> {
        // A panic in one request must not take the cloud away from the next one.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notify_if(&self, changed: bool) {
        if changed {
            self.0.changes.send_modify(|version| *version += 1);
        }
    }
}
