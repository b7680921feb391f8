//! Reading the structural schema of a custom resource definition.
//!
//! Read: types, fields, defaults, required fields, enumerations, limits of numbers, unknown fields, embedded objects and
//! server-side apply's list and map types, patterns and greatest lengths of text. Not read: other lengths, combinations (`oneOf` …) and CEL rules.

use std::sync::Arc;

use serde_json::Value;

use super::{Field, Limits, List, ListKind, Need, Others, Record, Scalar, Schema};

/// The schema that an `openAPIV3Schema` describes.
pub(crate) fn read(source: &Value) -> Schema {
    if flag(source, "x-kubernetes-int-or-string") {
        return Schema::Scalar(Scalar::IntOrString, limits(source));
    }
    match source["type"].as_str() {
        Some("string") => Schema::Scalar(Scalar::String, limits(source)),
        Some("integer") => Schema::Scalar(Scalar::Integer, limits(source)),
        Some("number") => Schema::Scalar(Scalar::Number, limits(source)),
        Some("boolean") => Schema::Scalar(Scalar::Boolean, limits(source)),
        Some("array") => {
            Schema::List(Arc::new(List { items: read(&source["items"]), kind: list_kind(source), refuses_twins: true }))
        }
        Some("object") => Schema::Record(Arc::new(record(source))),
        _ => Schema::Any,
    }
}

/// The schema of a custom kind: `source` with the metadata that every object has.
pub(crate) fn read_kind(source: &Value, metadata: Schema) -> Schema {
    let mut record = record(source);
    for (name, schema) in [("apiVersion", Schema::string()), ("kind", Schema::string()), ("metadata", metadata)] {
        record.fields.insert(name.to_owned(), Field { schema, need: Need::Optional, default: None });
    }
    Schema::Record(Arc::new(record))
}

fn record(source: &Value) -> Record {
    let required = |name: &String| source["required"].as_array().is_some_and(|names| names.iter().any(|it| it == name));
    let fields = source["properties"].as_object().into_iter().flatten().map(|(name, property)| {
        let need = if required(name) { Need::Present } else { Need::Optional };
        (name.clone(), Field { schema: read(property), need, default: property.get("default").cloned() })
    });
    Record { fields: fields.collect(), others: others(source), atomic: source["x-kubernetes-map-type"] == "atomic" }
}

fn others(source: &Value) -> Others {
    let keeps = flag(source, "x-kubernetes-preserve-unknown-fields") || flag(source, "x-kubernetes-embedded-resource");
    match &source["additionalProperties"] {
        values @ Value::Object(_) => Others::Are(read(values)),
        Value::Bool(true) => Others::Are(Schema::Any),
        _ if keeps => Others::Are(Schema::Any),
        _ => Others::Unknown,
    }
}

fn list_kind(source: &Value) -> ListKind {
    match source["x-kubernetes-list-type"].as_str() {
        Some("set") => ListKind::Set,
        Some("map") => {
            let keys = source["x-kubernetes-list-map-keys"].as_array().into_iter().flatten();
            ListKind::Keyed(keys.filter_map(Value::as_str).map(str::to_owned).collect())
        }
        _ => ListKind::Atomic,
    }
}

fn limits(source: &Value) -> Limits {
    Limits {
        one_of: source["enum"].as_array().cloned().unwrap_or_default(),
        minimum: source["minimum"].as_f64(),
        maximum: source["maximum"].as_f64(),
        // Go's patterns are those of this crate too, but for a few that are seldom used.
        pattern: source["pattern"].as_str().and_then(|pattern| regex::Regex::new(pattern).ok()),
        longest: source["maxLength"].as_u64().and_then(|length| length.try_into().ok()),
        nullable: flag(source, "nullable"),
    }
}

fn flag(source: &Value, name: &str) -> bool {
    source[name] == true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::check::{Fault, conform, shortcomings};
    use super::*;

    #[test]
    fn a_definition_prunes_checks_and_knows_its_lists() {
        let schema = read(&json!({"type": "object", "required": ["mode"], "properties": {
            "mode": {"type": "string", "enum": ["a", "b"]},
            "count": {"type": "integer", "minimum": 1},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            "items": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"],
                      "items": {"type": "object", "properties": {"id": {"type": "string"}}}}}}));
        let mut value = json!({"mode": "c", "count": 0, "free": {"any": 1}, "gone": true});
        assert_eq!(conform(&schema, &mut value).len(), 1);
        assert_eq!(value["free"], json!({"any": 1}));
        let faults: Vec<_> = shortcomings(&schema, &value).into_iter().map(|problem| problem.what).collect();
        assert!(matches!(faults[..], [Fault::OutOfRange(..), Fault::NotOneOf(..)]), "{faults:?}");
        let Schema::List(items) = schema.child("items") else { panic!("a list") };
        assert_eq!(items.key_of(&json!({"id": "x"})), json!({"id": "x"}).as_object().cloned());
    }
}
