//! Manifests: YAML documents of Kubernetes objects.
//!
//! What was read is the same when it is written as JSON, which is YAML, and read again.

use serde_json::Value;
use tcmesh::kubernetes::documents;

use super::CANARY;
use crate::engine::{Taker, Target, run};

const TARGET: Target = Target {
    name: "manifest",
    test: concat!(module_path!(), "::survives"),
    tokens: &[
        CANARY,
        "---\n",
        "...\n",
        "apiVersion: v1\n",
        "kind: List\n",
        "items:\n",
        "metadata: {name: a}\n",
        "&a ",
        "*a",
        "<<: *a\n",
        "!!binary ",
        "!!str ",
        "!!float .inf",
        "!!set ",
        "? ",
        "|2-\n",
        ">+\n",
        "%YAML 1.2\n",
        "%TAG ! tag:a\n",
        "1e400",
        ".nan",
        "0o777",
        "0x1F",
        "1_000",
        "2001-01-01",
        "~",
        "yes",
        "\"\\ud800\"",
        "\"\\x00\"",
        "{a: ",
        "[*a, *a, *a, *a, *a, *a, *a, *a, *a]",
        "- ",
        "\t",
        "# ",
        "a: &b [*a, *a, *a, *a, *a, *a, *a, *a]\n",
    ],
    start,
};

#[test]
fn survives() {
    run(&TARGET);
}

fn start() -> Taker {
    Box::new(|input| {
        let Ok(text) = std::str::from_utf8(input) else { return String::new() };
        match documents(text) {
            Ok(found) => {
                if !found.iter().any(|document| has_long_key(&document.body)) {
                    let again: Vec<String> = found.iter().map(|document| document.body.to_string()).collect();
                    let again = documents(&again.join("\n---\n")).expect("what was read can be read again");
                    assert_eq!(again, found);
                }
                found.iter().map(|document| format!("{} ", document.object.kind)).collect()
            }
            Err(error) => {
                let said = error.to_string();
                assert!(!said.contains("not valid YAML") || !said.contains(CANARY), "a part of the manifest is told");
                said
            }
        }
    })
}

/// Whether a key is longer than YAML lets it be on one line, which is 1,024 characters.
fn has_long_key(body: &Value) -> bool {
    match body {
        Value::Object(members) => members.iter().any(|(key, member)| key.len() > 500 || has_long_key(member)),
        Value::Array(elements) => elements.iter().any(has_long_key),
        _ => false,
    }
}
