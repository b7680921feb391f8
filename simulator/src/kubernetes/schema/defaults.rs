//! Setting the defaults that a schema declares.

use serde_json::{Map, Value};

use super::{Others, Record, Schema};

/// Sets every declared default whose parent is present, top down.
pub(crate) fn set_defaults(schema: &Schema, value: &mut Value) {
    match (schema, value) {
        (Schema::Record(record), Value::Object(map)) => set_in_record(record, map),
        (Schema::List(list), Value::Array(items)) => {
            items.iter_mut().for_each(|item| set_defaults(&list.items, item));
        }
        _ => {}
    }
}

fn set_in_record(record: &Record, map: &mut Map<String, Value>) {
    for (name, field) in &record.fields {
        if let Some(default) = field.default.as_ref().filter(|_| !map.contains_key(name)) {
            map.insert(name.clone(), default.clone());
        }
        if let Some(value) = map.get_mut(name) {
            set_defaults(&field.schema, value);
        }
    }
    if let Others::Are(values) = &record.others {
        let others = map.iter_mut().filter(|(key, _)| !record.fields.contains_key(*key));
        others.for_each(|(_, value)| set_defaults(values, value));
    }
}

/// Takes out empty maps by name and empty lists: in the built-in kinds they are the same as nothing, and never shown.
pub(crate) fn drop_empty(schema: &Schema, value: &mut Value) {
    match value {
        Value::Object(map) => map.retain(|name, value| {
            let schema = schema.child(name);
            drop_empty(schema, value);
            !is_nothing(schema, value)
        }),
        Value::Array(items) => items.iter_mut().for_each(|item| drop_empty(schema.items(), item)),
        _ => {}
    }
}

fn is_nothing(schema: &Schema, value: &Value) -> bool {
    match (schema, value) {
        (Schema::List(_), Value::Array(items)) => items.is_empty(),
        (Schema::Record(record), Value::Object(map)) => record.fields.is_empty() && map.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::language::Types;
    use super::*;

    #[test]
    fn defaults_are_set_where_the_parent_is_present() {
        let types = Types::parse(&[
            "ObjectMeta\n  name string\n\nThing\n  plan Plan = {}\n  probe Probe\n  ports [Port]\n\nPlan\n  type string = \"Rolling\"\n\nProbe\n  period int = 10\n\nPort\n  protocol string = \"TCP\"\n",
        ]);
        let mut value = json!({"ports": [{}, {"protocol": "UDP"}]});
        set_defaults(&types.kind("Thing"), &mut value);
        assert_eq!(value, json!({"plan": {"type": "Rolling"}, "ports": [{"protocol": "TCP"}, {"protocol": "UDP"}]}));
    }

    #[test]
    fn empty_maps_and_lists_go_and_empty_structures_stay() {
        let types = Types::parse(&[
            "ObjectMeta\n  labels {string}\n\nThing\n  volumes [Volume]\n  items [string]\n\nVolume\n  emptyDir Empty\n\nEmpty\n  medium string\n",
        ]);
        let mut value = json!({"metadata": {"labels": {}}, "items": [], "volumes": [{"emptyDir": {}}]});
        drop_empty(&types.kind("Thing"), &mut value);
        assert_eq!(value, json!({"metadata": {}, "volumes": [{"emptyDir": {}}]}));
    }
}
