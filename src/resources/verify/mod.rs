//! Who acts, and what the world answers.

pub mod caller_identity;
pub mod route_probe;
