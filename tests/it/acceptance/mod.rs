//! Real Terraform against the simulator. The configurations are the files in `examples/`.

mod attachments;
mod data_sources;
mod dns;
mod network;
mod suite;
