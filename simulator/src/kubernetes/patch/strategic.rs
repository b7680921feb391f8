//! Strategic merge patch (Kubernetes documentation, "Update API Objects in Place Using kubectl patch"): as a merge patch,
//! but keyed lists merge item by item and sets unite. The key of a list is the first of its server-side apply keys.
//!
//! The directives `$patch`, `$retainKeys` and `$deleteFromPrimitiveList` are carried out. Items that the patch names come
//! in its order, or in that of `$setElementOrder`, and the others among them where they stood before one of them.

use serde_json::{Map, Value};

use crate::kubernetes::schema::{List, ListKind, Schema};

const DELETE_PREFIX: &str = "$deleteFromPrimitiveList/";

const ORDER_PREFIX: &str = "$setElementOrder/";

/// Merges a patch into a document of a schema.
///
/// # Errors
/// Where an item of a keyed list has no key.
pub(crate) fn apply(schema: &Schema, document: &mut Value, patch: Value) -> Result<(), String> {
    match (schema, patch) {
        (_, Value::Object(patch)) => merge_map(schema, document, patch),
        (Schema::List(list), Value::Array(patch)) => merge_list(list, document, patch, None),
        (_, patch) => {
            *document = patch;
            Ok(())
        }
    }
}

fn merge_map(schema: &Schema, document: &mut Value, mut patch: Map<String, Value>) -> Result<(), String> {
    let directive = patch.remove("$patch");
    if directive.as_ref().is_some_and(|directive| directive == "delete") {
        *document = Value::Null;
        return Ok(());
    }
    if !document.is_object() || directive.is_some_and(|directive| directive == "replace") {
        *document = Value::Object(Map::new());
    }
    if let (Some(Value::Array(keep)), Some(map)) = (patch.remove("$retainKeys"), document.as_object_mut()) {
        map.retain(|name, _| keep.iter().any(|kept| kept == name));
    }
    for (name, value) in patch.clone() {
        let order = patch.get(&format!("{ORDER_PREFIX}{name}")).and_then(Value::as_array);
        merge_field(schema, document, &name, value, order)?;
    }
    Ok(())
}

fn merge_field(
    schema: &Schema,
    document: &mut Value,
    name: &str,
    value: Value,
    order: Option<&Vec<Value>>,
) -> Result<(), String> {
    if let Some(list) = name.strip_prefix(DELETE_PREFIX) {
        let gone = value.as_array().cloned().unwrap_or_default();
        if let Some(items) = document.get_mut(list).and_then(Value::as_array_mut) {
            items.retain(|item| !gone.contains(item));
        }
        return Ok(());
    }
    let Some(map) = document.as_object_mut().filter(|_| !name.starts_with('$')) else { return Ok(()) };
    let field = map.entry(name).or_insert(Value::Null);
    match (schema.child(name), value) {
        (_, Value::Null) => *field = Value::Null,
        (Schema::List(list), Value::Array(patch)) => merge_list(list, field, patch, order)?,
        (schema, value) => apply(schema, field, value)?,
    }
    if field.is_null() {
        map.remove(name);
    }
    Ok(())
}

fn merge_list(list: &List, document: &mut Value, patch: Vec<Value>, order: Option<&Vec<Value>>) -> Result<(), String> {
    let replaces = patch.iter().any(|item| item["$patch"] == "replace");
    let patch = patch.into_iter().filter(|item| item["$patch"] != "replace");
    let Value::Array(items) = document else {
        *document = patch.filter(|item| item.get("$patch").is_none()).collect();
        return Ok(());
    };
    match &list.kind {
        ListKind::Keyed(keys) if !replaces => {
            let key = keys.first().map_or("name", String::as_str);
            let (patch, before): (Vec<_>, _) = (patch.collect(), items.clone());
            let order = order.unwrap_or(&patch).clone();
            for item in patch {
                merge_item(list, items, key, item)?;
            }
            put_in_order(items, &order, &before, key);
        }
        ListKind::Set if !replaces => {
            let new: Vec<_> = patch.filter(|item| !items.contains(item)).collect();
            items.extend(new);
        }
        _ => *document = patch.collect(),
    }
    Ok(())
}

/// Puts the items that `order` names into its order; each of the others goes before the first of them that it stood before.
fn put_in_order(items: &mut Vec<Value>, order: &[Value], before: &[Value], key: &str) {
    let place = |list: &[Value], item: &Value| list.iter().position(|other| other[key] == item[key]);
    let (mut named, others): (Vec<_>, Vec<_>) = items.drain(..).partition(|item| place(order, item).is_some());
    named.sort_by_key(|item| place(order, item));
    let mut others = others.into_iter().peekable();
    for item in named {
        let comes_first = |other: &Value| match (place(before, other), place(before, &item)) {
            (Some(other), Some(item)) => other < item,
            _ => false,
        };
        while let Some(other) = others.next_if(comes_first) {
            items.push(other);
        }
        items.push(item);
    }
    items.extend(others);
}

fn merge_item(list: &List, items: &mut Vec<Value>, key: &str, item: Value) -> Result<(), String> {
    if item[key].is_null() {
        let fields =
            item.as_object().into_iter().flatten().map(|(name, value)| {
                format!("{name}:{}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            });
        let shown = fields.collect::<Vec<_>>().join(" ");
        return Err(format!("map: map[{shown}] does not contain declared merge key: {key}"));
    }
    let place = items.iter().position(|old| old[key] == item[key]);
    match (place, item["$patch"] == "delete") {
        (Some(place), true) => drop(items.remove(place)),
        (Some(place), false) => apply(&list.items, &mut items[place], item)?,
        (None, true) => {}
        (None, false) => {
            let mut new = Value::Null;
            apply(&list.items, &mut new, item)?;
            items.push(new);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kubernetes::builtin;

    fn patched(mut document: Value, patch: Value) -> Value {
        apply(&builtin::types().kind("Deployment"), &mut document, patch).expect("keys");
        document
    }

    fn containers(containers: &Value) -> Value {
        json!({"spec": {"template": {"spec": {"containers": containers}}}})
    }

    #[test]
    fn list_items_merge_by_their_key() {
        let document = containers(&json!([{"name": "a", "image": "1", "args": ["x"]}, {"name": "b", "image": "1"}]));
        let patch = containers(
            &json!([{"name": "a", "image": "2"}, {"name": "c", "image": "3"}, {"name": "b", "$patch": "delete"}]),
        );
        let expected = containers(&json!([{"name": "a", "image": "2", "args": ["x"]}, {"name": "c", "image": "3"}]));
        assert_eq!(patched(document, patch), expected);
    }

    #[test]
    fn atomic_lists_are_replaced_and_sets_unite() {
        let document = json!({"metadata": {"finalizers": ["a", "b"]}, "spec": {"template": {"spec": {"containers": [
            {"name": "a", "args": ["x", "y"]}]}}}});
        let patch = json!({"metadata": {"finalizers": ["c"], "$deleteFromPrimitiveList/finalizers": ["a"]},
            "spec": {"template": {"spec": {"containers": [{"name": "a", "args": ["z"]}]}}}});
        let result = patched(document, patch);
        assert_eq!(result["metadata"]["finalizers"], json!(["b", "c"]));
        assert_eq!(result["spec"]["template"]["spec"]["containers"][0]["args"], json!(["z"]));
    }

    #[test]
    fn directives_and_null_take_out() {
        let document =
            json!({"spec": {"paused": true, "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}});
        let patch = json!({"spec": {"paused": null, "strategy": {"$retainKeys": ["type"], "type": "Recreate"}}});
        assert_eq!(patched(document, patch), json!({"spec": {"strategy": {"type": "Recreate"}}}));
        let replaced =
            patched(containers(&json!([{"name": "a"}])), containers(&json!([{"name": "b"}, {"$patch": "replace"}])));
        assert_eq!(replaced, containers(&json!([{"name": "b"}])));
    }
}
