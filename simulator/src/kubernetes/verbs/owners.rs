//! What is checked of the owners of an object.

use serde_json::Value;

use crate::kubernetes::errors::Cause;

const FIELD: &str = "metadata.ownerReferences";
/// What the owner must say, and what is said of it where it does not.
const NEEDED: [(&str, &str); 4] = [
    ("apiVersion", "version must not be empty"),
    ("kind", "must not be empty"),
    ("name", "must not be empty"),
    ("uid", "must not be empty"),
];

/// What is wrong with the owners of an object.
pub(super) fn faults(owners: &[Value]) -> Vec<Cause> {
    let mut causes: Vec<_> = owners.iter().flat_map(missing).collect();
    let controllers: Vec<_> = owners.iter().filter(|owner| owner["controller"] == true).collect();
    if let [first, second, ..] = controllers[..] {
        let name = |owner: &Value| format!("{}/{}", text(owner, "kind"), text(owner, "name"));
        let detail = format!(
            "Only one reference can have Controller set to true. Found \"true\" in references for {} and {}",
            name(first),
            name(second)
        );
        causes.push(Cause::invalid(FIELD, &owners.to_vec().into(), &detail));
    }
    causes
}

fn missing(owner: &Value) -> impl Iterator<Item = Cause> {
    let empty = NEEDED.into_iter().filter(|(field, _)| text(owner, field).is_empty());
    empty.map(|(field, detail)| Cause::invalid(format!("{FIELD}.{field}"), &Value::from(""), detail))
}

fn text<'a>(owner: &'a Value, field: &str) -> &'a str {
    owner[field].as_str().unwrap_or_default()
}
