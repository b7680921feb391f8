//! Real Terraform against the simulator. The configurations are the files in `examples/`.

mod mesh;
mod network;
mod registration;
mod routing;
mod suite;
