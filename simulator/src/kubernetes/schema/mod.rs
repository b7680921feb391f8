//! What an object of a kind looks like: the one description that decoding, defaulting, pruning, server-side apply and
//! strategic merge patches all work on.
//!
//! A schema comes from one of two places: the built-in kinds' [`language`], or the `OpenAPI` schema of a custom resource
//! definition ([`openapi`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

pub(crate) mod check;
pub(crate) mod defaults;
pub(crate) mod language;
pub(crate) mod openapi;
pub(crate) mod quantity;

/// The shape of a value.
#[derive(Clone, Debug)]
pub(crate) enum Schema {
    /// Anything: maps are granular, lists are atomic, as server-side apply deduces for values without a schema.
    Any,
    /// A value without parts.
    Scalar(Scalar, Limits),
    /// A map: named fields, other keys, or both.
    Record(Arc<Record>),
    /// A list.
    List(Arc<List>),
}

/// The types of values without parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// Text; also times and base64 data.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A whole number or text, such as a port by number or name.
    IntOrString,
    /// An amount of a resource, kept in its canonical form.
    Quantity,
}

/// What a custom resource definition asks of a value beyond its type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    /// The only values allowed; none: all.
    pub(crate) one_of: Vec<Value>,
    /// The least number.
    pub(crate) minimum: Option<f64>,
    /// The greatest number.
    pub(crate) maximum: Option<f64>,
    /// The pattern that text must match.
    pub(crate) pattern: Option<regex::Regex>,
    /// The most characters of text.
    pub(crate) longest: Option<usize>,
    /// Whether `null` is a value.
    pub(crate) nullable: bool,
}

/// A map.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The fields with a name.
    pub(crate) fields: BTreeMap<String, Field>,
    /// What becomes of the other keys.
    pub(crate) others: Others,
    /// Whether server-side apply owns the map as one value.
    pub(crate) atomic: bool,
}

/// What a record does with keys that are not its fields.
#[derive(Clone, Debug, Default)]
pub(crate) enum Others {
    /// They are unknown: dropped, or refused where validation is strict.
    #[default]
    Unknown,
    /// They are values of this shape.
    Are(Schema),
}

/// A field of a record.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its shape.
    pub(crate) schema: Schema,
    /// Whether it must be there.
    pub(crate) need: Need,
    /// What it is when it is not given and its parent is there.
    pub(crate) default: Option<Value>,
}

/// Whether a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It may be left out.
    Optional,
    /// It must be there, if only empty: custom resources.
    Present,
    /// It must be there with something in it: Go's empty text and lists are the same as none in the built-in kinds.
    Filled,
}

/// A list.
#[derive(Debug)]
pub(crate) struct List {
    /// The shape of each item.
    pub(crate) items: Schema,
    /// What tells items apart.
    pub(crate) kind: ListKind,
    /// Whether two items of one key are refused in every write, as in custom kinds.
    pub(crate) refuses_twins: bool,
}

/// How server-side apply sees a list (`x-kubernetes-list-type`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListKind {
    /// One value, owned whole.
    Atomic,
    /// Each scalar is owned by itself.
    Set,
    /// Items are known by these fields (`x-kubernetes-list-map-keys`).
    Keyed(Vec<String>),
}

impl Schema {
    /// Text without limits.
    pub(crate) fn string() -> Self {
        Self::Scalar(Scalar::String, Limits::default())
    }

    /// A map by name.
    pub(crate) fn map_of(values: Self, atomic: bool) -> Self {
        Self::Record(Arc::new(Record { fields: BTreeMap::new(), others: Others::Are(values), atomic }))
    }

    /// The shape of the value below `key`; [`Schema::Any`] where none is known.
    pub(crate) fn child(&self, key: &str) -> &Self {
        let Self::Record(record) = self else { return &Self::Any };
        record.known(key).unwrap_or(&Self::Any)
    }

    /// The shape of a list's items; [`Schema::Any`] where none is known.
    pub(crate) fn items(&self) -> &Self {
        match self {
            Self::List(list) => &list.items,
            _ => &Self::Any,
        }
    }
}

impl Record {
    /// The shape of the value at `key`, unless the key is unknown.
    pub(crate) fn known(&self, key: &str) -> Option<&Schema> {
        match (self.fields.get(key), &self.others) {
            (Some(field), _) => Some(&field.schema),
            (None, Others::Are(values)) => Some(values),
            (None, Others::Unknown) => None,
        }
    }
}

impl Field {
    fn default_key(&self) -> Option<Value> {
        match (&self.default, self.need, &self.schema) {
            (Some(default), ..) => Some(default.clone()),
            (None, Need::Filled, Schema::Scalar(Scalar::Integer, _)) => Some(0.into()),
            (None, Need::Filled, Schema::Scalar(Scalar::String, _)) => Some("".into()),
            _ => None,
        }
    }
}

impl List {
    /// The fields of `item` that tell it from the others, defaults filled in; `None` when one is missing. In the built-in
    /// kinds a required field has a default too: Go's empty value.
    pub(crate) fn key_of(&self, item: &Value) -> Option<Map<String, Value>> {
        let ListKind::Keyed(names) = &self.kind else { return None };
        names.iter().map(|name| Some((name.clone(), self.key_field(item, name)?))).collect()
    }

    fn key_field(&self, item: &Value, name: &str) -> Option<Value> {
        let given = item.get(name).filter(|value| !value.is_null()).cloned();
        given.or_else(|| match &self.items {
            Schema::Record(record) => record.fields.get(name)?.default_key(),
            _ => None,
        })
    }
}
