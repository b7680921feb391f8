//! Bringing a value into its schema's form, and saying what does not fit.

use std::fmt;

use serde_json::{Map, Value};

use super::{Limits, List, ListKind, Need, Record, Scalar, Schema, quantity};

/// Something in an object that its schema does not allow.
#[derive(Debug, PartialEq)]
pub(crate) struct Problem {
    /// Where, for example `spec.ports[0].port`.
    pub(crate) path: String,
    /// What.
    pub(crate) what: Fault,
}

/// What is wrong with a value.
#[derive(Debug, PartialEq)]
pub(crate) enum Fault {
    /// The field is not declared; it was dropped.
    Unknown,
    /// The value has another type.
    Type {
        /// The type found, in JSON's words.
        found: &'static str,
        /// The type expected.
        expected: &'static str,
    },
    /// A required field is missing.
    Missing,
    /// The value is none of those allowed.
    NotOneOf(Value, Vec<Value>),
    /// The text is longer than so many bytes.
    TooLong(usize),
    /// The item is there twice.
    Twice(Value),
    /// The value is outside its limits.
    OutOfRange(Value, String),
}

/// The place of a value while walking down.
struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

enum Step<'a> {
    Root,
    Field(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    const ROOT: Place<'static> = Place { parent: None, step: Step::Root };

    fn field(&'a self, name: &'a str) -> Place<'a> {
        Place { parent: Some(self), step: Step::Field(name) }
    }

    fn index(&'a self, index: usize) -> Place<'a> {
        Place { parent: Some(self), step: Step::Index(index) }
    }

    fn problem(&self, what: Fault) -> Problem {
        Problem { path: self.to_string(), what }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = self.parent else { return Ok(()) };
        parent.fmt(formatter)?;
        match self.step {
            Step::Root => Ok(()),
            Step::Field(name) if matches!(parent.step, Step::Root) => formatter.write_str(name),
            Step::Field(name) => write!(formatter, ".{name}"),
            Step::Index(index) => write!(formatter, "[{index}]"),
        }
    }
}

/// Brings `value` into the form of `schema`: unknown fields and nulls go, quantities become canonical. Answers what was
/// unknown and what has the wrong type.
pub(crate) fn conform(schema: &Schema, value: &mut Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    conform_at(schema, value, &Place::ROOT, &mut problems);
    problems
}

fn conform_at(schema: &Schema, value: &mut Value, place: &Place<'_>, problems: &mut Vec<Problem>) {
    match (schema, value) {
        (Schema::Any, _) => {}
        (Schema::Record(record), Value::Object(map)) => conform_record(record, map, place, problems),
        (Schema::List(list), Value::Array(items)) => conform_list(list, items, place, problems),
        (Schema::Scalar(_, limits), Value::Null) if limits.nullable => {}
        (Schema::Scalar(Scalar::Quantity, _), value @ (Value::String(_) | Value::Number(_))) => {
            match quantity::canonical(value) {
                Some(canonical) => *value = Value::String(canonical),
                None => problems.push(place.problem(Fault::Type { found: "string", expected: "quantity" })),
            }
        }
        (Schema::Scalar(scalar, _), value) if scalar.accepts(value) => {}
        (schema, value) => {
            let (found, expected) = (type_name(value), schema.type_name());
            problems.push(place.problem(Fault::Type { found, expected }));
        }
    }
}

fn conform_record(record: &Record, map: &mut Map<String, Value>, place: &Place<'_>, problems: &mut Vec<Problem>) {
    map.retain(|key, value| {
        let place = place.field(key);
        let Some(schema) = record.known(key) else {
            problems.push(place.problem(Fault::Unknown));
            return false;
        };
        if value.is_null() {
            return schema.keeps_null();
        }
        conform_at(schema, value, &place, problems);
        true
    });
}

fn conform_list(list: &List, items: &mut [Value], place: &Place<'_>, problems: &mut Vec<Problem>) {
    for (index, item) in items.iter_mut().enumerate() {
        conform_at(&list.items, item, &place.index(index), problems);
    }
}

/// What `value` lacks or exceeds, once it conforms and its defaults are set.
pub(crate) fn shortcomings(schema: &Schema, value: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    shortcomings_at(schema, value, &Place::ROOT, &mut problems);
    problems
}

fn shortcomings_at(schema: &Schema, value: &Value, place: &Place<'_>, problems: &mut Vec<Problem>) {
    match (schema, value) {
        (Schema::Record(record), Value::Object(map)) => {
            let missing = record.fields.iter().filter(|(name, field)| field.need.lacks(map.get(*name)));
            problems.extend(missing.map(|(name, _)| place.field(name).problem(Fault::Missing)));
            for (key, value) in map {
                if let Some(schema) = record.known(key) {
                    shortcomings_at(schema, value, &place.field(key), problems);
                }
            }
        }
        (Schema::List(list), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                shortcomings_at(&list.items, item, &place.index(index), problems);
            }
            if let Some((index, value)) = list.twice(items).filter(|_| list.refuses_twins) {
                problems.push(place.index(index).problem(Fault::Twice(value)));
            }
        }
        (Schema::Scalar(_, limits), value) => {
            problems.extend(limits.broken_by(value).map(|fault| place.problem(fault)));
        }
        _ => {}
    }
}

impl Need {
    fn lacks(self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Optional, _) => false,
            (_, None) => true,
            (Self::Filled, Some(Value::String(text))) => text.is_empty(),
            (Self::Filled, Some(Value::Array(items))) => items.is_empty(),
            (Self::Filled | Self::Present, Some(_)) => false,
        }
    }
}

impl Schema {
    fn keeps_null(&self) -> bool {
        matches!(self, Self::Any) || matches!(self, Self::Scalar(_, limits) if limits.nullable)
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Record(_) => "object",
            Self::List(_) => "array",
            Self::Scalar(scalar, _) => scalar.type_name(),
        }
    }
}

impl Scalar {
    fn accepts(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::IntOrString | Self::Quantity => value.is_string() || value.is_i64() || value.is_u64(),
        }
    }

    fn type_name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::IntOrString => "integer or string",
            Self::Quantity => "quantity",
        }
    }
}

impl Limits {
    fn broken_by(&self, value: &Value) -> Option<Fault> {
        if !self.one_of.is_empty() && !self.one_of.contains(value) {
            return Some(Fault::NotOneOf(value.clone(), self.one_of.clone()));
        }
        if let Some(text) = value.as_str() {
            return self.broken_by_text(text);
        }
        let number = value.as_f64()?;
        if let Some(least) = self.minimum.filter(|least| number < *least) {
            return Some(Fault::OutOfRange(value.clone(), format!("should be greater than or equal to {least}")));
        }
        let most = self.maximum.filter(|most| number > *most)?;
        Some(Fault::OutOfRange(value.clone(), format!("should be less than or equal to {most}")))
    }
}

impl Limits {
    fn broken_by_text(&self, text: &str) -> Option<Fault> {
        if let Some(longest) = self.longest.filter(|longest| text.chars().count() > *longest) {
            return Some(Fault::TooLong(longest));
        }
        let pattern = self.pattern.as_ref().filter(|pattern| !pattern.is_match(text))?;
        Some(Fault::OutOfRange(text.into(), format!("should match '{pattern}'")))
    }
}

impl List {
    /// The first item that is a second one of its key or, in a set, of its value, with its place.
    fn twice(&self, items: &[Value]) -> Option<(usize, Value)> {
        let key = |item: &Value| match &self.kind {
            ListKind::Atomic => None,
            ListKind::Set => Some(item.clone()),
            ListKind::Keyed(_) => self.key_of(item).map(Value::Object),
        };
        let keys: Vec<_> = items.iter().map(key).collect();
        let place = (1..keys.len()).find(|place| keys[*place].is_some() && keys[..*place].contains(&keys[*place]))?;
        Some((place, keys[place].clone()?))
    }
}

/// The type of a value in JSON's words.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::language::Types;
    use super::*;

    fn schema() -> Schema {
        Types::parse(&["ObjectMeta\n  name string\n\nThing\n  size! int\n  limits {quantity}\n  parts [Part]\n\nPart\n  name! string\n"])
            .kind("Thing")
    }

    #[test]
    fn unknown_fields_go_and_are_named() {
        let mut value = json!({"size": 1, "colour": "red", "parts": [{"name": "a", "x": 1}]});
        let problems = conform(&schema(), &mut value);
        assert_eq!(value, json!({"size": 1, "parts": [{"name": "a"}]}));
        let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["colour", "parts[0].x"]);
    }

    #[test]
    fn a_wrong_type_is_told_with_its_place() {
        let problems = conform(&schema(), &mut json!({"size": "1"}));
        let what = Fault::Type { found: "string", expected: "integer" };
        assert_eq!(problems, [Problem { path: "size".into(), what }]);
    }

    #[test]
    fn quantities_become_canonical_and_nulls_go() {
        let mut value = json!({"size": null, "limits": {"cpu": 0.5, "memory": "1024Mi"}});
        assert!(conform(&schema(), &mut value).is_empty());
        assert_eq!(value, json!({"limits": {"cpu": "500m", "memory": "1Gi"}}));
    }

    #[test]
    fn missing_fields_are_told_at_every_depth() {
        let problems = shortcomings(&schema(), &json!({"parts": [{}, {"name": ""}, {"name": "a"}]}));
        let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["size", "parts[0].name", "parts[1].name"]);
    }
}
