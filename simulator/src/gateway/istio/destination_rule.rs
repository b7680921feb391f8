//! `DestinationRule`: which pods of a service form a subset.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The specification of a `DestinationRule`, as far as it decides which pods are called.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DestinationRuleSpec {
    /// The services it is about.
    pub(crate) host: String,
    /// Named parts of them.
    pub(crate) subsets: Vec<Subset>,
    /// Namespaces that see it.
    pub(crate) export_to: Vec<String>,
}

/// A named part of a service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Subset {
    /// Its name.
    pub(crate) name: String,
    /// Labels that its pods have.
    pub(crate) labels: BTreeMap<String, String>,
}
