//! Real Terraform against the simulator. The configurations are the files in `examples/`.

mod attachments;
mod data_sources;
mod dns;
mod mesh;
mod network;
mod registration;
mod routing;
mod secrets;
mod story;
mod suite;
