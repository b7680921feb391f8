//! What the tests share.

pub(crate) mod certificates;
pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod plugin;
pub(crate) mod terraform;
pub(crate) mod workspace;
pub(crate) mod world;
