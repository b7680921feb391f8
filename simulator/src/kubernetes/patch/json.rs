//! JSON patch (RFC 6902).

use serde::Deserialize;
use serde_json::Value;

/// One operation.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Operation {
    Add { path: String, value: Value },
    Remove { path: String },
    Replace { path: String, value: Value },
    Move { from: String, path: String },
    Copy { from: String, path: String },
    Test { path: String, value: Value },
}

/// The document with every operation carried out.
///
/// # Errors
/// What cannot be read or carried out.
pub(crate) fn apply(mut document: Value, patch: Value) -> Result<Value, String> {
    let operations: Vec<Operation> = serde_json::from_value(patch).map_err(|error| error.to_string())?;
    for operation in operations {
        carry_out(&mut document, operation)?;
    }
    Ok(document)
}

fn carry_out(document: &mut Value, operation: Operation) -> Result<(), String> {
    match operation {
        Operation::Add { path, value } => add(document, &path, value),
        Operation::Remove { path } => remove(document, &path).map(drop),
        Operation::Replace { path, value } => {
            if let Some(there) = document.pointer_mut(&path) {
                *there = value;
                return Ok(());
            }
            replace_missing(document, &path, value)
        }
        Operation::Move { from, path } => {
            let value = remove(document, &from)?;
            add(document, &path, value)
        }
        Operation::Copy { from, path } => {
            let value = document.pointer(&from).cloned().ok_or_else(|| missing("copy", &from))?;
            add(document, &path, value)
        }
        Operation::Test { path, value } if document.pointer(&path) == Some(&value) => Ok(()),
        Operation::Test { path, .. } => Err(format!("testing path {path} failed")),
    }
}

/// In a map the real server takes a replacement of what is not there for an addition, other than RFC 6902 has it.
fn replace_missing(document: &mut Value, path: &str, value: Value) -> Result<(), String> {
    match parent(document, path) {
        Some((Value::Object(map), last)) => {
            map.insert(last, value);
            Ok(())
        }
        _ => Err(missing("replace", path)),
    }
}

fn missing(operation: &str, path: &str) -> String {
    format!("{operation} operation does not apply: doc is missing path: {path}")
}

/// The parent of a path, and the last step of it.
fn parent<'a>(document: &'a mut Value, path: &str) -> Option<(&'a mut Value, String)> {
    let (parent, last) = path.rsplit_once('/')?;
    Some((document.pointer_mut(parent)?, last.replace("~1", "/").replace("~0", "~")))
}

fn add(document: &mut Value, path: &str, value: Value) -> Result<(), String> {
    if path.is_empty() {
        *document = value;
        return Ok(());
    }
    match parent(document, path).ok_or_else(|| missing("add", path))? {
        (Value::Object(map), last) => drop(map.insert(last, value)),
        (Value::Array(items), last) => {
            let index = if last == "-" { Some(items.len()) } else { last.parse().ok() };
            let index = index.filter(|index| *index <= items.len()).ok_or_else(|| missing("add", path))?;
            items.insert(index, value);
        }
        _ => return Err(missing("add", path)),
    }
    Ok(())
}

fn remove(document: &mut Value, path: &str) -> Result<Value, String> {
    let removed = match parent(document, path) {
        Some((Value::Object(map), last)) => map.remove(&last),
        Some((Value::Array(items), last)) => {
            last.parse().ok().filter(|index| *index < items.len()).map(|index: usize| items.remove(index))
        }
        _ => None,
    };
    removed.ok_or_else(|| missing("remove", path))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operations_are_carried_out_in_order() {
        let patch = json!([
            {"op": "test", "path": "/a", "value": 1},
            {"op": "add", "path": "/list/-", "value": 3},
            {"op": "add", "path": "/list/0", "value": 0},
            {"op": "replace", "path": "/a", "value": 2},
            {"op": "copy", "from": "/a", "path": "/b~1c"},
            {"op": "move", "from": "/list/1", "path": "/moved"},
            {"op": "remove", "path": "/gone"}]);
        let document = json!({"a": 1, "list": [1], "gone": true});
        assert_eq!(apply(document, patch), Ok(json!({"a": 2, "list": [0, 3], "b/c": 2, "moved": 1})));
    }

    #[test]
    fn what_cannot_be_done_is_told() {
        for patch in [
            json!([{"op": "test", "path": "/a", "value": 2}]),
            json!([{"op": "remove", "path": "/x"}]),
            json!([{"op": "add", "path": "/x/y", "value": 1}]),
            json!([{"op": "add", "path": "/list/7", "value": 1}]),
            json!([{"op": "other"}]),
            json!({}),
        ] {
            assert!(apply(json!({"a": 1, "list": []}), patch.clone()).is_err(), "{patch}");
        }
    }
}
