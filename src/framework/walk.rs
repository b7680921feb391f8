//! Going through objects field by field, as their schema says. Everything that plans, compares or completes a value
//! goes through it here.

use std::collections::{BTreeMap, BTreeSet};

use super::path::{Path, Step};
use super::schema::{Body, Field, Nesting};
use super::value::Value;

static NULL: Value = Value::Null;

/// What a rule decides about the value of one field.
pub(crate) enum Next {
    /// This is the value.
    Settled(Value),
    /// Go on with what is nested in this value.
    Into(Value),
}

/// A field on the way, with its counterparts in `N` other objects: null where they have none.
pub(crate) struct Place<'a, const N: usize> {
    pub(crate) field: &'a Field,
    pub(crate) counterparts: [&'a Value; N],
    /// The counterparts of the object that holds the field.
    pub(crate) parents: [&'a Value; N],
    pub(crate) path: &'a Path,
}

/// Rebuilds an object field by field. The result has exactly the schema's fields.
///
/// Elements of lists are matched with their counterparts by position and those of maps by key; elements of sets have no
/// counterparts.
pub(crate) fn rebuild<const N: usize>(
    body: &Body,
    parents: [&Value; N],
    object: Value,
    rule: &mut dyn FnMut(&Place<'_, N>, Value) -> Next,
) -> Value {
    rebuild_object(body, parents, object, &Path::ROOT, rule)
}

fn rebuild_object<const N: usize>(
    body: &Body,
    parents: [&Value; N],
    object: Value,
    path: &Path,
    rule: &mut dyn FnMut(&Place<'_, N>, Value) -> Next,
) -> Value {
    let Value::Map(mut entries) = object else { return object };
    let mut rebuilt = BTreeMap::new();
    for field in &body.fields {
        let value = entries.remove(field.name).filter(|value| *value != Value::Null);
        let value = value.unwrap_or_else(|| field.shape.absent());
        let path = path.field(field.name);
        let counterparts = parents.map(|parent| parent.field(field.name));
        let value = match (rule(&Place { field, counterparts, parents, path: &path }, value), field.shape.nested()) {
            (Next::Settled(value), _) | (Next::Into(value), None) => value,
            (Next::Into(value), Some((nesting, body))) => {
                rebuild_nested(nesting, body, counterparts, value, &path, rule)
            }
        };
        rebuilt.insert(field.name.to_owned(), value);
    }
    Value::Map(rebuilt)
}

fn rebuild_nested<const N: usize>(
    nesting: Nesting,
    body: &Body,
    counterparts: [&Value; N],
    value: Value,
    path: &Path,
    rule: &mut dyn FnMut(&Place<'_, N>, Value) -> Next,
) -> Value {
    let mut element = |step: Step, value: Value| {
        rebuild_object(
            body,
            counterparts.map(|counterpart| counterpart.child(&step)),
            value,
            &path.then(step.clone()),
            rule,
        )
    };
    match (nesting, value) {
        (Nesting::Single, value) => rebuild_object(body, counterparts, value, path, rule),
        (Nesting::Set, Value::Set(elements)) => {
            let path = path.then(Step::Element);
            Value::set(elements.into_iter().map(|value| rebuild_object(body, [&NULL; N], value, &path, rule)))
        }
        (Nesting::List, Value::List(elements)) => {
            let elements = elements.into_iter().enumerate();
            Value::List(elements.map(|(index, value)| element(Step::Index(index), value)).collect())
        }
        (Nesting::Map, Value::Map(entries)) => {
            Value::object(entries.into_iter().map(|(key, value)| (key.clone(), element(Step::Key(key), value))))
        }
        (_, value) => value,
    }
}

/// Visits the fields of `N` objects side by side, as far as `visitor` says to go into them. A field that only some of the
/// objects have is null in the others. Elements of sets are visited in the first object only.
pub(crate) fn visit<const N: usize>(
    body: &Body,
    objects: [&Value; N],
    visitor: &mut dyn FnMut(&Field, [&Value; N], &Path) -> bool,
) {
    visit_object(body, objects, &Path::ROOT, visitor);
}

fn visit_object<const N: usize>(
    body: &Body,
    objects: [&Value; N],
    path: &Path,
    visitor: &mut dyn FnMut(&Field, [&Value; N], &Path) -> bool,
) {
    if !objects.iter().any(|object| matches!(object, Value::Map(_))) {
        return;
    }
    for field in &body.fields {
        let path = path.field(field.name);
        let values = objects.map(|object| object.field(field.name));
        if let (true, Some((nesting, body))) = (visitor(field, values, &path), field.shape.nested()) {
            visit_nested(nesting, body, values, &path, visitor);
        }
    }
}

fn visit_nested<const N: usize>(
    nesting: Nesting,
    body: &Body,
    values: [&Value; N],
    path: &Path,
    visitor: &mut dyn FnMut(&Field, [&Value; N], &Path) -> bool,
) {
    match (nesting, values.first()) {
        (Nesting::Single, _) => visit_object(body, values, path, visitor),
        (Nesting::Set, Some(Value::Set(elements))) => {
            for element in elements {
                let mut alone = [&NULL; N];
                alone[0] = element;
                visit_object(body, alone, &path.then(Step::Element), visitor);
            }
        }
        _ => {
            for step in values.iter().flat_map(|value| steps(value)).collect::<BTreeSet<_>>() {
                let elements = values.map(|value| value.child(&step));
                visit_object(body, elements, &path.then(step), visitor);
            }
        }
    }
}

fn steps(value: &Value) -> Vec<Step> {
    match value {
        Value::List(elements) => (0..elements.len()).map(Step::Index).collect(),
        Value::Map(entries) => entries.keys().cloned().map(Step::Key).collect(),
        _ => Vec::new(),
    }
}

/// Whether two nested values hold the same number of objects, or the same keys, so that their fields can be compared.
pub(crate) fn same_elements(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::List(one), Value::List(other)) => one.len() == other.len(),
        (Value::Map(one), Value::Map(other)) => one.keys().eq(other.keys()),
        _ => false,
    }
}

/// `value` with what is unknown in it taken from the same place in `other`, or null where that is no use either.
pub(crate) fn fill_unknowns(value: Value, other: &Value) -> Value {
    match value {
        Value::Unknown => other.clone().without_unknowns(),
        Value::List(elements) => {
            let elements = elements.into_iter().enumerate();
            Value::List(elements.map(|(index, value)| fill_unknowns(value, other.child(&Step::Index(index)))).collect())
        }
        Value::Map(entries) => {
            let entry = |(key, value): (String, _)| {
                let filled = fill_unknowns(value, other.field(&key));
                (key, filled)
            };
            Value::object(entries.into_iter().map(entry))
        }
        other => other.without_unknowns(),
    }
}
