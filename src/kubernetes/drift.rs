//! How a live object differs from what was applied, told by path. Only what the manifest says counts: defaults and the
//! fields of others are no drift.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// One place where the live object is not as the manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The path, for example `spec.ports[0].port`.
    pub path: String,
    /// What the live object holds there, as JSON; `absent`, or `(sensitive)` in a Secret.
    pub found: String,
}

/// The differences between a manifest's document and the live object.
pub fn differences(wanted: &Value, live: &Value) -> Vec<Difference> {
    let wanted = with_data(wanted);
    let mut found = Vec::new();
    for (key, value) in wanted.as_object().into_iter().flatten() {
        if !matches!(key.as_str(), "apiVersion" | "kind" | "status") {
            compare(key, value, live.get(key), &mut found);
        }
    }
    if wanted["kind"] == "Secret" {
        found.iter_mut().filter(|d| d.path.starts_with("data.")).for_each(|d| d.found = "(sensitive)".into());
    }
    found
}

/// A Secret's `stringData` is written into `data` by the API server and never read back.
fn with_data(wanted: &Value) -> Value {
    let mut wanted = wanted.clone();
    let texts = wanted.as_object_mut().filter(|map| map.get("kind").is_some_and(|kind| kind == "Secret"));
    let Some(Value::Object(texts)) = texts.and_then(|map| map.remove("stringData")) else { return wanted };
    for (key, text) in texts {
        wanted["data"][key] = Value::String(STANDARD.encode(text.as_str().unwrap_or_default()));
    }
    wanted
}

fn compare(path: &str, wanted: &Value, live: Option<&Value>, found: &mut Vec<Difference>) {
    match (wanted, live) {
        (Value::Null, _) => {}
        (Value::Object(wanted), Some(Value::Object(live))) => {
            for (key, value) in wanted {
                compare(&member(path, key), value, live.get(key), found);
            }
        }
        (Value::Array(wanted), Some(Value::Array(live))) => compare_lists(path, wanted, live, found),
        // The API server drops empty objects and lists.
        (Value::Object(map), None) if map.is_empty() => {}
        (Value::Array(list), None) if list.is_empty() => {}
        (wanted, Some(live)) if same(wanted, live) => {}
        (_, live) => {
            found.push(Difference { path: path.into(), found: live.map_or("absent".into(), ToString::to_string) });
        }
    }
}

fn member(path: &str, key: &str) -> String {
    if key.contains(['.', '/']) { format!("{path}[\"{key}\"]") } else { format!("{path}.{key}") }
}

/// Elements that have names, ports or the like are found by them, since others may add elements of their own.
fn compare_lists(path: &str, wanted: &[Value], live: &[Value], found: &mut Vec<Difference>) {
    let keyed = wanted.iter().all(|item| merge_key(item).is_some());
    if !keyed && wanted.len() != live.len() {
        found.push(Difference { path: path.into(), found: Value::Array(live.to_vec()).to_string() });
        return;
    }
    for (index, item) in wanted.iter().enumerate() {
        let counterpart = match merge_key(item) {
            Some(key) if keyed => live.iter().find(|other| other.get(key).is_some_and(|value| same(&item[key], value))),
            _ => live.get(index),
        };
        compare(&format!("{path}[{index}]"), item, counterpart, found);
    }
}

fn merge_key(item: &Value) -> Option<&'static str> {
    ["name", "mountPath", "containerPort", "port", "key", "ip"]
        .into_iter()
        .find(|key| item.get(key).is_some_and(|v| !v.is_object()))
}

/// Equal, or the same quantity or number written in another way (`0.5` and `500m`, `80` and `"80"`).
fn same(wanted: &Value, live: &Value) -> bool {
    if wanted == live {
        return true;
    }
    // Two texts without a unit are texts: `1.10` is not `1.1`.
    let plain = |value: &Value| value.as_str().is_some_and(|text| text.parse::<f64>().is_ok());
    let equal = matches!((quantity(wanted), quantity(live)), (Some(a), Some(b)) if (a - b).abs() <= a.abs() * 1e-9);
    equal && !(plain(wanted) && plain(live))
}

fn quantity(value: &Value) -> Option<f64> {
    const SUFFIXES: &[(&str, f64)] = &[
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("m", 0.001),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
    ];
    let text = match value {
        Value::Number(number) => return number.as_f64(),
        Value::String(text) => text.as_str(),
        _ => return None,
    };
    let scaled = SUFFIXES.iter().find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, *factor)));
    let (digits, factor) = scaled.unwrap_or((text, 1.0));
    digits.starts_with(|c: char| c.is_ascii_digit()).then(|| digits.parse::<f64>().ok())?.map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(wanted: &Value, live: &Value) -> Vec<String> {
        differences(wanted, live).into_iter().map(|d| format!("{}={}", d.path, d.found)).collect()
    }

    #[test]
    fn defaults_and_the_fields_of_others_are_no_drift() {
        let wanted = json!({"kind": "Service", "spec": {"ports": [{"port": 80}], "selector": {"app": "a"}}});
        let live = json!({"kind": "Service", "spec": {"clusterIP": "10.0.0.1", "selector": {"app": "a", "x": "y"},
            "ports": [{"port": 81}, {"port": 80, "protocol": "TCP", "targetPort": 80}]}});
        assert!(paths(&wanted, &live).is_empty());
    }

    #[test]
    fn a_changed_and_a_removed_field_are_told_by_path() {
        let wanted =
            json!({"metadata": {"labels": {"app.kubernetes.io/name": "a"}}, "spec": {"replicas": 2, "paused": false}});
        let live = json!({"metadata": {"labels": {}}, "spec": {"replicas": 3, "paused": false}});
        assert_eq!(paths(&wanted, &live), ["metadata.labels[\"app.kubernetes.io/name\"]=absent", "spec.replicas=3"]);
    }

    #[test]
    fn a_quantity_written_differently_is_the_same() {
        let wanted = json!({"spec": {"cpu": "0.5", "memory": "1024Mi", "port": "80"}});
        let live = json!({"spec": {"cpu": "500m", "memory": "1Gi", "port": 80}});
        assert!(paths(&wanted, &live).is_empty());
        assert_eq!(paths(&json!({"spec": {"tag": "v1"}}), &json!({"spec": {"tag": "v2"}})), ["spec.tag=\"v2\""]);
        assert_eq!(paths(&json!({"spec": {"tag": "1.1"}}), &json!({"spec": {"tag": "1.10"}})), ["spec.tag=\"1.10\""]);
    }

    #[test]
    fn a_secret_shows_that_it_changed_and_not_to_what() {
        let wanted = json!({"kind": "Secret", "stringData": {"password": "a"}});
        assert!(paths(&wanted, &json!({"kind": "Secret", "data": {"password": "YQ=="}})).is_empty());
        assert_eq!(
            paths(&wanted, &json!({"kind": "Secret", "data": {"password": "Yg=="}})),
            ["data.password=(sensitive)"]
        );
    }

    #[test]
    fn lists_without_keys_are_compared_whole() {
        let wanted = json!({"spec": {"args": ["a", "b"]}});
        assert_eq!(paths(&wanted, &json!({"spec": {"args": ["a"]}})), ["spec.args=[\"a\"]"]);
    }
}
