//! Server-side apply and the tracking of field managers (Kubernetes documentation, "Server-Side Apply").
//!
//! Modelled: ownership per manager, operation, version and subresource; conflicts and force; shared ownership; fields and
//! list items that a manager gives up; keyed lists, sets, atomic values. Not modelled: versions of a kind whose fields
//! differ (a field set is taken as it is), and the limit on the number of managers that update.

use serde_json::Value;

use self::field_set::FieldSet;
use self::managers::{Manager, Managers};
use self::typed::{compare, field_set, merge, prune};
use super::object::Object;
use super::schema::{ListKind, Schema};

pub(crate) mod field_set;
pub(crate) mod managers;
mod typed;

/// Fields that an apply would change although others manage them.
#[derive(Debug)]
pub(crate) struct Conflict {
    /// The other manager.
    pub(crate) manager: Manager,
    /// The fields, as the API's messages write them.
    pub(crate) paths: Vec<String>,
}

/// What no manager owns: the server sets it, or it is the object's identity.
const UNMANAGED: [&[&str]; 10] = [
    &["apiVersion"],
    &["kind"],
    &["metadata", "name"],
    &["metadata", "namespace"],
    &["metadata", "creationTimestamp"],
    &["metadata", "selfLink"],
    &["metadata", "uid"],
    &["metadata", "generation"],
    &["metadata", "managedFields"],
    &["metadata", "resourceVersion"],
];

fn managed(mut set: FieldSet) -> FieldSet {
    UNMANAGED.iter().for_each(|path| set.remove(path));
    set
}

/// Records in `new` who manages what after a write other than apply.
pub(crate) fn record_update(schema: &Schema, old: &Object, new: &mut Object, manager: &Manager, now: &str) {
    let mut managers = match new.list("/metadata/managedFields") {
        [] => Managers::of(old),
        _ => Managers::of(new),
    };
    let is_new = old.uid().is_empty();
    if managers.is_empty() && !is_new {
        // Whose fields nobody tracks stays so until somebody applies.
        return;
    }
    let comparison = compare(schema, old.as_value(), new.as_value());
    let (changed, removed) = (managed(comparison.changed), managed(comparison.removed));
    managers.take_from_others(manager, &changed);
    managers.take_from_others(manager, &removed);
    let time = (!changed.is_empty()).then_some(now);
    let fields = managers.fields_of(manager).difference(&removed).union(changed);
    managers.set(manager, fields, time);
    managers.write(new);
}

/// The object that results when `manager` applies `applied` to `live`.
///
/// # Errors
/// The conflicts with other managers, unless `force` is set.
pub(crate) fn apply(
    schema: &Schema,
    live: Option<&Object>,
    applied: Object,
    manager: &Manager,
    force: bool,
    now: &str,
) -> Result<Object, Vec<Conflict>> {
    let before = live.cloned().unwrap_or_else(|| Object::new(applied.api_version(), applied.kind(), applied.name()));
    let mut managers = managers_before(schema, live, now);
    let last = managers.fields_of(manager);
    let said = field_set(schema, applied.as_value());
    let fields = managed(said.clone());

    let mut result = merge(schema, before.as_value().clone(), applied.into());
    let kept = managers.others(manager).fold(said, |kept, entry| kept.union(entry.fields.clone()));
    prune(schema, &mut result, &last, &kept);

    let comparison = compare(schema, before.as_value(), &result);
    let (changed, removed) = (managed(comparison.changed), managed(comparison.removed));
    let conflicts = conflicts(&managers, manager, &changed);
    if !force && !conflicts.is_empty() {
        return Err(conflicts);
    }
    managers.take_from_others(manager, &changed);
    managers.take_from_others(manager, &removed);
    let is_change = live.is_none_or(|live| *live.as_value() != result);
    managers.set(manager, fields, is_change.then_some(now));
    let mut result = Object::try_from(result).unwrap_or(before);
    managers.write(&mut result);
    Ok(result)
}

/// The managers of an object; what nobody tracked until now belongs to a manager of its own.
fn managers_before(schema: &Schema, live: Option<&Object>, now: &str) -> Managers {
    let Some(live) = live else { return Managers::default() };
    let mut managers = Managers::of(live);
    if managers.is_empty() {
        let manager = Manager {
            name: "before-first-apply".to_owned(),
            operation: managers::Operation::Update,
            api_version: live.api_version().to_owned(),
            subresource: String::new(),
        };
        managers.set(&manager, managed(field_set(schema, live.as_value())), Some(now));
    }
    managers
}

fn conflicts(managers: &Managers, manager: &Manager, changed: &FieldSet) -> Vec<Conflict> {
    let others = managers.others(manager).map(|entry| (entry, entry.fields.intersection(changed).paths()));
    let others = others.filter(|(_, paths)| !paths.is_empty());
    let conflicts = others.map(|(entry, paths)| Conflict { manager: entry.manager.clone(), paths });
    let mut conflicts: Vec<_> = conflicts.collect();
    conflicts.sort_by(|a, b| a.manager.name.cmp(&b.manager.name));
    conflicts
}

/// What is wrong with the keyed lists of a configuration: an item without its key, or a key that comes twice.
pub(crate) fn wrong_list(schema: &Schema, value: &Value, path: &str) -> Option<String> {
    match (schema, value) {
        (Schema::List(list), Value::Array(items)) => {
            let wrong = || items.iter().find_map(|item| wrong_list(&list.items, item, &format!("{path}[]")));
            wrong_keys(list, items, path).or_else(wrong)
        }
        (_, Value::Object(map)) => {
            map.iter().find_map(|(name, value)| wrong_list(schema.child(name), value, &format!("{path}.{name}")))
        }
        _ => None,
    }
}

fn wrong_keys(list: &super::schema::List, items: &[Value], path: &str) -> Option<String> {
    let ListKind::Keyed(names) = &list.kind else { return None };
    let mut seen = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Some(key) = list.key_of(item) else {
            let names = names.join(", ");
            return Some(format!(
                "{path}: element {index}: associative list with keys has an element that omits key field {names:?}"
            ));
        };
        if seen.contains(&key) {
            return Some(format!("{path}: duplicate entries for key {}", field_set::Step::item(key)));
        }
        seen.push(key);
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_map;
    use proptest::option;
    use proptest::prelude::*;
    use serde_json::json;

    use super::managers::Operation;
    use super::*;
    use crate::kubernetes::builtin;

    fn manager(name: &str, operation: Operation) -> Manager {
        Manager { name: name.into(), operation, api_version: "apps/v1".into(), subresource: String::new() }
    }

    fn deployment(spec: &Value) -> Object {
        Object::try_from(
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec}),
        )
        .expect("an object")
    }

    fn applied(live: Option<&Object>, spec: &Value, name: &str, force: bool) -> Result<Object, Vec<Conflict>> {
        let schema = builtin::types().kind("Deployment");
        apply(&schema, live, deployment(spec), &manager(name, Operation::Apply), force, "2026-01-01T00:00:00Z")
    }

    fn owners(object: &Object, path: &str) -> Vec<String> {
        let owns = |entry: &&managers::Entry| entry.fields.paths().iter().any(|it| it == path);
        let managers = Managers::of(object);
        let nobody = manager("nobody", Operation::Apply);
        managers.others(&nobody).filter(owns).map(|entry| entry.manager.name.clone()).collect()
    }

    #[test]
    fn another_managers_value_conflicts_and_force_takes_it() {
        let live = applied(None, &json!({"replicas": 1}), "a", false).expect("no conflict");
        let conflicts = applied(Some(&live), &json!({"replicas": 2}), "b", false).expect_err("a conflict");
        assert_eq!(conflicts[0].manager.name, "a");
        assert_eq!(conflicts[0].paths, [".spec.replicas"]);
        let forced = applied(Some(&live), &json!({"replicas": 2}), "b", true).expect("forced");
        assert_eq!(forced.integer("/spec/replicas"), Some(2));
        assert_eq!(owners(&forced, ".spec.replicas"), ["b"]);
    }

    #[test]
    fn the_same_value_is_shared_and_stays_until_the_last_owner_drops_it() {
        let live = applied(None, &json!({"replicas": 1, "paused": true}), "a", false).expect("no conflict");
        let live = applied(Some(&live), &json!({"replicas": 1}), "b", false).expect("no conflict");
        assert_eq!(owners(&live, ".spec.replicas"), ["b", "a"], "who changed nothing has no time, and comes first");
        let live = applied(Some(&live), &json!({"paused": true}), "a", false).expect("no conflict");
        assert_eq!(live.integer("/spec/replicas"), Some(1));
        let live = applied(Some(&live), &json!({}), "b", false).expect("no conflict");
        assert_eq!(live.at("/spec/replicas"), None);
    }

    #[test]
    fn an_update_takes_over_what_it_changes() {
        let schema = builtin::types().kind("Deployment");
        let live = applied(None, &json!({"replicas": 1, "paused": true}), "a", false).expect("no conflict");
        let mut new = live.clone();
        new.set("/spec/replicas", 3);
        record_update(&schema, &live, &mut new, &manager("scaler", Operation::Update), "2026-01-01T00:00:01Z");
        assert_eq!(owners(&new, ".spec.replicas"), ["scaler"]);
        assert_eq!(owners(&new, ".spec.paused"), ["a"]);
        let conflict = applied(Some(&new), &json!({"replicas": 1}), "a", false).expect_err("a conflict");
        assert_eq!(conflict[0].manager.display(), "\"scaler\" using apps/v1");
    }

    #[test]
    fn applying_the_same_again_changes_nothing() {
        let spec = json!({"replicas": 1, "template": {"spec": {"containers": [{"name": "c", "image": "i"}]}}});
        let live = applied(None, &spec, "a", false).expect("no conflict");
        let schema = builtin::types().kind("Deployment");
        let manager = manager("a", Operation::Apply);
        let again = apply(&schema, Some(&live), deployment(&spec), &manager, false, "2027-01-01T00:00:00Z");
        assert_eq!(again.expect("no conflict"), live);
    }

    #[test]
    fn what_nobody_tracked_belongs_to_before_first_apply() {
        let live = deployment(&json!({"replicas": 1}));
        let conflicts = applied(Some(&live), &json!({"replicas": 2}), "a", false).expect_err("a conflict");
        assert_eq!(conflicts[0].manager.name, "before-first-apply");
    }

    #[test]
    fn keys_that_are_missing_or_double_are_told() {
        let schema = builtin::types().kind("Service");
        let ports = |ports: Value| wrong_list(&schema, &json!({"spec": {"ports": ports}}), "");
        let double = ports(json!([{"port": 80}, {"port": 80, "protocol": "TCP"}])).expect("a fault");
        assert_eq!(double, ".spec.ports: duplicate entries for key [port=80,protocol=\"TCP\"]");
        assert!(ports(json!([{"name": "x"}])).is_none(), "the key is Go's zero, which validation refuses");
        assert_eq!(ports(json!([{"port": 80}, {"port": 80, "protocol": "UDP"}])), None);
    }

    fn some_service() -> impl Strategy<Value = Value> {
        let labels = btree_map("[a-c]", "[x-z]", 0..3);
        let ports = btree_map((1_u16..4, prop_oneof!["TCP", "UDP"]), option::of("[m-n]"), 0..4);
        (labels, ports, option::of("[a-b]")).prop_map(|(labels, ports, selected)| {
            let ports: Vec<_> = ports
                .into_iter()
                .map(|((port, protocol), name)| match name {
                    Some(name) => json!({"port": port, "protocol": protocol, "name": name}),
                    None => json!({"port": port, "protocol": protocol}),
                })
                .collect();
            let mut service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {}});
            service["metadata"]["labels"] = json!(labels);
            service["spec"]["ports"] = ports.into();
            if let Some(selected) = selected {
                service["spec"]["selector"] = json!({"app": selected});
            }
            service
        })
    }

    /// An object without what is empty and without the tracking, its list items in an order that does not matter.
    fn plain(schema: &Schema, object: &Object) -> Value {
        let mut value = object.as_value().clone();
        crate::kubernetes::schema::defaults::drop_empty(schema, &mut value);
        value["metadata"].as_object_mut().expect("metadata").remove("managedFields");
        let map = value.as_object_mut().expect("a map");
        map.retain(|_, value| !value.as_object().is_some_and(serde_json::Map::is_empty));
        if let Some(ports) = value.pointer_mut("/spec/ports").and_then(Value::as_array_mut) {
            ports.sort_by_key(ToString::to_string);
        }
        value
    }

    proptest! {
        #[test]
        fn a_second_configuration_leaves_nothing_of_the_first(first in some_service(), second in some_service()) {
            let schema = builtin::types().kind("Service");
            let step = |live: Option<&Object>, config: &Value, name: &str| {
                let config = Object::try_from(config.clone()).expect("an object");
                apply(&schema, live, config, &manager(name, Operation::Apply), true, "t").expect("forced")
            };
            let changed = step(Some(&step(None, &first, "a")), &second, "a");
            prop_assert_eq!(plain(&schema, &changed), plain(&schema, &step(None, &second, "a")));
            let shared = step(Some(&step(None, &first, "a")), &second, "b");
            let alone = step(Some(&shared), &json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}), "a");
            prop_assert_eq!(plain(&schema, &alone), plain(&schema, &step(None, &second, "b")));
        }
    }
}
