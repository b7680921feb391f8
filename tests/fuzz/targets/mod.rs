//! The places where bytes of others come in.

mod api_response;
mod dynamic_value;
mod go_plugin;
mod kubeconfig;
mod manifest;
mod msgpack;
mod provider;
mod simulated;
mod simulator_kubernetes;
mod simulator_request;
mod simulator_signature;
mod state_upgrade;

/// A secret that inputs hold, and no message may.
const CANARY: &str = "canary-7c1f";
