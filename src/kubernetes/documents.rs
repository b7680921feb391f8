//! Manifests: YAML with one or more Kubernetes objects.

use serde::Deserialize;
use serde_json::Value;

use super::{Error, ObjectReference, kinds};

/// One object of a manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Which object it is.
    pub object: ObjectReference,
    /// The object as it was written.
    pub body: Value,
}

/// The objects of a manifest, sorted so that what others need comes first. Empty documents are passed over; a `List` is
/// taken apart. A well-known namespaced kind without a namespace gets `default`, as kubectl does. What only the API server
/// writes, as in an object that was exported, is left out.
///
/// # Errors
/// [`Error::Manifest`] with the number of the document: not YAML, no `kind`, no `apiVersion`, no `metadata.name`, a
/// namespace on a kind without one, the same object twice, or nothing at all.
pub fn documents(yaml: &str) -> Result<Vec<Document>, Error> {
    let mut found: Vec<Document> = Vec::new();
    for (index, body) in parse(yaml)?.into_iter().enumerate() {
        for body in items(body) {
            let document = document(body).map_err(|problem| Error::Manifest { document: index + 1, problem })?;
            if found.iter().any(|other| other.object == document.object) {
                let problem = format!("{} stands in the manifest twice", document.object.title());
                return Err(Error::Manifest { document: index + 1, problem });
            }
            found.push(document);
        }
    }
    if found.is_empty() {
        return Err(Error::Manifest { document: 1, problem: "the manifest holds no object".into() });
    }
    found.sort_by_key(|document| kinds::rank(&document.object.kind));
    Ok(found)
}

/// How many parts aliases may repeat. A few lines of aliases of aliases would be millions.
const MAX_REPEATED: usize = 10_000;

/// How many mappings may be merged into others (`<<`).
const MAX_MERGED: usize = 1_000;

fn parse(yaml: &str) -> Result<Vec<Value>, Error> {
    // As kubectl, `y` and `on` are texts. Without snippets: the parser's error would quote the manifest, and a manifest may hold secrets.
    let options = serde_saphyr::options! {
        with_snippet: false,
        strict_booleans: true,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPEATED },
        budget: serde_saphyr::budget! { max_merge_keys: MAX_MERGED },
    };
    serde_saphyr::from_multiple_with_options(yaml, options).map_err(|error| {
        let problem = match error.location() {
            Some(at) => format!("not valid YAML at line {}, column {}", at.line(), at.column()),
            None => "not valid YAML".into(),
        };
        Error::Manifest {
            document: 1 + separators_before(yaml, error.location().map_or(0, |at| at.line() as usize)),
            problem,
        }
    })
}

fn separators_before(yaml: &str, line: usize) -> usize {
    let before = yaml.lines().take(line.saturating_sub(1));
    before
        .skip_while(|text| text.trim().is_empty() || text.starts_with('#'))
        .skip(1)
        .filter(|text| text.starts_with("---"))
        .count()
}

fn items(body: Value) -> Vec<Value> {
    match body {
        Value::Null => Vec::new(),
        Value::Object(mut map) if map.get("kind").is_some_and(|kind| kind == "List") => match map.remove("items") {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        },
        body => vec![body],
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    api_version: Option<String>,
    kind: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    name: Option<String>,
    namespace: Option<String>,
}

/// What the API server writes into an object, and refuses to be told.
const OF_THE_SERVER: &[&str] =
    &["creationTimestamp", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];

fn document(mut body: Value) -> Result<Document, String> {
    let head = Head::deserialize(&body).map_err(|_| "not a Kubernetes object".to_owned())?;
    let missing = |field: &str| format!("`{field}` is missing");
    let object = ObjectReference {
        api_version: head.api_version.filter(|text| !text.is_empty()).ok_or_else(|| missing("apiVersion"))?,
        kind: head.kind.filter(|text| !text.is_empty()).ok_or_else(|| missing("kind"))?,
        namespace: head.metadata.namespace,
        name: head.metadata.name.filter(|text| !text.is_empty()).ok_or_else(|| missing("metadata.name"))?,
    };
    let object = with_namespace(object)?;
    if let (Some(namespace), Some(metadata)) = (&object.namespace, body.get_mut("metadata")) {
        metadata["namespace"] = Value::String(namespace.clone());
    }
    if let Some(map) = body.as_object_mut() {
        map.remove("status");
    }
    if let Some(metadata) = body.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|name, _| !OF_THE_SERVER.contains(&name.as_str()));
    }
    Ok(Document { object, body })
}

fn with_namespace(mut object: ObjectReference) -> Result<ObjectReference, String> {
    match (kinds::namespaced(object.group(), &object.kind), &object.namespace) {
        (Some(true), None) => object.namespace = Some("default".into()),
        (Some(false), Some(namespace)) => {
            return Err(format!(
                "{} `{}` cannot be in namespace `{namespace}`: the kind has none",
                object.kind, object.name
            ));
        }
        _ => {}
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_sorted_by_what_others_need() {
        let yaml = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: test}\n---\n# only a comment\n---\n\
                    apiVersion: v1\nkind: Namespace\nmetadata: {name: test}\n";
        let titles: Vec<String> = documents(yaml).unwrap().iter().map(|d| d.object.title()).collect();
        assert_eq!(titles, ["Namespace test", "Deployment test/a"]);
    }

    #[test]
    fn a_namespaced_object_without_a_namespace_goes_to_default() {
        let found = documents("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n").unwrap();
        assert_eq!(found[0].object.namespace.as_deref(), Some("default"));
        assert_eq!(found[0].body["metadata"]["namespace"], "default");
    }

    #[test]
    fn what_only_the_server_writes_is_left_out() {
        let yaml = "apiVersion: v1\nkind: Service\nmetadata: {name: a, uid: u, resourceVersion: '1', managedFields: []}\nspec: {}\nstatus: {}\n";
        let found = documents(yaml).unwrap();
        assert_eq!(found[0].body["metadata"], serde_json::json!({"name": "a", "namespace": "default"}));
        assert!(found[0].body.get("status").is_none() && found[0].body.get("spec").is_some());
    }

    #[test]
    fn a_list_is_taken_apart() {
        let yaml = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a}}\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n";
        assert_eq!(documents(yaml).unwrap().len(), 2);
    }

    #[test]
    fn what_is_wrong_is_said_with_the_number_of_the_document() {
        let good = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
        let cases = [
            ("kind: ConfigMap\nmetadata: {name: b}\n", "document 2 of the manifest: `apiVersion` is missing"),
            ("apiVersion: v1\nkind: ConfigMap\n", "document 2 of the manifest: `metadata.name` is missing"),
            ("just text\n", "document 2 of the manifest: not a Kubernetes object"),
            (good, "document 2 of the manifest: ConfigMap default/a stands in the manifest twice"),
            ("apiVersion: v1\nkind: Namespace\nmetadata: {name: x, namespace: y}\n", "the kind has none"),
            ("apiVersion: v1\nkind: [\n", "document 2 of the manifest: not valid YAML at line"),
        ];
        for (bad, expected) in cases {
            let error = documents(&format!("{good}---\n{bad}")).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(documents("# nothing\n").unwrap_err().to_string().contains("holds no object"));
    }

    #[test]
    fn aliases_repeat_what_they_name_but_not_without_end() {
        let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nspec:\n  a: &a [x, x, x, x, x, x, x, x, x]\n";
        let found = documents(&format!("{head}  b: *a\n")).unwrap();
        assert_eq!(found[0].body["spec"]["a"], found[0].body["spec"]["b"]);
        let level =
            |(name, of)| format!("  {name}: &{name} [*{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}]\n");
        let levels: String = ('b'..'k').zip('a'..'j').map(level).collect();
        assert!(documents(&format!("{head}{levels}")).unwrap_err().to_string().contains("not valid YAML"));
    }

    #[test]
    fn an_error_quotes_nothing_of_the_manifest() {
        let error = documents("kind: Secret\nstringData: {password: hunter2\n  broken: [").unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
