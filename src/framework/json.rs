//! Values in Terraform's JSON notation: states, and messages of clients that do not speak msgpack.
//!
//! Objects are read level by level as raw text, so that numbers keep every digit.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::diagnostics::{Diagnostic, Diagnostics};
use super::msgpack::{MAX_DEPTH, report, unexpected, wrong_type};
use super::path::{Path, Step};
use super::types::Type;
use super::value::{Typed, Value};

/// What to do with attributes that the type does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extra {
    /// They are an error.
    Refuse,
    /// They are left out: a state may hold what an older schema had.
    Ignore,
}

/// Reads a value of a type. Attributes that are missing are null, and a string may be written as a number or as `true`,
/// since old states hold such.
///
/// # Errors
/// Every wrong part at its path, or one error for bytes that are no JSON.
pub(crate) fn decode(bytes: &[u8], of: &Type, extra: Extra) -> Result<Value, Diagnostics> {
    let Ok(raw) = serde_json::from_slice::<&RawValue>(bytes) else {
        return Err(Diagnostic::error("Malformed value", "The value is not JSON.").into());
    };
    let mut decoder = Decoder { extra, problems: Diagnostics::default(), depth: 0 };
    let value = decoder.value(raw, of, &Path::ROOT);
    decoder.problems.into_result().map(|()| value)
}

struct Decoder {
    extra: Extra,
    problems: Diagnostics,
    depth: usize,
}

#[derive(Deserialize)]
struct RawTyped<'a> {
    #[serde(borrow, rename = "type")]
    of: &'a RawValue,
    #[serde(borrow)]
    value: &'a RawValue,
}

impl Decoder {
    fn value(&mut self, raw: &RawValue, of: &Type, path: &Path) -> Value {
        if raw.get() == "null" {
            return Value::Null;
        }
        self.depth += 1;
        let decoded = if self.depth > MAX_DEPTH { None } else { self.value_of(raw, of, path) };
        self.depth -= 1;
        decoded.unwrap_or_else(|| {
            report(&mut self.problems, wrong_type(path, of));
            Value::Null
        })
    }

    fn value_of(&mut self, raw: &RawValue, of: &Type, path: &Path) -> Option<Value> {
        match of {
            Type::Bool => parsed(raw).map(Value::Bool),
            Type::Number => unquoted(raw).and_then(|text| text.parse().ok()).map(Value::Number),
            Type::String => unquoted(raw).map(Value::String),
            Type::Dynamic => self.typed(raw, path),
            Type::List(of) => self.elements(raw, of, path).map(Value::List),
            Type::Set(of) => self.set(raw, of, path),
            Type::Map(of) => self.map(raw, of, path),
            Type::Object(attributes) => self.object(raw, attributes, path),
            Type::Tuple(of) => self.tuple(raw, of, path),
        }
    }

    fn elements(&mut self, raw: &RawValue, of: &Type, path: &Path) -> Option<Vec<Value>> {
        let elements = parsed::<Vec<&RawValue>>(raw)?.into_iter().enumerate();
        Some(elements.map(|(index, raw)| self.value(raw, of, &path.then(Step::Index(index)))).collect())
    }

    fn set(&mut self, raw: &RawValue, of: &Type, path: &Path) -> Option<Value> {
        let elements = parsed::<Vec<&RawValue>>(raw)?.into_iter();
        let path = path.then(Step::Element);
        Some(Value::set(elements.map(|raw| self.value(raw, of, &path)).collect::<Vec<_>>()))
    }

    fn tuple(&mut self, raw: &RawValue, of: &[Type], path: &Path) -> Option<Value> {
        let elements = parsed::<Vec<&RawValue>>(raw).filter(|elements| elements.len() == of.len())?;
        let elements = elements.into_iter().zip(of).enumerate();
        Some(Value::List(
            elements.map(|(index, (raw, of))| self.value(raw, of, &path.then(Step::Index(index)))).collect(),
        ))
    }

    fn map(&mut self, raw: &RawValue, of: &Type, path: &Path) -> Option<Value> {
        let entries = parsed::<BTreeMap<String, &RawValue>>(raw)?.into_iter();
        Some(Value::object(entries.map(|(key, raw)| {
            let value = self.value(raw, of, &path.then(Step::Key(key.clone())));
            (key, value)
        })))
    }

    fn object(&mut self, raw: &RawValue, attributes: &BTreeMap<String, Type>, path: &Path) -> Option<Value> {
        let mut found: BTreeMap<String, Value> = attributes.keys().map(|name| (name.clone(), Value::Null)).collect();
        for (name, raw) in parsed::<BTreeMap<String, &RawValue>>(raw)? {
            let path = path.field(&name);
            match attributes.get(&name) {
                Some(of) => drop(found.insert(name, self.value(raw, of, &path))),
                None if self.extra == Extra::Refuse => report(&mut self.problems, unexpected(&path)),
                None => {}
            }
        }
        Some(Value::Map(found))
    }

    fn typed(&mut self, raw: &RawValue, path: &Path) -> Option<Value> {
        let typed: RawTyped<'_> = parsed(raw)?;
        let r#type = Type::from_bytes(typed.of.get().as_bytes()).ok()?;
        let value = self.value(typed.value, &r#type, path);
        Some(Value::Typed(Box::new(Typed { r#type, value })))
    }
}

fn parsed<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// The text of a string, or of a number, `true` or `false` as it is written.
fn unquoted(raw: &RawValue) -> Option<String> {
    match raw.get().as_bytes().first() {
        Some(b'"') => parsed(raw),
        Some(b'[' | b'{') => None,
        _ => Some(raw.get().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object() -> Type {
        let number = Type::Number;
        let tags = Type::Map(Box::new(Type::String));
        Type::Object([("size".to_owned(), number), ("tags".to_owned(), tags), ("open".to_owned(), Type::Bool)].into())
    }

    #[test]
    fn a_pretty_printed_state_decodes_with_keys_missing_and_more() {
        let state = b"\n{\n  \"size\": 18446744073709551616.50,\n  \"tags\": {\"a\": 1, \"b\": true},\n  \"old\": [] }";
        let expected = Value::object([
            ("size", Value::Number("18446744073709551616.5".parse().expect("a number"))),
            ("tags", Value::object([("a", Value::from("1")), ("b", Value::from("true"))])),
            ("open", Value::Null),
        ]);
        assert_eq!(decode(state, &object(), Extra::Ignore), Ok(expected));
    }

    #[test]
    fn every_wrong_attribute_is_reported_at_its_path() {
        let state = br#"{"size":"x","tags":{"a":[]},"open":"yes","old":1}"#;
        let problems = decode(state, &object(), Extra::Refuse).expect_err("four problems");
        let paths: Vec<String> = problems.iter().map(|problem| problem.path.to_string()).collect();
        assert_eq!(paths, ["old", "open", "size", "tags[\"a\"]"]);
    }

    #[test]
    fn values_of_any_type_bring_their_type() {
        let bytes = br#"{"type":["tuple",["string","bool"]],"value":["a",false]}"#;
        let expected = Typed {
            r#type: Type::Tuple(vec![Type::String, Type::Bool]),
            value: Value::List(vec!["a".into(), false.into()]),
        };
        assert_eq!(decode(bytes, &Type::Dynamic, Extra::Refuse), Ok(Value::Typed(Box::new(expected))));
    }

    #[test]
    fn values_that_are_nested_without_end_are_an_error() {
        let nested = format!("{}null{}", r#"{"type":"dynamic","value":"#.repeat(20_000), "}".repeat(20_000));
        assert_eq!(decode(nested.as_bytes(), &Type::Dynamic, Extra::Refuse).expect_err("too deep").iter().count(), 1);
    }

    #[test]
    fn what_is_no_json_is_one_error() {
        for bytes in [&b""[..], b"{", b"nul", b"\xff"] {
            assert_eq!(decode(bytes, &object(), Extra::Ignore).expect_err("an error").iter().count(), 1);
        }
    }
}
