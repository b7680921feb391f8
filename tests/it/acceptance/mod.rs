//! Real Terraform against the simulator. The configurations are the files in `examples/`.

mod dns;
mod network;
mod suite;
