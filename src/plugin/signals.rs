//! The signals that reach the plugin.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::plugin::Error;

/// SIGINT and SIGTERM. From [`Signals::catch`] on, for as long as the process lives, neither ends it by itself.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Starts to catch them. Before the host hears of the plugin, so that nothing is left behind afterwards.
    ///
    /// # Errors
    /// [`Error::Signal`].
    pub(super) fn catch() -> Result<Self, Error> {
        let catch = |kind| signal(kind).map_err(Error::Signal);
        Ok(Self { interrupt: catch(SignalKind::interrupt())?, terminate: catch(SignalKind::terminate())? })
    }

    /// Waits for SIGTERM. Ctrl-C in a terminal reaches a host's children too, but only the host knows what its user
    /// means by it: it asks its plugins to stop.
    pub(super) async fn terminated(&mut self) {
        self.terminate.recv().await;
    }

    /// Waits for SIGTERM or SIGINT.
    pub(super) async fn terminated_or_interrupted(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
