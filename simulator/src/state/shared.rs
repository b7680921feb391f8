//! The one lock around the cloud, and the word that goes out when something has changed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use super::Cloud;
use crate::clock::{Clock, ClockOverflow, Span};
use crate::issued::Issued;
use crate::world::World;

/// The cloud, its clock and its observers. Clones are the same cloud.
#[derive(Clone, Debug)]
pub struct SharedCloud(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    world: World,
    issued: Issued,
    /// Locked last, and never for long, so that the time can be asked for while the cloud is locked.
    clock: Mutex<Clock>,
    cloud: Mutex<Cloud>,
    changes: watch::Sender<u64>,
}

impl SharedCloud {
    /// The cloud as `world` describes it, with its clock running.
    pub fn new(world: World) -> Self {
        let clock = Clock::start(&world.clock);
        let issued = Issued::default();
        let cloud = Mutex::new(Cloud::new(&world, clock.now(), issued.clone()));
        Self(Arc::new(Inner { world, issued, clock: Mutex::new(clock), cloud, changes: watch::Sender::new(0) }))
    }

    /// The world it began with.
    pub fn world(&self) -> &World {
        &self.0.world
    }

    /// Every secret that was given out, also before a reset.
    pub fn issued(&self) -> &Issued {
        &self.0.issued
    }

    /// Looks at the cloud as it is now. Observers hear of it only if something had come due.
    pub fn read<T>(&self, look: impl FnOnce(&Cloud) -> T) -> T {
        let (cloud, settled) = self.settled();
        let answer = look(&cloud);
        drop(cloud);
        self.notify_if(settled);
        answer
    }

    /// Changes the cloud as it is now and tells every observer.
    pub fn write<T>(&self, change: impl FnOnce(&mut Cloud) -> T) -> T {
        self.act(|cloud| (change(cloud), true))
    }

    /// Does something with the cloud as it is now, and tells every observer if `act` says that it changed something.
    pub fn act<T>(&self, act: impl FnOnce(&mut Cloud) -> (T, bool)) -> T {
        let (mut cloud, settled) = self.settled();
        let (answer, changed) = act(&mut cloud);
        drop(cloud);
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
        self.clock().now()
    }

    /// Waits until a moment of world time, whether it comes by itself or by [`SharedCloud::advance`].
    pub async fn until(&self, moment: Timestamp) {
        let mut changes = self.changes();
        while self.now() < moment {
            let at = self.clock().real(moment);
            change_or(at, &mut changes).await;
        }
    }

    /// Moves world time forward, and everything that was due by then. Every observer is told.
    ///
    /// # Errors
    /// Where time would leave the range of timestamps.
    pub fn advance(&self, by: Span) -> Result<Timestamp, ClockOverflow> {
        self.clock().advance(by)?;
        Ok(self.write(|cloud| cloud.timing.now))
    }

    /// Puts everything back to how the world began; the clock shows real time again.
    pub fn reset(&self) {
        let clock = Clock::start(&self.0.world.clock);
        let mut cloud = self.lock();
        *cloud = Cloud::new(&self.0.world, clock.now(), self.0.issued.clone());
        *self.clock() = clock;
        drop(cloud);
        self.notify_if(true);
    }

    /// Makes every change at its time for as long as it is awaited, so that observers hear of it.
    pub async fn keep_settled(&self) {
        let mut changes = self.changes();
        loop {
            changes.mark_unchanged();
            change_or(self.next_change(), &mut changes).await;
            self.read(|_| ());
        }
    }

    /// When the next change comes in real time.
    fn next_change(&self) -> Option<Instant> {
        let due = self.lock().next_due()?;
        self.clock().real(due)
    }

    fn settled(&self) -> (MutexGuard<'_, Cloud>, bool) {
        let mut cloud = self.lock();
        let now = self.now();
        let settled = cloud.settle(now);
        (cloud, settled)
    }

    fn lock(&self) -> MutexGuard<'_, Cloud> {
        // A panic in one request must not take the cloud away from the next one.
        self.0.cloud.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.0.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notify_if(&self, changed: bool) {
        if changed {
            self.0.changes.send_modify(|version| *version += 1);
        }
    }
}

/// Waits for the next change, at most until `at`.
async fn change_or(at: Option<Instant>, changes: &mut watch::Receiver<u64>) {
    match at {
        Some(at) => drop(tokio::time::timeout_at(at, changes.changed()).await),
        None => drop(changes.changed().await),
    }
}
