//! Objects as the API server keeps them: JSON, with accessors for what all kinds share.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

/// A Kubernetes object of any kind.
#[derive(Clone, PartialEq)]
pub struct Object(Value);

/// Only what the object is: what is in it may be secret.
impl fmt::Debug for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}/{} at {}", self.kind(), self.namespace(), self.name(), self.resource_version())
    }
}

impl TryFrom<Value> for Object {
    type Error = Value;

    fn try_from(value: Value) -> Result<Self, Value> {
        if value.is_object() { Ok(Self(value)) } else { Err(value) }
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        object.0
    }
}

impl Object {
    /// An object of a kind, with nothing in it but a name.
    pub fn new(api_version: &str, kind: &str, name: &str) -> Self {
        Self(serde_json::json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}))
    }

    /// The object as JSON.
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    /// The object as JSON, to change.
    pub(crate) fn as_value_mut(&mut self) -> &mut Value {
        &mut self.0
    }

    /// The top-level fields.
    pub fn fields(&self) -> &Map<String, Value> {
        // The only ways to make an object check that it is a map.
        self.0.as_object().unwrap_or_else(|| unreachable!("an object is a map"))
    }

    fn fields_mut(&mut self) -> &mut Map<String, Value> {
        self.0.as_object_mut().unwrap_or_else(|| unreachable!("an object is a map"))
    }

    /// The value at a JSON pointer, for example `/spec/replicas`.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        self.0.pointer(pointer).filter(|value| !value.is_null())
    }

    /// The text at a JSON pointer; empty when there is none.
    pub fn text(&self, pointer: &str) -> &str {
        self.at(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The whole number at a JSON pointer.
    pub fn integer(&self, pointer: &str) -> Option<i64> {
        self.at(pointer).and_then(Value::as_i64)
    }

    /// The items of the list at a JSON pointer; none when there is no list.
    pub fn list(&self, pointer: &str) -> &[Value] {
        self.at(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Sets the value at a JSON pointer of field names, making the maps on the way.
    pub fn set(&mut self, pointer: &str, value: impl Into<Value>) {
        let mut place = &mut self.0;
        for name in pointer.split('/').skip(1) {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            place = &mut place[name.replace("~1", "/")];
        }
        *place = value.into();
    }

    /// Sets the value at a JSON pointer, unless there is one.
    pub fn set_if_absent(&mut self, pointer: &str, value: impl Into<Value>) {
        if self.at(pointer).is_none() {
            self.set(pointer, value);
        }
    }

    /// Takes out the value at a JSON pointer.
    pub fn take(&mut self, pointer: &str) -> Option<Value> {
        let (parent, name) = pointer.rsplit_once('/')?;
        self.0.pointer_mut(parent)?.as_object_mut()?.remove(&name.replace("~1", "/"))
    }

    /// Copies a top-level field from `other`, or takes it out when `other` has none.
    pub(crate) fn copy_field(&mut self, name: &str, other: Option<&Self>) {
        match other.and_then(|other| other.fields().get(name)) {
            Some(value) => drop(self.fields_mut().insert(name.to_owned(), value.clone())),
            None => drop(self.fields_mut().remove(name)),
        }
    }

    /// Keeps the top-level fields that `keep` allows.
    pub(crate) fn retain_fields(&mut self, keep: impl Fn(&str) -> bool) {
        self.fields_mut().retain(|name, _| keep(name));
    }

    /// `apiVersion`.
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion")
    }

    /// `kind`.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// `metadata.name`.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// `metadata.namespace`; empty for objects of the cluster.
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    /// `metadata.uid`.
    pub fn uid(&self) -> &str {
        self.text("/metadata/uid")
    }

    /// `metadata.resourceVersion`.
    pub fn resource_version(&self) -> &str {
        self.text("/metadata/resourceVersion")
    }

    /// A label's value.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.at("/metadata/labels")?.get(name)?.as_str()
    }

    /// The labels.
    pub fn labels(&self) -> BTreeMap<&str, &str> {
        let labels = self.at("/metadata/labels").and_then(Value::as_object).into_iter().flatten();
        labels.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
    }

    /// `metadata.finalizers`.
    pub fn finalizers(&self) -> impl Iterator<Item = &str> {
        self.list("/metadata/finalizers").iter().filter_map(Value::as_str)
    }

    /// Whether deletion has been asked for and waits for finalizers.
    pub fn is_terminating(&self) -> bool {
        self.at("/metadata/deletionTimestamp").is_some()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_does_not_show_its_data() {
        let mut secret = Object::new("v1", "Secret", "s");
        secret.set("/data/password", "aHVudGVyMg==");
        assert_eq!(format!("{secret:?}"), "Secret /s at ");
    }

    #[test]
    fn fields_are_set_and_taken_by_pointer() {
        let mut object = Object::new("v1", "ConfigMap", "a");
        object.set("/metadata/labels/app.kubernetes.io~1name", "x");
        assert_eq!(object.label("app.kubernetes.io/name"), Some("x"));
        assert_eq!(object.take("/metadata/labels/app.kubernetes.io~1name"), Some(json!("x")));
        object.set("/status/phase", "Active");
        object.set_if_absent("/status/phase", "Other");
        assert_eq!(object.text("/status/phase"), "Active");
    }
}
