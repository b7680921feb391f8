//! Real Terraform against the simulator. The configurations are the files in `examples/`.

mod attachments;
mod covered;
mod data_sources;
mod dns;
mod ephemerals;
mod mesh;
mod network;
mod registration;
mod routing;
mod story;
mod suite;
