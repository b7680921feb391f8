//! Config maps and secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::kubernetes::errors::Cause;
use crate::kubernetes::kinds::Behaviour;
use crate::kubernetes::object::Object;

/// The behaviour of config maps.
#[derive(Debug)]
pub(super) struct ConfigMaps;

impl Behaviour for ConfigMaps {
    fn validate(&self, object: &Object, old: Option<&Object>) -> Vec<Cause> {
        let mut causes = key_faults(object, "data");
        causes.extend(key_faults(object, "binaryData"));
        causes.extend(immutable_faults(object, old, &["data", "binaryData"]));
        causes
    }
}

/// The behaviour of secrets.
#[derive(Debug)]
pub(super) struct Secrets;

impl Behaviour for Secrets {
    /// `stringData` is a way to write: what is kept, and read, is `data`.
    fn set_defaults(&self, secret: &mut Object) {
        let Some(Value::Object(texts)) = secret.take("/stringData") else { return };
        for (key, text) in texts {
            let encoded = STANDARD.encode(text.as_str().unwrap_or_default());
            secret.set(&format!("/data/{}", key.replace('/', "~1")), encoded);
        }
    }

    fn validate(&self, secret: &Object, old: Option<&Object>) -> Vec<Cause> {
        let mut causes = key_faults(secret, "data");
        let values = secret.at("/data").and_then(Value::as_object).into_iter().flatten();
        causes.extend(
            values
                .filter(|(_, value)| STANDARD.decode(value.as_str().unwrap_or_default()).is_err())
                .map(|(key, _)| Cause::invalid(format!("data[{key}]"), &Value::from("<redacted>"), "must be base64")),
        );
        if secret.text("/type") == "kubernetes.io/tls" {
            let missing = ["tls.crt", "tls.key"]
                .into_iter()
                .filter(|key| secret.at("/data").and_then(|data| data.get(key)).is_none());
            causes.extend(missing.map(|key| Cause::required(format!("data[{key}]"), "")));
        }
        if old.is_some_and(|old| old.text("/type") != secret.text("/type")) {
            causes.push(Cause::invalid("type", &Value::from(secret.text("/type")), "field is immutable"));
        }
        causes.extend(immutable_faults(secret, old, &["data"]));
        causes
    }
}

fn key_faults(object: &Object, field: &str) -> Vec<Cause> {
    let valid = |key: &&String| {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        !key.is_empty() && key.len() <= 253 && key.chars().all(allowed) && *key != "." && *key != ".."
    };
    let keys = object.fields().get(field).and_then(Value::as_object).into_iter().flat_map(Map::keys);
    let detail = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or \
        'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
    let faults = keys.filter(|key| !valid(key));
    faults.map(|key| Cause::invalid(format!("{field}[{key}]"), &Value::from(key.as_str()), detail)).collect()
}

fn immutable_faults(object: &Object, old: Option<&Object>, fields: &[&str]) -> Vec<Cause> {
    let Some(old) = old.filter(|old| old.at("/immutable") == Some(&Value::Bool(true))) else { return Vec::new() };
    let detail = "field is immutable when `immutable` is set";
    let mut causes = Vec::new();
    if object.at("/immutable") != Some(&Value::Bool(true)) {
        causes.push(Cause::forbidden("immutable", detail));
    }
    let changed = fields.iter().filter(|field| object.fields().get(**field) != old.fields().get(**field));
    causes.extend(changed.map(|field| Cause::forbidden(*field, detail)));
    causes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn string_data_becomes_data() {
        let mut secret = Object::new("v1", "Secret", "s");
        secret.set("/data", json!({"a": "eA==", "b": "eA=="}));
        secret.set("/stringData", json!({"b": "y"}));
        Secrets.set_defaults(&mut secret);
        assert_eq!(secret.at("/data"), Some(&json!({"a": "eA==", "b": "eQ=="})));
        assert_eq!(secret.at("/stringData"), None);
    }

    #[test]
    fn an_immutable_object_keeps_its_data() {
        let mut old = Object::new("v1", "ConfigMap", "c");
        old.set("/immutable", true);
        let mut new = old.clone();
        new.set("/data/a", "b");
        assert_eq!(ConfigMaps.validate(&new, Some(&old)).len(), 1);
        assert!(ConfigMaps.validate(&new, None).is_empty());
    }

    #[test]
    fn a_secret_holds_base64_under_plain_keys() {
        let mut secret = Object::new("v1", "Secret", "s");
        secret.set("/data", json!({"a": "?", "b c": ""}));
        assert_eq!(Secrets.validate(&secret, None).len(), 2);
    }
}
