//! Who manages which fields: the entries of `metadata.managedFields`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::field_set::FieldSet;
use crate::kubernetes::object::Object;

/// How a manager came by its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Operation {
    /// By server-side apply.
    Apply,
    /// By any other write.
    Update,
}

/// A manager of fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manager {
    /// The name the client gave, or the first part of its user agent.
    pub(crate) name: String,
    /// How it came by its fields.
    pub(crate) operation: Operation,
    /// The version of the API that the fields are named in.
    pub(crate) api_version: String,
    /// The subresource that was written; empty for the object itself.
    pub(crate) subresource: String,
}

impl Manager {
    /// Whether both are one manager: one that applies stays the same when it changes the version.
    fn is(&self, other: &Self) -> bool {
        let same_version = self.operation == Operation::Apply || self.api_version == other.api_version;
        self.name == other.name
            && self.operation == other.operation
            && self.subresource == other.subresource
            && same_version
    }

    /// The manager as the API's messages write it.
    pub(crate) fn display(&self) -> String {
        let mut text = format!("{:?}", self.name);
        if !self.subresource.is_empty() {
            text += &format!(" with subresource {:?}", self.subresource);
        }
        if self.operation == Operation::Update {
            text += &format!(" using {}", self.api_version);
        }
        text
    }
}

/// A manager and its fields.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Who.
    pub(crate) manager: Manager,
    /// What.
    pub(crate) fields: FieldSet,
    /// Since when, in RFC 3339.
    time: Option<String>,
}

/// All managers of an object's fields.
#[derive(Clone, Debug, Default)]
pub(crate) struct Managers(Vec<Entry>);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    manager: String,
    operation: Operation,
    api_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    fields_type: String,
    fields_v1: Value,
    #[serde(skip_serializing_if = "String::is_empty")]
    subresource: String,
}

impl Default for Wire {
    fn default() -> Self {
        Self {
            manager: String::new(),
            operation: Operation::Update,
            api_version: String::new(),
            time: None,
            fields_type: "FieldsV1".to_owned(),
            fields_v1: Value::Null,
            subresource: String::new(),
        }
    }
}

impl Managers {
    /// The managers that an object names.
    pub(crate) fn of(object: &Object) -> Self {
        let entries = object.list("/metadata/managedFields").iter();
        Self(entries.filter_map(|entry| serde_json::from_value(entry.clone()).ok()).filter_map(Entry::read).collect())
    }

    /// Writes the managers into an object.
    pub(crate) fn write(mut self, object: &mut Object) {
        self.0.retain(|entry| !entry.fields.is_empty());
        self.0.sort_by(|a, b| a.order().cmp(&b.order()));
        let entries: Vec<_> = self.0.into_iter().map(Entry::write).collect();
        match entries.is_empty() {
            true => drop(object.take("/metadata/managedFields")),
            false => object.set("/metadata/managedFields", entries),
        }
    }

    /// Whether nobody manages anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields of a manager; none when it is unknown.
    pub(crate) fn fields_of(&self, manager: &Manager) -> FieldSet {
        self.0.iter().find(|entry| entry.manager.is(manager)).map(|entry| entry.fields.clone()).unwrap_or_default()
    }

    /// The entries of everybody but `manager`.
    pub(crate) fn others<'a>(&'a self, manager: &'a Manager) -> impl Iterator<Item = &'a Entry> {
        self.0.iter().filter(|entry| !entry.manager.is(manager))
    }

    /// Sets the fields of a manager, and the time of its latest change, if this is one.
    pub(crate) fn set(&mut self, manager: &Manager, fields: FieldSet, time: Option<&str>) {
        let (manager, time) = (manager.clone(), time.map(str::to_owned));
        match self.0.iter_mut().find(|entry| entry.manager.is(&manager)) {
            Some(entry) => *entry = Entry { manager, fields, time: time.or(entry.time.take()) },
            None => self.0.push(Entry { manager, fields, time }),
        }
    }

    /// Takes fields from everybody but `manager`.
    pub(crate) fn take_from_others(&mut self, manager: &Manager, fields: &FieldSet) {
        for entry in self.0.iter_mut().filter(|entry| !entry.manager.is(manager)) {
            entry.fields = entry.fields.difference(fields);
        }
    }
}

impl Entry {
    fn order(&self) -> (Operation, &Option<String>, &str, &str) {
        (self.manager.operation, &self.time, &self.manager.name, &self.manager.subresource)
    }

    fn read(wire: Wire) -> Option<Self> {
        let Wire { manager, operation, api_version, time, fields_v1, subresource, .. } = wire;
        let manager = Manager { name: manager, operation, api_version, subresource };
        let known = !manager.api_version.is_empty();
        known.then(|| Self { manager, fields: FieldSet::from_fields_v1(&fields_v1), time })
    }

    fn write(self) -> Value {
        let Manager { name, operation, api_version, subresource } = self.manager;
        let wire = Wire {
            manager: name,
            operation,
            api_version,
            time: self.time,
            fields_v1: self.fields.to_fields_v1(),
            subresource,
            ..Wire::default()
        };
        // Text, a map of text and nothing else: it always has a JSON form.
        serde_json::to_value(wire).unwrap_or_default()
    }
}
