//! Gateways, host routes, manifests and probes, through the provider's protocol, in a Kubernetes in memory.

mod cloud;
mod faults;
mod manifest;
mod objects;
mod probe;
pub(crate) mod support;
mod waits;
