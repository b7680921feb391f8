//! Who acts, and what the world answers.

pub mod route_probe;
