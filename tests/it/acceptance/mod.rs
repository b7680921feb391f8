//! Real Terraform against the simulator. The configurations are the files in `examples/`.

mod attachments;
mod bad_input;
mod conformance;
mod data_sources;
mod dns;
mod examples;
mod mesh;
mod network;
mod registration;
mod routing;
mod suite;
mod unknown_provider;
