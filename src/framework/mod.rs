//! Terraform, with no cloud in it.

pub mod diagnostics;
pub mod error;
pub mod json;
pub mod model;
pub mod msgpack;
pub mod number;
pub mod path;
mod plan;
pub mod schema;
pub mod types;
pub mod value;
mod walk;
