//! What an update changes: one attribute, found by the schema.

use tcmesh::framework::Type;
use tcmesh::framework::schema::{Body, Field, Shape};
use tcmesh::framework::value::Value;

/// Another value of one attribute.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) attribute: &'static str,
    pub(super) value: Value,
}

/// Changes of the configuration that need no new object, as far as the schema tells; tags and labels first.
pub(super) fn changes(body: &Body, config: &Value) -> Vec<Change> {
    let settable = body.fields.iter().filter(|field| field.is_settable() && !field.force_new && !field.write_only);
    let mut changes: Vec<Change> = settable.filter_map(|field| change(field, config.field(field.name))).collect();
    changes.sort_by_key(|change| !matches!(change.value, Value::Map(_)));
    changes
}

fn change(field: &Field, now: &Value) -> Option<Change> {
    let Shape::Plain(of) = &field.shape else { return None };
    let value = match (of, now) {
        (Type::Map(_), Value::Map(entries)) => {
            let added = ("matrix".to_owned(), Value::from("yes"));
            Value::Map(entries.clone().into_iter().chain([added]).collect())
        }
        (Type::Map(_), Value::Null) => Value::object([("matrix", "yes".into())]),
        (Type::String, Value::String(text)) => format!("{text}-2").as_str().into(),
        (Type::String, Value::Null) => "matrix".into(),
        (Type::Number, Value::Number(number)) => (number.to_i64()? + 60).into(),
        (Type::Bool, Value::Bool(truth)) => (!truth).into(),
        (Type::Bool, Value::Null) => true.into(),
        _ => return None,
    };
    Some(Change { attribute: field.name, value })
}
