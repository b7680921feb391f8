//! A small Kubernetes API server in memory.

mod apply;
mod builtin;
mod object;
mod schema;

pub use object::Object;
