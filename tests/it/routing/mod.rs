//! Gateways, host routes and manifests, through the provider's protocol, in a Kubernetes in memory.

mod cloud;
mod faults;
mod manifest;
mod objects;
pub(crate) mod support;
mod waits;
