//! Members of Istio's objects, written and read.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// An object of these members, without those that are not set.
pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let set = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(set.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// An object of these members; not set where none of them is.
pub(super) fn object_if_any<const N: usize>(members: [(&str, Value); N]) -> Value {
    match object(members) {
        Value::Object(map) if map.is_empty() => Value::Null,
        object => object,
    }
}

/// A list; not set where it is empty.
pub(super) fn list<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Value {
    let items: Vec<Value> = items.into_iter().map(Into::into).collect();
    if items.is_empty() { Value::Null } else { Value::Array(items) }
}

/// A map; not set where it is empty.
pub(super) fn map<T: Into<Value>>(entries: impl IntoIterator<Item = (String, T)>) -> Value {
    let entries: Map<String, Value> = entries.into_iter().map(|(key, value)| (key, value.into())).collect();
    if entries.is_empty() { Value::Null } else { Value::Object(entries) }
}

/// A number, written without a fraction where it has none.
pub(super) fn number(number: f64) -> Value {
    // Whole numbers of up to 53 bits are exact.
    #[allow(clippy::cast_possible_truncation, reason = "the fraction is zero and the number small")]
    if number.fract() == 0.0 && number.abs() < 9e15 { Value::from(number as i64) } else { Value::from(number) }
}

/// The items of a list; none where there is no list.
pub(super) fn items<'a>(live: &'a Value, name: &str) -> &'a [Value] {
    live[name].as_array().map_or(&[], Vec::as_slice)
}

/// The entries of a map; none where there is no map.
pub(super) fn entries<'a>(live: &'a Value, name: &str) -> impl Iterator<Item = (String, &'a Value)> {
    live[name].as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value))
}

/// A text, where it is set.
pub(super) fn text(live: &Value, name: &str) -> Option<String> {
    live[name].as_str().map(Into::into)
}

/// The texts of a list.
pub(super) fn texts(live: &Value, name: &str) -> Vec<String> {
    items(live, name).iter().filter_map(Value::as_str).map(Into::into).collect()
}

/// The texts of a map.
pub(super) fn text_map(live: &Value, name: &str) -> BTreeMap<String, String> {
    entries(live, name).filter_map(|(key, value)| Some((key, value.as_str()?.to_owned()))).collect()
}

/// A member that is an object.
pub(super) fn member<'a>(live: &'a Value, name: &str) -> Option<&'a Value> {
    live.get(name).filter(|value| value.is_object())
}
