//! How many connections are open, so that the plugin does not outlive its host.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// How long the host has for its first connection. It is the time that hosts themselves give a plugin to start.
const BEFORE_THE_FIRST: Duration = Duration::from_secs(60);

/// How long the plugin goes on without a connection. A host that was killed leaves nobody else to end its plugins
/// (measured on Terraform 1.11.4: they run forever).
const AFTER_THE_LAST: Duration = Duration::from_secs(3);

/// Counts the connections that are open now.
#[derive(Clone, Default)]
pub(super) struct Connections(watch::Sender<usize>);

impl Connections {
    /// Counts one more, until the result is dropped.
    pub(super) fn open(&self) -> Open {
        self.0.send_modify(|open| *open += 1);
        Open(self.0.clone())
    }

    /// Waits until the host must be gone.
    pub(super) async fn lost(&self) {
        let mut open = self.0.subscribe();
        let mut patience = BEFORE_THE_FIRST;
        while timeout(patience, open.wait_for(|open| *open > 0)).await.is_ok() {
            let _ = open.wait_for(|open| *open == 0).await;
            patience = AFTER_THE_LAST;
        }
    }
}

/// One open connection.
pub(super) struct Open(watch::Sender<usize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, sleep};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_host_that_never_connects_is_waited_for_as_long_as_a_start_may_take() {
        let start = Instant::now();
        Connections::default().lost().await;
        assert_eq!(start.elapsed().as_secs(), 60);
    }

    /// Runs `host` beside [`Connections::lost`], and says how long after it the plugin was still there.
    async fn seconds_after(connections: &Connections, host: impl Future<Output = ()>) -> u64 {
        let ended = async {
            host.await;
            Instant::now()
        };
        tokio::join!(connections.lost(), ended).1.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn three_seconds_without_a_connection_mean_that_the_host_is_gone() {
        let connections = Connections::default();
        let host = async {
            let (first, second) = (connections.open(), connections.open());
            sleep(Duration::from_secs(100)).await;
            drop(first);
            sleep(Duration::from_secs(100)).await;
            drop(second);
        };
        assert_eq!(seconds_after(&connections, host).await, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_connects_again_in_time_is_not_gone() {
        let connections = Connections::default();
        let host = async {
            for _ in 0..2 {
                let open = connections.open();
                sleep(Duration::from_secs(10)).await;
                drop(open);
                sleep(Duration::from_secs(2)).await;
            }
        };
        assert_eq!(seconds_after(&connections, host).await, 1);
    }
}
