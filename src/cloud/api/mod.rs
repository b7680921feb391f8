//! The actions of the API, one file or directory a product. Types and fields are named as the API reference names them.
//!
//! Requests leave out what is `None`. In answers, members that decide something (IDs, states) are required, so that an
//! answer without them is an error and not an empty text; the others are options or empty lists.

pub mod cam;
pub mod clb;
pub mod dnspod;
mod states;
pub mod sts;
pub mod tag;
pub mod tcm;
pub mod tdcc;
pub mod tke;
pub mod vpc;

pub(crate) use states::states;

use serde::{Deserialize, Serialize};

use super::tags::Tag;

/// The answer of an action that answers nothing but its request ID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Empty {}

/// Lets through what has one of the values; several filters of a request must all let it through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Filter {
    /// What to look at, for example `instance-id`.
    pub name: String,
    /// The values.
    pub values: Vec<String>,
}

impl Filter {
    /// A filter for a single value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), values: vec![value.into()] }
    }
}

/// The tags of one kind of resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagSpecification {
    /// The kind, for example `cluster`.
    pub resource_type: String,
    /// The tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}
