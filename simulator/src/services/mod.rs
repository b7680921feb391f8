//! The services: one file for the actions of each area, named and shaped as the API reference has them.

mod list;
mod sts;
mod tag;
mod vpc;

use crate::front::{ApiError, Service};
use crate::ids;

/// All services with all their actions.
pub(crate) fn all() -> Vec<Service> {
    vec![sts::service(), tag::service(), vpc::service()]
}

/// Checks the form of an id in a request of vpc.
///
/// # Errors
/// `InvalidParameterValue.Malformed`.
fn check_id(prefix: &str, id: &str) -> Result<(), ApiError> {
    if ids::is_resource(prefix, id) {
        return Ok(());
    }
    Err(ApiError::new("InvalidParameterValue.Malformed", format!("The id `{id}` is not `{prefix}-xxxxxxxx`.")))
}

/// Checks a name or description.
///
/// # Errors
/// `InvalidParameterValue.TooLong`.
fn check_length(what: &str, text: &str, limit: usize) -> Result<(), ApiError> {
    if text.len() <= limit {
        return Ok(());
    }
    Err(ApiError::new("InvalidParameterValue.TooLong", format!("`{what}` is longer than {limit} bytes.")))
}

/// Checks that a text is one of a few.
///
/// # Errors
/// `InvalidParameterValue`.
fn check_one_of(what: &str, text: &str, known: &[&str]) -> Result<(), ApiError> {
    if known.contains(&text) {
        return Ok(());
    }
    Err(ApiError::invalid_value(format!("`{what}` must be one of {}, not `{text}`.", known.join(", "))))
}
