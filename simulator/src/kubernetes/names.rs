//! Which names and labels are allowed (Kubernetes documentation, "Object Names and IDs", "Labels and Selectors").

use serde_json::{Map, Value};

use super::errors::Cause;

/// How the objects of a kind may be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameRule {
    /// RFC 1123 subdomain: most kinds.
    Subdomain,
    /// RFC 1123 label: namespaces.
    Label,
    /// RFC 1035 label: services.
    ServiceLabel,
    /// Anything that can stand in a path: roles and their bindings.
    PathSegment,
}

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start \
    and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and \
    must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const SERVICE_LABEL: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
    alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation \
    is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and \
    must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for \
    validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const LABEL_KEY: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
    alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
    '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const FINALIZER: &str = "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end \
    with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
    '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";

impl NameRule {
    /// What is wrong with the beginning of a name that the server is to end, if anything.
    pub(crate) fn prefix_fault(self, prefix: &str) -> Option<&'static str> {
        if prefix.is_empty() { None } else { self.fault(&format!("{prefix}x")) }
    }

    /// What is wrong with a name, if anything.
    pub(crate) fn fault(self, name: &str) -> Option<&'static str> {
        match self {
            Self::Subdomain => (!is_subdomain(name)).then_some(SUBDOMAIN),
            Self::Label if name.contains('.') => Some("must not contain dots"),
            Self::Label => label_fault(name),
            Self::ServiceLabel => {
                let valid = is_label(name) && name.starts_with(|letter: char| letter.is_ascii_lowercase());
                (!valid).then_some(SERVICE_LABEL)
            }
            Self::PathSegment => {
                let invalid = matches!(name, "." | "..") || name.contains(['/', '%']);
                invalid.then_some("may not be '.' or '..' and may not contain '/' or '%'")
            }
        }
    }
}

/// What is wrong with a name that must be an RFC 1123 label, if anything.
pub(crate) fn label_fault(name: &str) -> Option<&'static str> {
    (!is_label(name)).then_some(LABEL)
}

/// Whether a name is an RFC 1123 label.
pub(crate) fn is_label(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    (1..=63).contains(&name.len()) && name.chars().all(allowed) && !name.starts_with('-') && !name.ends_with('-')
}

/// Whether a name is an RFC 1123 subdomain.
pub(crate) fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label)
}

fn is_word(text: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let edge = |letter: char| letter.is_ascii_alphanumeric();
    text.len() <= 63 && text.chars().all(allowed) && text.starts_with(edge) && text.ends_with(edge)
}

/// Whether text may be the key of a label.
pub(crate) fn is_label_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_word(name),
        None => is_word(key),
    }
}

/// What is wrong with labels.
pub(crate) fn label_faults(labels: &Map<String, Value>, path: &str) -> Vec<Cause> {
    let faults = labels.iter().filter_map(|(key, value)| {
        let text = value.as_str().unwrap_or_default();
        if !is_label_key(key) {
            return Some(Cause::invalid(path, &Value::from(key.as_str()), LABEL_KEY));
        }
        (!text.is_empty() && !is_word(text)).then(|| Cause::invalid(path, value, LABEL_VALUE))
    });
    faults.collect()
}

/// What is wrong with the keys of annotations.
pub(crate) fn annotation_faults(annotations: &Map<String, Value>, path: &str) -> Vec<Cause> {
    let wrong = annotations.keys().filter(|key| !is_label_key(&key.to_lowercase()));
    wrong.map(|key| Cause::invalid(path, &Value::from(key.as_str()), LABEL_KEY)).collect()
}

/// What is wrong with the names of finalizers.
pub(crate) fn finalizer_faults<'a>(names: impl Iterator<Item = &'a str>, path: &str) -> Vec<Cause> {
    let wrong = names.filter(|name| !is_label_key(name));
    wrong.map(|name| Cause::invalid(path, &Value::from(name), FINALIZER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rule_of_their_kind() {
        for (rule, name, valid) in [
            (NameRule::Subdomain, "a.b-c", true),
            (NameRule::Subdomain, "A", false),
            (NameRule::Subdomain, "a..b", false),
            (NameRule::Label, "a.b", false),
            (NameRule::ServiceLabel, "1a", false),
            (NameRule::PathSegment, "system:node", true),
            (NameRule::PathSegment, "a/b", false),
        ] {
            assert_eq!(rule.fault(name).is_none(), valid, "{name}");
        }
    }

    #[test]
    fn labels_are_checked_by_key_and_value() {
        let labels = serde_json::json!({"app.kubernetes.io/name": "x", "-a": "b", "c": "d e", "f": ""});
        assert_eq!(label_faults(labels.as_object().expect("a map"), "metadata.labels").len(), 2);
    }
}
