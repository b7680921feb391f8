//! The agent's manifest: what of it is applied, and what of it counts as a change.
//!
//! The token in it is another one with every fetch, so no secret value counts. Where the hub is does.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::kubernetes::{Document, documents, own_fields};

/// The kinds that run the agent.
const WORKLOADS: &[&str] = &["DaemonSet", "Deployment", "StatefulSet"];

/// The annotation of pods that says which manifest they were started with.
const MARK: &str = "tcmesh-manifest";

/// The one member of a Secret that is none: the address of the hub (Clusternet, `deploy/templates`).
const PARENT_URL: &str = "parentURL";

/// The documents of a manifest, in the order in which they are applied.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(super) fn parse(yaml: &str) -> Result<Vec<Document>, String> {
    let mut found = documents(yaml).map_err(|error| format!("expected the agent's manifest as YAML: {error}"))?;
    if !found.iter().any(is_workload) {
        return Err("expected the agent's manifest, found one without a Deployment".into());
    }
    found
        .iter_mut()
        .filter(|document| document.object.kind == "Secret")
        .for_each(|document| encode(&mut document.body));
    Ok(found)
}

/// Whether a document is what runs the agent.
pub(super) fn is_workload(document: &Document) -> bool {
    WORKLOADS.contains(&document.object.kind.as_str())
}

/// Puts the texts of a Secret where the API server would: it never answers `stringData`, so nobody could tell later who
/// holds them.
fn encode(secret: &mut Value) {
    let Some(secret) = secret.as_object_mut() else { return };
    let Some(Value::Object(texts)) = secret.remove("stringData") else { return };
    if let Some(data) = secret.entry("data").or_insert_with(|| json!({})).as_object_mut() {
        data.extend(
            texts.into_iter().map(|(key, text)| (key, json!(STANDARD.encode(text.as_str().unwrap_or_default())))),
        );
    }
}

/// Marks what runs the agent with the version of its manifest, so that pods start anew with each: a token gets into a pod only
/// when that starts.
pub(super) fn mark(documents: &mut [Document], version: &str) {
    let mark = json!({"metadata": {"annotations": {MARK: format!("{version} {}", hash(documents))}}});
    for document in documents.iter_mut().filter(|document| is_workload(document)) {
        merge(&mut document.body["spec"]["template"], &mark);
    }
}

fn merge(into: &mut Value, more: &Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            more.iter().for_each(|(key, value)| merge(into.entry(key.clone()).or_insert(Value::Null), value));
        }
        (into, more) => *into = more.clone(),
    }
}

/// What tells one manifest from another: neither the order of its documents nor a secret in it.
pub(super) fn hash(documents: &[Document]) -> String {
    let each = documents.iter().map(|document| (document.object.to_string(), without_secrets(document.body.clone())));
    digest(&json!(each.collect::<BTreeMap<_, _>>()))
}

/// What tells whether somebody changed what we applied of an object; nothing where we hold nothing of it.
pub(super) fn fingerprint(live: &Value) -> Option<String> {
    let mut ours = own_fields(live);
    ours.as_object_mut()?.insert("kind".into(), live["kind"].clone());
    Some(digest(&without_secrets(ours)))
}

fn without_secrets(mut object: Value) -> Value {
    if object["kind"] == "Secret" {
        for name in ["data", "stringData"] {
            object.get_mut(name).and_then(Value::as_object_mut).into_iter().for_each(blank);
        }
    }
    object
}

fn blank(members: &mut Map<String, Value>) {
    members.iter_mut().filter(|(key, _)| *key != PARENT_URL).for_each(|(_, value)| *value = Value::Null);
}

fn digest(value: &Value) -> String {
    Sha256::digest(value.to_string()).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: agent, namespace: system}\n";

    fn secret(url: &str, token: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: registration, namespace: system}}\nstringData: {{parentURL: '{url}', regToken: {token}}}\n"
        )
    }

    fn hash_of(parts: &[&str]) -> String {
        hash(&parse(&parts.join("---\n")).unwrap())
    }

    #[test]
    fn another_token_is_no_change_and_another_hub_is_one() {
        let hash = |url, token| hash_of(&[DEPLOYMENT, &secret(url, token)]);
        assert_eq!(hash("https://10.0.1.5:6443", "abcdef.0123"), hash("https://10.0.1.5:6443", "fedcba.3210"));
        assert_ne!(hash("https://10.0.1.5:6443", "abcdef.0123"), hash("https://10.0.1.6:6443", "abcdef.0123"));
    }

    #[test]
    fn the_order_of_documents_and_members_is_no_change_and_a_comment_is_none() {
        let other =
            "# expires tomorrow\nmetadata: {namespace: system, name: agent}\nkind: Deployment\napiVersion: apps/v1\n";
        let secret = secret("https://hub", "abcdef.0123");
        assert_eq!(hash_of(&[DEPLOYMENT, &secret]), hash_of(&[&secret, other]));
        assert_ne!(hash_of(&[DEPLOYMENT]), hash_of(&[DEPLOYMENT, &secret]));
    }

    #[test]
    fn texts_of_a_secret_are_applied_as_the_server_stores_them() {
        let found = parse(&[DEPLOYMENT, &secret("https://hub", "abcdef.0123")].join("---\n")).unwrap();
        let secret = found.iter().find(|document| document.object.kind == "Secret").unwrap();
        assert_eq!(secret.body["data"], json!({"parentURL": "aHR0cHM6Ly9odWI=", "regToken": "YWJjZGVmLjAxMjM="}));
        assert!(secret.body.get("stringData").is_none());
    }

    #[test]
    fn pods_are_marked_beside_what_they_have() {
        let pods = "spec: {template: {metadata: {labels: {app: agent}, annotations: {a: b}}}}\n";
        let mut found = parse(&[DEPLOYMENT, pods].concat()).unwrap();
        let hash = hash(&found);
        mark(&mut found, "2");
        let expected =
            json!({"labels": {"app": "agent"}, "annotations": {"a": "b", "tcmesh-manifest": format!("2 {hash}")}});
        assert_eq!(found[0].body["spec"]["template"]["metadata"], expected);
    }

    #[test]
    fn what_is_no_manifest_of_an_agent_is_refused() {
        let (namespace, broken) = ("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", "kind: [hunter2");
        assert_eq!(parse(namespace).unwrap_err(), "expected the agent's manifest, found one without a Deployment");
        let problem = parse(broken).unwrap_err();
        assert!(problem.starts_with("expected the agent's manifest as YAML: document 1 of the manifest:"), "{problem}");
        assert!(!problem.contains("hunter2"));
    }
}
