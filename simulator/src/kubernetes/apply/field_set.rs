//! Sets of fields, as `metadata.managedFields` holds them (API reference, `FieldsV1`).

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

/// One step of a path, in the notation of `FieldsV1`: `f:name`, `k:{"key":…}` for a list item by its keys, `v:…` for an
/// item of a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step(String);

impl Step {
    /// A field of a map.
    pub(crate) fn field(name: &str) -> Self {
        Self(format!("f:{name}"))
    }

    /// The item of a keyed list.
    pub(crate) fn item(key: Map<String, Value>) -> Self {
        Self(format!("k:{}", Value::Object(key)))
    }

    /// The item of a set.
    pub(crate) fn member(value: &Value) -> Self {
        Self(format!("v:{value}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_at(2) {
            ("k:", key) => {
                let key: BTreeMap<String, Value> = serde_json::from_str(key).unwrap_or_default();
                let pairs: Vec<_> = key.iter().map(|(name, value)| format!("{name}={value}")).collect();
                write!(formatter, "[{}]", pairs.join(","))
            }
            ("v:", value) => write!(formatter, "[={value}]"),
            (_, name) => write!(formatter, ".{name}"),
        }
    }
}

/// A set of fields: a tree of steps, in which some nodes are members.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FieldSet {
    member: bool,
    children: BTreeMap<Step, FieldSet>,
}

impl FieldSet {
    /// The set of one value itself, without what lies below it.
    pub(crate) fn leaf() -> Self {
        Self { member: true, children: BTreeMap::new() }
    }

    /// Whether nothing is in the set.
    pub(crate) fn is_empty(&self) -> bool {
        !self.member && self.children.is_empty()
    }

    /// Whether the value itself, at the root of this set, is a member.
    pub(crate) fn is_member(&self) -> bool {
        self.member
    }

    /// Makes the root a member.
    pub(crate) fn include_root(&mut self) {
        self.member = true;
    }

    /// What the set holds below `step`, if anything.
    pub(crate) fn below(&self, step: &Step) -> Option<&Self> {
        self.children.get(step)
    }

    /// Adds `set` below `step`.
    pub(crate) fn insert(&mut self, step: Step, set: Self) {
        if !set.is_empty() {
            let union = match self.children.remove(&step) {
                Some(before) => before.union(set),
                None => set,
            };
            self.children.insert(step, union);
        }
    }

    /// Takes out everything at and below a path of fields.
    pub(crate) fn remove(&mut self, path: &[&str]) {
        let Some((first, rest)) = path.split_first() else {
            *self = Self::default();
            return;
        };
        let step = Step::field(first);
        if let Some(child) = self.children.get_mut(&step) {
            child.remove(rest);
            if child.is_empty() {
                self.children.remove(&step);
            }
        }
    }

    /// What is in either set.
    pub(crate) fn union(mut self, other: Self) -> Self {
        self.member |= other.member;
        for (step, set) in other.children {
            self.insert(step, set);
        }
        self
    }

    /// What is in both sets.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let both = self.children.iter().filter_map(|(step, set)| {
            let set = set.intersection(other.children.get(step)?);
            (!set.is_empty()).then(|| (step.clone(), set))
        });
        Self { member: self.member && other.member, children: both.collect() }
    }

    /// What is in this set and not in `other`.
    pub(crate) fn difference(&self, other: &Self) -> Self {
        let left = self.children.iter().filter_map(|(step, set)| {
            let set = other.children.get(step).map_or_else(|| set.clone(), |other| set.difference(other));
            (!set.is_empty()).then(|| (step.clone(), set))
        });
        Self { member: self.member && !other.member, children: left.collect() }
    }

    /// The paths of the members, as the API's messages write them: `.spec.ports[port=80,protocol="TCP"].name`.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect_paths("", &mut paths);
        paths
    }

    fn collect_paths(&self, prefix: &str, paths: &mut Vec<String>) {
        if self.member {
            paths.push(prefix.to_owned());
        }
        for (step, set) in &self.children {
            set.collect_paths(&format!("{prefix}{step}"), paths);
        }
    }

    /// The set in the form of `FieldsV1`.
    pub(crate) fn to_fields_v1(&self) -> Value {
        let mut map = Map::new();
        if self.member && !self.children.is_empty() {
            map.insert(".".to_owned(), Value::Object(Map::new()));
        }
        map.extend(self.children.iter().map(|(step, set)| (step.0.clone(), set.to_fields_v1())));
        Value::Object(map)
    }

    /// The set that `FieldsV1` describes.
    pub(crate) fn from_fields_v1(fields: &Value) -> Self {
        let children: BTreeMap<_, _> = fields.as_object().into_iter().flatten().filter_map(child_from_v1).collect();
        Self { member: fields.get(".").is_some(), children }
    }
}

fn child_from_v1((key, below): (&String, &Value)) -> Option<(Step, FieldSet)> {
    let mut set = FieldSet::from_fields_v1(below);
    set.member |= set.children.is_empty();
    (key.get(1..2) == Some(":")).then(|| (Step(key.clone()), set))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(fields: &Value) -> FieldSet {
        FieldSet::from_fields_v1(fields)
    }

    #[test]
    fn fields_v1_is_read_and_written_alike() {
        let fields = json!({"f:metadata": {"f:labels": {".": {}, "f:app": {}}, "f:finalizers": {"v:\"x\"": {}}},
            "f:spec": {"f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}}}});
        assert_eq!(set(&fields).to_fields_v1(), fields);
    }

    #[test]
    fn paths_are_written_as_the_api_writes_them() {
        let fields = set(&json!({"f:spec": {"f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {"f:name": {}}}},
            "f:metadata": {"f:finalizers": {"v:\"x\"": {}}}}));
        assert_eq!(fields.paths(), [".metadata.finalizers[=\"x\"]", ".spec.ports[port=80,protocol=\"TCP\"].name"]);
    }

    #[test]
    fn sets_combine() {
        let a = set(&json!({"f:a": {".": {}, "f:b": {}}, "f:c": {}}));
        let b = set(&json!({"f:a": {"f:b": {}}, "f:d": {}}));
        assert_eq!(a.intersection(&b).to_fields_v1(), json!({"f:a": {"f:b": {}}}));
        assert_eq!(a.difference(&b).to_fields_v1(), json!({"f:a": {}, "f:c": {}}));
        assert_eq!(a.union(b).to_fields_v1(), json!({"f:a": {".": {}, "f:b": {}}, "f:c": {}, "f:d": {}}));
    }

    #[test]
    fn removing_a_path_removes_its_empty_parents() {
        let mut fields = set(&json!({"f:metadata": {"f:name": {}}, "f:spec": {}}));
        fields.remove(&["metadata", "name"]);
        assert_eq!(fields.to_fields_v1(), json!({"f:spec": {}}));
    }
}
