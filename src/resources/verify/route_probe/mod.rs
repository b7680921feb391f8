//! `tcmesh_route_probe`: whether a host is answered as it should be; an ephemeral resource and a data source.

mod checks;
mod ephemeral;
mod exchange;
mod expectation;
mod model;
mod probing;
mod source;
mod target;
#[cfg(test)]
mod tests;

use crate::framework::{Diagnostic, Error};

pub use ephemeral::RouteProbeResource;
pub use model::{Expect, RouteProbe};
pub use source::RouteProbeSource;

/// A failure to begin with, at an attribute.
fn unusable(attribute: &str, problem: impl Into<String>) -> Error {
    Diagnostic::error("The probe cannot be made", problem).at(attribute).into()
}
