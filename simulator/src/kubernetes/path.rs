//! What a request is about: the meaning of its path, method and query (Kubernetes documentation, "API Concepts").

use std::collections::HashMap;

use axum::extract::Query;
use http::{Method, Uri};

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A resource, or an object of one.
    Resource(ResourcePath),
    /// Anything else: discovery, health, version.
    Other(String),
}

/// The parts of a resource's path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResourcePath {
    /// The API group; empty for the core group.
    pub(crate) group: String,
    /// The version.
    pub(crate) version: String,
    /// The namespace, where the path names one; for a namespace, itself.
    pub(crate) namespace: Option<String>,
    /// The name of the resource.
    pub(crate) plural: String,
    /// The name of the object.
    pub(crate) name: Option<String>,
    /// The subresource.
    pub(crate) subresource: Option<String>,
}

impl Target {
    /// Reads a path.
    pub(crate) fn parse(path: &str) -> Self {
        let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let resource = match segments[..] {
            ["api", version, ref rest @ ..] => ResourcePath::parse("", version, rest),
            ["apis", group, version, ref rest @ ..] => ResourcePath::parse(group, version, rest),
            _ => None,
        };
        resource.map_or_else(|| Self::Other(path.to_owned()), Self::Resource)
    }
}

impl ResourcePath {
    fn parse(group: &str, version: &str, rest: &[&str]) -> Option<Self> {
        let (namespace, rest) = match rest {
            ["namespaces", namespace, "status" | "finalize"] => (Some(*namespace), rest),
            ["namespaces", namespace, below @ ..] if !below.is_empty() => (Some(*namespace), below),
            ["namespaces", namespace] => (Some(*namespace), rest),
            _ => (None, rest),
        };
        let (plural, name, subresource) = match rest {
            [plural] => (plural, None, None),
            [plural, name] => (plural, Some(name), None),
            [plural, name, subresource] => (plural, Some(name), Some(subresource)),
            _ => return None,
        };
        let owned = |text: &&str| (*text).to_owned();
        Some(Self {
            group: group.to_owned(),
            version: version.to_owned(),
            namespace: namespace.map(str::to_owned),
            plural: owned(plural),
            name: name.map(owned),
            subresource: subresource.map(owned),
        })
    }

    /// The verb that a method means here, as roles name it.
    pub(crate) fn verb(&self, method: &Method, parameters: &Parameters) -> Option<&'static str> {
        Some(match (method.as_str(), &self.name) {
            ("GET" | "HEAD", _) if parameters.flag("watch") => "watch",
            ("GET" | "HEAD", Some(_)) => "get",
            ("GET" | "HEAD", None) => "list",
            ("POST", _) => "create",
            ("PUT", Some(_)) => "update",
            ("PATCH", Some(_)) => "patch",
            ("DELETE", Some(_)) => "delete",
            ("DELETE", None) => "deletecollection",
            _ => return None,
        })
    }
}

/// The query of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters(HashMap<String, String>);

impl Parameters {
    /// Reads a query; one that cannot be read is empty.
    pub(crate) fn parse(uri: &Uri) -> Self {
        Self(Query::try_from_uri(uri).map(|Query(parameters)| parameters).unwrap_or_default())
    }

    /// A parameter's text; empty when it is not given.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Whether a parameter says yes.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), "true" | "1")
    }

    /// A parameter's number.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.text(name).parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(path: &str) -> ResourcePath {
        match Target::parse(path) {
            Target::Resource(resource) => resource,
            Target::Other(path) => panic!("{path} names no resource"),
        }
    }

    #[test]
    fn paths_name_resources_objects_and_subresources() {
        let pods = resource("/api/v1/namespaces/test/pods");
        assert_eq!((pods.namespace.as_deref(), pods.plural.as_str(), pods.name), (Some("test"), "pods", None));
        let scale = resource("/apis/apps/v1/namespaces/test/deployments/d/scale");
        assert_eq!((scale.group.as_str(), scale.subresource.as_deref()), ("apps", Some("scale")));
        let node = resource("/api/v1/nodes/n");
        assert_eq!((node.namespace, node.name.as_deref()), (None, Some("n")));
    }

    #[test]
    fn a_namespace_is_in_itself() {
        let namespace = resource("/api/v1/namespaces/test");
        assert_eq!((namespace.plural.as_str(), namespace.name.as_deref()), ("namespaces", Some("test")));
        assert_eq!(namespace.namespace.as_deref(), Some("test"));
        assert_eq!(resource("/api/v1/namespaces/test/finalize").subresource.as_deref(), Some("finalize"));
        assert_eq!(resource("/api/v1/namespaces").name, None);
    }

    #[test]
    fn everything_else_is_a_plain_path() {
        for path in ["/api/v1", "/apis/apps/v1", "/version", "/", "/api/v1/a/b/c/d"] {
            assert_eq!(Target::parse(path), Target::Other(path.to_owned()));
        }
    }
}
