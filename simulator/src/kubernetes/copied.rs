//! Kinds as somebody knows them who copies objects of another server into a store.

use super::builtin;
use super::kinds::Kind;
use super::registry::ApiGroup;

/// A kind of another server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copied {
    /// The API group; empty for the core group.
    pub(crate) group: String,
    /// The version that objects are read in.
    pub(crate) version: String,
    /// The kind.
    pub(crate) kind: String,
    /// The name in paths.
    pub(crate) plural: String,
}

impl Copied {
    /// The built-in kinds but events, which only tell what happened.
    pub(crate) fn built_in() -> Vec<Self> {
        let kinds = builtin::kinds();
        kinds.iter().filter(|kind| kind.kind != "Event").map(|kind| Self::of(kind)).collect()
    }

    /// The kinds of a group.
    pub(crate) fn of_group(group: &ApiGroup) -> Vec<Self> {
        group.kinds().map(Self::of).collect()
    }

    /// The kind with its group: `Deployment.apps`, or `Pod` in the core group.
    pub(crate) fn qualified_kind(&self) -> String {
        if self.group.is_empty() { self.kind.clone() } else { format!("{}.{}", self.kind, self.group) }
    }

    fn of(kind: &Kind) -> Self {
        Self {
            group: kind.group.clone(),
            version: kind.versions.first().map(|version| version.name.clone()).unwrap_or_default(),
            kind: kind.kind.clone(),
            plural: kind.plural.clone(),
        }
    }
}
