//! The time that objects are stamped with and that tokens expire by.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

pub use k8s_openapi::jiff::Timestamp;

/// The time of the world that a server lives in. It may run at another pace than the machine's, or only when it is told.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits until the world's time has come.
    ///
    /// # Cancellation
    /// Nothing is lost when the future is dropped.
    fn sleep_until(&self, time: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, time: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let left = Duration::try_from(time.duration_since(self.now())).unwrap_or_default();
        Box::pin(tokio::time::sleep(left))
    }
}

/// A time as the API writes it: RFC 3339 in UTC, whole seconds.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}
