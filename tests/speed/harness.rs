//! The harness of the protocol tests.

#[path = "../it/harness/certificates.rs"]
pub(crate) mod certificates;
#[path = "../it/harness/connection.rs"]
pub(crate) mod connection;
#[path = "../it/harness/plugin.rs"]
pub(crate) mod plugin;
