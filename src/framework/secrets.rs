//! What is secret in an object, as its schema says.

use super::schema::Body;
use super::value::Value;
use crate::redaction;

/// Makes every text known for a secret that is the value of a sensitive or write-only attribute, or in it.
pub(crate) fn learn(body: &Body, object: &Value) {
    for field in &body.fields {
        let value = object.field(field.name);
        match field.shape.nested() {
            _ if value.is_null() => {}
            _ if field.sensitive || field.write_only => each(value, &mut |value| {
                value.as_str().into_iter().for_each(redaction::learn);
            }),
            Some((_, body)) => each(value, &mut |value| learn(body, value)),
            None => {}
        }
    }
}

/// Goes through a value and what is in it.
fn each(value: &Value, visit: &mut dyn FnMut(&Value)) {
    visit(value);
    match value {
        Value::List(items) | Value::Set(items) => items.iter().for_each(|item| each(item, visit)),
        Value::Map(entries) => entries.values().for_each(|entry| each(entry, visit)),
        Value::Typed(typed) => each(&typed.value, visit),
        Value::Null | Value::Unknown | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::framework::model::{Model, WriteOnly};

    /// An account.
    #[derive(Clone, Debug, Default, PartialEq, Model)]
    struct Account {
        /// The name.
        #[tf(required)]
        name: String,
        /// The password.
        #[tf(optional, write_only)]
        password: WriteOnly<String>,
        /// Devices.
        #[tf(block)]
        device: Vec<Device>,
    }

    /// A device.
    #[derive(Clone, Debug, Default, PartialEq, Model)]
    struct Device {
        /// Codes.
        #[tf(optional, sensitive)]
        codes: BTreeMap<String, String>,
    }

    #[test]
    fn what_the_schema_calls_a_secret_is_told_no_more() {
        let code = Value::object([("first", Value::from("schema-test-code-1"))]);
        let device = Value::object([("codes", code)]);
        let account = Value::object([
            ("name", "schema-test-harmless-name".into()),
            ("password", "schema-test-password".into()),
            ("device", Value::List(vec![device])),
        ]);
        learn(&Account::body(), &account);
        let told = redaction::redact("schema-test-harmless-name schema-test-password schema-test-code-1");
        assert_eq!(told, "schema-test-harmless-name (secret) (secret)");
    }
}
