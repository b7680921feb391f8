//! Terraform, with no cloud in it.
//!
//! A resource author implements [`Resource`] for a `#[derive(Model)]` struct, a data source [`DataSource`], an ephemeral
//! resource [`Ephemeral`]; [`Registry`] lists them and [`Server`] serves them. Planning, comparing and completing work on
//! untyped [values](value::Value) by [schema](schema::Schema); authors see their own structs.

mod answer;
mod apply;
mod change;
mod data_source;
mod diagnostics;
mod ephemeral;
mod erased;
mod error;
mod identity;
mod invariants;
mod json;
pub mod model;
pub mod msgpack;
mod number;
mod path;
mod plan;
mod planned;
mod private;
mod progress;
mod provider;
mod refresh;
mod registry;
mod resource;
pub mod schema;
mod secrets;
mod server;
mod task;
mod timeouts;
mod types;
mod validate;
pub mod value;
mod walk;

pub use change::{Change, Prior};
pub use data_source::DataSource;
pub use diagnostics::{Diagnostic, Diagnostics, Severity, sentence};
pub use ephemeral::{Ephemeral, Opened, Renewed};
pub use error::{Error, ErrorKind};
pub use model::{Computed, Model, WriteOnly};
pub use number::{NotANumber, Number};
pub use path::{Path, Step};
pub use planned::{Part, Planned};
pub use private::Private;
pub use progress::Progress;
pub use provider::Provider;
pub use registry::Registry;
pub use resource::{JsonAttributes, Resource};
pub use server::Server;
pub use timeouts::{Timeouts, parse_duration};
pub use types::{NotAType, Type};
