//! Real Terraform against the simulator. The configurations are the files in `examples/`.

mod attachments;
mod bad_input;
mod concurrency;
mod conformance;
mod covered;
mod data_sources;
mod dns;
mod ephemerals;
mod examples;
mod interruption;
mod mesh;
mod network;
mod registration;
mod routing;
mod secrets;
mod story;
mod suite;
mod unknown_provider;
