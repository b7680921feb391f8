//! JSON merge patch (RFC 7396).

use serde_json::{Map, Value};

/// Merges a patch into a document: null takes out, maps merge, everything else replaces.
pub(crate) fn apply(document: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *document = patch;
        return;
    };
    if !document.is_object() {
        *document = Value::Object(Map::new());
    }
    for (name, value) in patch {
        match document.as_object_mut() {
            Some(map) if value.is_null() => drop(map.remove(&name)),
            _ => apply(&mut document[name], value),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_merge_and_null_takes_out() {
        let mut document = json!({"a": {"b": 1, "c": 2}, "list": [1, 2], "text": "x"});
        apply(&mut document, json!({"a": {"b": null, "d": {"e": null, "f": 3}}, "list": [3], "text": {"y": 1}}));
        assert_eq!(document, json!({"a": {"c": 2, "d": {"f": 3}}, "list": [3], "text": {"y": 1}}));
    }
}
