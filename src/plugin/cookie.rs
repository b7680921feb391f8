//! The cookie by which a plugin knows that Terraform started it.

use std::ffi::OsStr;

use crate::plugin::Error;

/// The variable that holds the cookie.
pub(super) const VARIABLE: &str = "TF_PLUGIN_MAGIC_COOKIE";

/// What Terraform and OpenTofu set. It is no secret: it keeps people from starting a plugin by mistake.
const VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// Whether Terraform started this program, called `name`.
///
/// # Errors
/// [`Error::NotStartedByTerraform`].
pub(super) fn check(value: Option<&OsStr>, name: &'static str) -> Result<(), Error> {
    if value == Some(OsStr::new(VALUE)) { Ok(()) } else { Err(Error::NotStartedByTerraform { name }) }
}
