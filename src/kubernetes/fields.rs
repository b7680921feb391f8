//! Which parts of a live object are ours, read from `metadata.managedFields` (Kubernetes, server-side apply, `FieldsV1`).

use serde_json::{Map, Value};

use super::FIELD_MANAGER;

/// The parts of `live` that this provider's field manager holds by server-side apply; `Null` when it holds nothing.
pub fn own_fields(live: &Value) -> Value {
    let managers = live.pointer("/metadata/managedFields").and_then(Value::as_array);
    let ours = managers.into_iter().flatten().find(|entry| {
        entry["manager"] == FIELD_MANAGER && entry["operation"] == "Apply" && entry.get("subresource").is_none()
    });
    match ours.and_then(|entry| entry.get("fieldsV1")) {
        Some(fields) => held(live, fields),
        None => Value::Null,
    }
}

fn held(live: &Value, fields: &Value) -> Value {
    let Some(entries) = fields.as_object().filter(|entries| entries.keys().any(|key| key != ".")) else {
        return live.clone();
    };
    match live {
        Value::Object(map) => held_members(map, entries),
        Value::Array(items) => {
            Value::Array(entries.iter().filter_map(|(key, inner)| held_item(items, key, inner)).collect())
        }
        scalar => scalar.clone(),
    }
}

fn held_members(map: &Map<String, Value>, entries: &Map<String, Value>) -> Value {
    let members = entries.iter().filter_map(|(key, inner)| {
        let name = key.strip_prefix("f:")?;
        Some((name.to_owned(), held(map.get(name)?, inner)))
    });
    Value::Object(members.collect())
}

fn held_item(items: &[Value], key: &str, inner: &Value) -> Option<Value> {
    let (kind, text) = key.split_once(':')?;
    let wanted: Value = serde_json::from_str(text).ok()?;
    let item = match kind {
        "k" => items
            .iter()
            .find(|item| wanted.as_object().is_some_and(|keys| keys.iter().all(|(k, v)| item.get(k) == Some(v))))?,
        "v" => items.iter().find(|item| **item == wanted)?,
        "i" => items.get(usize::try_from(wanted.as_u64()?).ok()?)?,
        _ => return None,
    };
    Some(held(item, inner))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn live(manager: &str, fields: &Value) -> Value {
        json!({
            "metadata": {"name": "a", "labels": {"app": "a", "added-by-webhook": "x"},
                "managedFields": [{"manager": manager, "operation": "Apply", "fieldsV1": fields}]},
            "spec": {"clusterIP": "10.0.0.1",
                "ports": [{"name": "http", "port": 80, "protocol": "TCP"}, {"name": "other", "port": 81, "protocol": "TCP"}]}
        })
    }

    #[test]
    fn only_our_fields_are_read_not_defaults_nor_those_of_others() {
        let fields = json!({"f:metadata": {"f:labels": {"f:app": {}}},
            "f:spec": {"f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:name": {}, "f:port": {}}}}});
        assert_eq!(
            own_fields(&live(FIELD_MANAGER, &fields)),
            json!({"metadata": {"labels": {"app": "a"}}, "spec": {"ports": [{"name": "http", "port": 80}]}})
        );
    }

    #[test]
    fn an_object_of_another_manager_holds_nothing_of_ours() {
        assert_eq!(own_fields(&live("kubectl", &json!({"f:spec": {}}))), Value::Null);
    }

    #[test]
    fn members_of_a_set_are_found_by_value() {
        let object = json!({"metadata": {"finalizers": ["a", "b"], "managedFields": [{"manager": FIELD_MANAGER,
            "operation": "Apply", "fieldsV1": {"f:metadata": {"f:finalizers": {"v:\"b\"": {}}}}}]}});
        assert_eq!(own_fields(&object), json!({"metadata": {"finalizers": ["b"]}}));
    }
}
