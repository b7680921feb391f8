//! Tags of all resources of all accounts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::identity::Uin;

/// The resource that a tag is on, as tag's actions name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tagged {
    /// The account of the resource.
    pub owner: Uin,
    /// The service, such as `vpc`.
    pub service: String,
    /// The kind, such as `ccn`.
    pub prefix: String,
    /// The resource's id.
    pub id: String,
}

impl Tagged {
    /// A resource by its parts.
    pub fn new(owner: &Uin, service: &str, prefix: &str, id: &str) -> Self {
        Self { owner: owner.clone(), service: service.into(), prefix: prefix.into(), id: id.into() }
    }
}

/// All tags.
#[derive(Clone, Debug, Default)]
pub struct Tags(BTreeMap<Tagged, BTreeMap<String, String>>);

impl Tags {
    /// The tags of a resource, by key.
    pub fn of<'a>(&'a self, resource: &Tagged) -> impl Iterator<Item = (&'a String, &'a String)> + use<'a> {
        self.0.get(resource).into_iter().flatten()
    }

    /// Sets tags, replacing values of the same keys.
    pub fn set(&mut self, resource: Tagged, tags: impl IntoIterator<Item = (String, String)>) {
        self.0.entry(resource).or_default().extend(tags);
    }

    /// Removes one tag.
    pub fn remove(&mut self, resource: &Tagged, key: &str) {
        if let Some(tags) = self.0.get_mut(resource) {
            tags.remove(key);
        }
    }

    /// Removes all tags of a resource that is gone.
    pub fn forget(&mut self, resource: &Tagged) {
        self.0.remove(resource);
    }
}

impl Serialize for Tags {
    /// As a map from `service/prefix/id` to the tags.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(self.0.iter().map(|(it, tags)| (format!("{}/{}/{}", it.service, it.prefix, it.id), tags)))
    }
}
