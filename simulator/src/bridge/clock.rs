//! The cloud's time in its clusters.

use std::future::Future;
use std::pin::Pin;

use crate::kubernetes::{Clock, Timestamp};
use crate::state::SharedCloud;

/// World time, for what runs in clusters.
pub(super) struct WorldClock(pub(super) SharedCloud);

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep_until(&self, time: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let cloud = self.0.clone();
        Box::pin(async move { cloud.until(time).await })
    }
}
