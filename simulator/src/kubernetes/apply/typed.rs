//! What server-side apply does with values: the fields of a value, the difference of two, merging one into the other,
//! and taking out what a manager gave up.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::field_set::{FieldSet, Step};
use crate::kubernetes::schema::{List, ListKind, Schema};

/// The fields that differ between two values.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// Those that are new or have another value.
    pub(crate) changed: FieldSet,
    /// Those that are gone.
    pub(crate) removed: FieldSet,
}

type Parts<'a> = BTreeMap<Step, (&'a Value, &'a Schema)>;

/// The parts of a value that are owned one by one; `None` for what is owned whole: scalars and atomic values.
fn parts<'a>(schema: &'a Schema, value: &'a Value) -> Option<Parts<'a>> {
    match (schema, value) {
        _ if !is_granular(schema, value) => None,
        (Schema::List(list), Value::Array(items)) => Some(list_items(list, items).collect()),
        (_, value) => Some(fields(schema, value.as_object()?).collect()),
    }
}

fn fields<'a>(
    schema: &'a Schema,
    map: &'a Map<String, Value>,
) -> impl Iterator<Item = (Step, (&'a Value, &'a Schema))> {
    map.iter().map(|(name, value)| (Step::field(name), (value, schema.child(name))))
}

fn list_items<'a>(list: &'a List, items: &'a [Value]) -> impl Iterator<Item = (Step, (&'a Value, &'a Schema))> {
    // Of items with the same key, as only updates can make them, the first counts.
    items.iter().rev().filter_map(|item| Some((step_of(list, item)?, (item, &list.items))))
}

fn step_of(list: &List, item: &Value) -> Option<Step> {
    match list.kind {
        ListKind::Set => Some(Step::member(item)),
        _ => list.key_of(item).map(Step::item),
    }
}

/// Whether parts of such a value count as members beside what lies below them: list items, and keys without a declared
/// field.
fn parts_are_members(schema: &Schema) -> bool {
    match schema {
        Schema::Record(record) => record.fields.is_empty(),
        _ => true,
    }
}

/// The fields that a configuration sets.
pub(crate) fn field_set(schema: &Schema, value: &Value) -> FieldSet {
    let mut set = FieldSet::default();
    for (step, (value, child)) in parts(schema, value).into_iter().flatten() {
        let mut below = field_set(child, value);
        if parts_are_members(schema) {
            below.include_root();
        }
        set.insert(step, below);
    }
    if set.is_empty() { FieldSet::leaf() } else { set }
}

/// The fields that come or go with a whole value: every part counts as a member itself, since whoever makes one owns it
/// even when it is emptied.
fn whole(schema: &Schema, value: &Value) -> FieldSet {
    let mut set = FieldSet::leaf();
    for (step, (value, child)) in parts(schema, value).into_iter().flatten() {
        set.insert(step, whole(child, value));
    }
    set
}

/// The parts of what was there before; null stands for a list or map that is there and has none.
fn parts_before<'a>(schema: &'a Schema, value: &'a Value) -> Option<Parts<'a>> {
    if value.is_null() { Some(Parts::new()) } else { parts(schema, value) }
}

/// How `new` differs from `old`.
pub(crate) fn compare(schema: &Schema, old: &Value, new: &Value) -> Comparison {
    let mut comparison = Comparison::default();
    if old == new {
        return comparison;
    }
    let (Some(old_parts), Some(new_parts)) = (parts_before(schema, old), parts(schema, new)) else {
        comparison.changed = FieldSet::leaf();
        return comparison;
    };
    if old_parts.is_empty() && new_parts.is_empty() {
        comparison.changed = FieldSet::leaf();
    }
    for (step, (new, child)) in &new_parts {
        let below = match old_parts.get(step) {
            Some((old, _)) => compare(child, old, new),
            None => Comparison { changed: whole(child, new), removed: FieldSet::default() },
        };
        comparison.changed.insert(step.clone(), below.changed);
        comparison.removed.insert(step.clone(), below.removed);
    }
    for (step, (old, child)) in old_parts {
        if !new_parts.contains_key(&step) {
            comparison.removed.insert(step, whole(child, old));
        }
    }
    comparison
}

/// `live` with everything that `applied` sets.
pub(crate) fn merge(schema: &Schema, live: Value, applied: Value) -> Value {
    let granular = is_granular(schema, &live) && is_granular(schema, &applied);
    match (schema, live, applied) {
        (Schema::List(list), Value::Array(live), Value::Array(applied)) if granular => {
            Value::Array(merge_lists(list, live, applied))
        }
        (_, Value::Object(live), Value::Object(applied)) if granular => {
            Value::Object(merge_maps(schema, live, applied))
        }
        (_, _, applied) => applied,
    }
}

fn is_granular(schema: &Schema, value: &Value) -> bool {
    match schema {
        Schema::Any => value.is_object(),
        Schema::Record(record) => value.is_object() && !record.atomic,
        Schema::List(list) => value.is_array() && list.kind != ListKind::Atomic,
        Schema::Scalar(..) => false,
    }
}

fn merge_maps(schema: &Schema, mut live: Map<String, Value>, applied: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in applied {
        let value = match live.remove(&name) {
            Some(old) => merge(schema.child(&name), old, value),
            None => value,
        };
        live.insert(name, value);
    }
    live
}

/// The applied items keep their order among themselves; live items that are not applied stay where they stand.
fn merge_lists(list: &List, live: Vec<Value>, applied: Vec<Value>) -> Vec<Value> {
    let steps: Vec<_> = applied.iter().map(|item| step_of(list, item)).collect();
    let mut live: Vec<_> = live.into_iter().map(|item| (step_of(list, &item), Some(item))).collect();
    let mut merged = Vec::new();
    let mut next = 0;
    for (step, item) in steps.iter().zip(applied) {
        let old = live.iter().position(|(other, _)| other == step);
        let end = old.map_or_else(|| run_of_unapplied(&live, next, &steps), |old| old.max(next));
        merged.extend(take_unapplied(&mut live, next..end, &steps));
        next = end;
        merged.push(match old.and_then(|old| live[old].1.take()) {
            Some(old) => merge(&list.items, old, item),
            None => item,
        });
    }
    let end = live.len();
    merged.extend(take_unapplied(&mut live, next..end, &steps));
    merged
}

type Placed = (Option<Step>, Option<Value>);

fn run_of_unapplied(live: &[Placed], start: usize, applied: &[Option<Step>]) -> usize {
    live[start..].iter().position(|(step, _)| applied.contains(step)).map_or(live.len(), |length| start + length)
}

fn take_unapplied<'a>(
    live: &'a mut [Placed],
    range: std::ops::Range<usize>,
    applied: &'a [Option<Step>],
) -> impl Iterator<Item = Value> {
    live[range].iter_mut().filter(|(step, _)| !applied.contains(step)).filter_map(|(_, item)| item.take())
}

/// Takes out of `value` what is in `given_up` and in no part of `kept`, with everything below it that nobody owns.
pub(crate) fn prune(schema: &Schema, value: &mut Value, given_up: &FieldSet, kept: &FieldSet) {
    match (schema, value) {
        (Schema::List(list), Value::Array(items)) => {
            items.retain_mut(|item| {
                step_of(list, item).is_none_or(|step| item_stays(list, item, &step, given_up, kept))
            });
        }
        (_, Value::Object(map)) => map.retain(|name, value| {
            let step = Step::field(name);
            match (given_up.below(&step), kept.below(&step)) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(given_up), Some(kept)) => {
                    prune(schema.child(name), value, given_up, kept);
                    !is_empty(value) || kept.is_member()
                }
            }
        }),
        _ => {}
    }
}

/// A list item goes with its maker, unless somebody else owns it or something in it.
fn item_stays(list: &List, item: &mut Value, step: &Step, given_up: &FieldSet, kept: &FieldSet) -> bool {
    let Some(given_up) = given_up.below(step) else { return true };
    match kept.below(step) {
        None if given_up.is_member() => return false,
        kept => prune_item(list, item, given_up, kept.unwrap_or(&FieldSet::default())),
    }
    true
}

fn prune_item(list: &List, item: &mut Value, given_up: &FieldSet, kept: &FieldSet) {
    let key = list.key_of(item);
    prune(&list.items, item, given_up, kept);
    if let (Some(key), Value::Object(map)) = (key, item) {
        map.extend(key);
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kubernetes::builtin;

    fn deployment() -> Schema {
        builtin::types().kind("Deployment")
    }

    fn service() -> Schema {
        builtin::types().kind("Service")
    }

    fn containers(names: &[&str]) -> Value {
        let items: Vec<_> = names.iter().map(|name| json!({"name": name, "image": "i"})).collect();
        json!({"spec": {"template": {"spec": {"containers": items}}}})
    }

    #[test]
    fn a_configuration_owns_its_leaves_and_its_list_items() {
        let set = field_set(
            &deployment(),
            &json!({"metadata": {"labels": {"a": "b"}}, "spec": {
            "selector": {"matchLabels": {"a": "b"}}, "template": {"spec": {"containers": [{"name": "c", "image": "i"}]}}}}),
        );
        assert_eq!(
            set.to_fields_v1(),
            json!({"f:metadata": {"f:labels": {"f:a": {}}}, "f:spec": {"f:selector": {},
                "f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"c\"}": {".": {}, "f:name": {}, "f:image": {}}}}}}})
        );
    }

    #[test]
    fn list_keys_take_their_defaults() {
        let set = field_set(&service(), &json!({"spec": {"ports": [{"port": 80}]}}));
        assert_eq!(
            set.paths(),
            [".spec.ports[port=80,protocol=\"TCP\"]", ".spec.ports[port=80,protocol=\"TCP\"].port"]
        );
    }

    #[test]
    fn a_comparison_tells_what_changed_and_what_went() {
        let old = json!({"metadata": {"labels": {"a": "1", "b": "1"}}, "spec": {"replicas": 1}});
        let new = json!({"metadata": {"labels": {"a": "2"}, "annotations": {"x": "y"}}, "spec": {"replicas": 1}});
        let comparison = compare(&deployment(), &old, &new);
        assert_eq!(
            comparison.changed.to_fields_v1(),
            json!({"f:metadata": {"f:labels": {"f:a": {}}, "f:annotations": {".": {}, "f:x": {}}}})
        );
        assert_eq!(comparison.removed.paths(), [".metadata.labels.b"]);
    }

    #[test]
    fn emptying_a_map_removes_its_keys_and_not_the_map() {
        let comparison =
            compare(&deployment(), &json!({"metadata": {"labels": {"a": "1"}}}), &json!({"metadata": {"labels": {}}}));
        assert!(comparison.changed.is_empty());
        assert_eq!(comparison.removed.paths(), [".metadata.labels.a"]);
    }

    #[test]
    fn merging_keeps_what_is_not_applied_and_orders_list_items_as_applied() {
        let merged = merge(&deployment(), containers(&["a", "sidecar", "b"]), containers(&["b", "new", "a"]));
        assert_eq!(merged, containers(&["sidecar", "b", "new", "a"]));
        assert_eq!(merge(&deployment(), containers(&["a"]), containers(&["b"])), containers(&["a", "b"]));
    }

    #[test]
    fn an_applied_empty_map_takes_nothing_away_and_an_atomic_one_replaces() {
        let live = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"selector": {"a": "b"}}});
        let merged = merge(&service(), live, json!({"metadata": {"labels": {}}, "spec": {"selector": {"c": "d"}}}));
        assert_eq!(merged, json!({"metadata": {"labels": {"a": "b"}}, "spec": {"selector": {"c": "d"}}}));
    }

    #[test]
    fn what_a_manager_gives_up_goes_unless_somebody_keeps_it() {
        let schema = deployment();
        let mut value = json!({"metadata": {"labels": {"a": "1", "b": "1"}}, "spec": {"replicas": 2, "paused": true}});
        let given_up =
            field_set(&schema, &json!({"metadata": {"labels": {"a": "1", "b": "1"}}, "spec": {"replicas": 2}}));
        let kept = field_set(&schema, &json!({"metadata": {"labels": {"b": "1"}}, "spec": {"paused": true}}));
        prune(&schema, &mut value, &given_up, &kept);
        assert_eq!(value, json!({"metadata": {"labels": {"b": "1"}}, "spec": {"paused": true}}));
    }

    #[test]
    fn a_list_item_goes_with_its_defaults_but_not_with_what_others_set_in_it() {
        let schema = deployment();
        let list = |container: Value| json!({"spec": {"template": {"spec": {"containers": [container]}}}});
        let live = list(json!({"name": "c", "image": "i", "terminationMessagePath": "/dev/termination-log"}));
        let given_up = field_set(&schema, &list(json!({"name": "c", "image": "i"})));

        let mut alone = live.clone();
        prune(&schema, &mut alone, &given_up, &field_set(&schema, &json!({"spec": {"replicas": 1}})));
        assert_eq!(alone, json!({}));

        let mut shared = live;
        prune(&schema, &mut shared, &given_up, &field_set(&schema, &list(json!({"name": "c", "tty": true}))));
        assert_eq!(shared, list(json!({"name": "c", "terminationMessagePath": "/dev/termination-log"})));
    }
}
