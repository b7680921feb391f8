//! Names of Kubernetes and of Istio, checked by form.
//!
//! Sources: Kubernetes documentation, Object Names and IDs, Labels and Selectors; Istio's reference and validation of gateways and
//! virtual services.

use std::collections::BTreeMap;

/// The gateway that stands for the sidecars of the mesh.
pub const MESH: &str = "mesh";

/// A name of one label: lower case letters, digits and `-`.
///
/// # Errors
/// A sentence that says what was expected.
pub fn label(text: &str) -> Result<(), String> {
    if is_label(text) {
        return Ok(());
    }
    Err(format!("Expected lower case letters, digits and `-`, at most 63, such as `cluster1`; found `{text}`."))
}

/// A name of labels with periods between them.
///
/// # Errors
/// A sentence that says what was expected.
pub fn subdomain(text: &str) -> Result<(), String> {
    if text.len() <= 253 && text.split('.').all(is_label) {
        return Ok(());
    }
    Err(format!("Expected lower case letters, digits, `-` and `.`, at most 253, such as `cluster1`; found `{text}`."))
}

/// Labels of an object or of pods.
///
/// # Errors
/// A sentence that says what was expected.
pub fn labels(labels: &BTreeMap<String, String>) -> Result<(), String> {
    annotations(labels)?;
    let is_value = |text: &str| text.is_empty() || is_qualified(text);
    match labels.iter().find(|(_, value)| !is_value(value)) {
        None => Ok(()),
        Some((key, value)) => Err(format!(
            "Expected at most 63 letters, digits, `-`, `_` and `.` as the value of `{key}`; found `{value}`."
        )),
    }
}

/// Annotations of an object: their names are those of labels, their values are free.
///
/// # Errors
/// A sentence that says what was expected.
pub fn annotations(annotations: &BTreeMap<String, String>) -> Result<(), String> {
    let is_key = |key: &str| match key.split_once('/') {
        Some((prefix, name)) => prefix.len() <= 253 && prefix.split('.').all(is_label) && is_qualified(name),
        None => is_qualified(key),
    };
    match annotations.keys().find(|key| !is_key(key)) {
        None => Ok(()),
        Some(key) => Err(format!("Expected names such as `app` or `example.com/team`; found `{key}`.")),
    }
}

/// A host of a route: a name, an address, `*`, or a name with a wildcard as its first label.
///
/// # Errors
/// A sentence that says what was expected.
pub fn host(text: &str) -> Result<(), String> {
    if is_host(text) || text.parse::<std::net::IpAddr>().is_ok() {
        return Ok(());
    }
    Err(format!("Expected a host such as `www.example.com` or `*.example.com`; found `{text}`."))
}

/// A host of a gateway: as that of a route, with a period in it, and the namespace of the routes that may take it before it.
///
/// # Errors
/// A sentence that says what was expected.
pub fn server_host(text: &str) -> Result<(), String> {
    let (namespace, host) = text.split_once('/').unwrap_or(("*", text));
    let is_full = host == "*" || host.contains('.');
    let is_namespace = matches!(namespace, "*" | ".") || is_label(namespace);
    if is_namespace && is_full && is_host(host) {
        return Ok(());
    }
    Err(format!(
        "Expected a full host such as `www.example.com`, `*.example.com`, `*` or `namespace/*.example.com`; found `{text}`."
    ))
}

/// A service's host: a name without wildcard.
///
/// # Errors
/// A sentence that says what was expected.
pub fn service_host(text: &str) -> Result<(), String> {
    if is_host(text) && !text.starts_with('*') {
        return Ok(());
    }
    Err(format!("Expected the host of a service such as `cluster1.test.svc.cluster.local`; found `{text}`."))
}

/// A reference to a gateway: `name`, `namespace/name` or `mesh`.
///
/// # Errors
/// A sentence that says what was expected.
pub fn gateway(text: &str) -> Result<(), String> {
    let (namespace, name) = text.split_once('/').unwrap_or((MESH, text));
    if is_label(namespace) && is_label(name) {
        return Ok(());
    }
    Err(format!("Expected `namespace/name` of a gateway, or `mesh` for the sidecars; found `{text}`."))
}

/// A namespace that sees a route, `.` for the route's own, or `*` for all.
///
/// # Errors
/// A sentence that says what was expected.
pub fn export(text: &str) -> Result<(), String> {
    if matches!(text, "*" | ".") || is_label(text) {
        return Ok(());
    }
    Err(format!("Expected a namespace, `.` for the route's own, or `*` for all; found `{text}`."))
}

fn is_label(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&text.len()) && text.chars().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_qualified(text: &str) -> bool {
    let outer = |c: char| c.is_ascii_alphanumeric();
    let inner = |c: char| outer(c) || matches!(c, '-' | '_' | '.');
    (1..=63).contains(&text.len()) && text.chars().all(inner) && text.starts_with(outer) && text.ends_with(outer)
}

fn is_host(text: &str) -> bool {
    let name = match text.strip_prefix('*') {
        None => text,
        Some("") => return true,
        // The first label may be a wildcard, or end a wildcard: `*.example.com`, `*-api.example.com`.
        Some(rest) => match rest.strip_prefix(['.', '-']) {
            Some(name) => name,
            None => return false,
        },
    };
    text.len() <= 255 && name.split('.').all(|part| is_label(&part.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(check: fn(&str) -> Result<(), String>, good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for text in bad {
            let problem = check(text).expect_err(text);
            assert!(problem.starts_with("Expected ") && problem.ends_with(&format!("found `{text}`.")), "{problem}");
        }
    }

    #[test]
    fn names_are_those_of_kubernetes() {
        accepts(label, &["a", "cluster1", "a-b"], &["", "A", "a.b", "-a", "a-", "a b", &"a".repeat(64)]);
        accepts(subdomain, &["a.b", "a"], &["", "a..b", "A.b", ".a"]);
    }

    #[test]
    fn labels_have_keys_and_values_of_their_form() {
        let one = |key: &str, value: &str| labels(&BTreeMap::from([(key.to_owned(), value.to_owned())]));
        assert!(one("app", "istio-ingressgateway").is_ok() && one("example.com/team", "").is_ok());
        assert!(one("app", "a b").unwrap_err().contains("value of `app`"));
        for key in ["", "a b", "Example.com/a", "example.com/", "a/b/c"] {
            assert!(one(key, "").unwrap_err().contains(&format!("found `{key}`")), "{key}");
        }
        let free = BTreeMap::from([("note".to_owned(), "anything at all".to_owned())]);
        assert!(annotations(&free).is_ok() && labels(&free).is_err());
    }

    #[test]
    fn a_wildcard_stands_first_or_alone() {
        let good =
            ["*", "*.example.com", "*-api.example.com", "www.example.com", "reviews", "10.0.0.1", "WWW.example.com"];
        accepts(host, &good, &["", "a.*.com", "**.a", "*a.com", "a b", "http://a.com", "a_b.com", "a.com/"]);
        accepts(service_host, &["reviews", "a.test.svc.cluster.local"], &["*", "*.a.com", ""]);
    }

    #[test]
    fn a_gateway_takes_full_hosts_with_a_namespace_before_them() {
        let good = ["*", "*.example.com", "a.b", "test/a.b", "./a.b", "*/a.b", "test/*"];
        accepts(server_host, &good, &["reviews", "Test/a.b", "a/b/c.d", "test/", "10.0.0.0/8"]);
    }

    #[test]
    fn gateways_and_exports_are_named_as_istio_names_them() {
        accepts(gateway, &["cluster", "istio-system/cluster", "mesh"], &["", "a/b/c", "a.b/c", "/a", "a/", "./a"]);
        accepts(export, &["*", ".", "test"], &["", "a/b", "~", "A"]);
    }
}
