//! The address of one object in a cluster.

use std::fmt;
use std::str::FromStr;

use kube::api::TypeMeta;

use super::kinds;

/// Which object: kind with its API version, namespace (empty for kinds without one) and name.
/// As text: `apps/v1/Deployment/test/cluster1`, `v1/Namespace//test`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectReference {
    /// Group and version as in a manifest, for example `apps/v1`.
    pub api_version: String,
    /// The kind, for example `Deployment`.
    pub kind: String,
    /// The namespace; `None` for kinds without one.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl ObjectReference {
    /// The API group, empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The version within the group.
    pub fn version(&self) -> &str {
        self.api_version.rsplit('/').next().unwrap_or_default()
    }

    /// `apiVersion` and `kind` as kube wants them.
    pub fn type_meta(&self) -> TypeMeta {
        TypeMeta { api_version: self.api_version.clone(), kind: self.kind.clone() }
    }

    /// Whether both name the same object, be it in different versions of its API. Without a namespace it may be in `default`.
    pub fn is_same(&self, other: &Self) -> bool {
        let namespace = |object: &Self| object.namespace.clone().unwrap_or_else(|| "default".into());
        let named = |object: &Self| (object.group().to_owned(), object.kind.clone(), object.name.clone());
        named(self) == named(other) && namespace(self) == namespace(other)
    }

    /// Where the object's kind stands when several objects are applied: what others need comes first. Deletion goes the
    /// other way.
    pub fn rank(&self) -> usize {
        kinds::rank(&self.kind)
    }

    /// For people: `Deployment test/cluster1`.
    pub fn title(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {namespace}/{}", self.kind, self.name),
            None => format!("{} {}", self.kind, self.name),
        }
    }
}

impl fmt::Display for ObjectReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.api_version, self.kind, self.namespace.as_deref().unwrap_or(""), self.name)
    }
}

/// A text that is no object reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected `apiVersion/Kind/namespace/name`, for example `apps/v1/Deployment/test/web` or `v1/Namespace//test`, got `{0}`"
)]
pub struct BadReference(String);

impl FromStr for ObjectReference {
    type Err = BadReference;

    fn from_str(text: &str) -> Result<Self, BadReference> {
        let bad = || BadReference(text.into());
        let parts: Vec<&str> = text.split('/').collect();
        let (api_version, rest) = match parts.as_slice() {
            [version, rest @ ..] if rest.len() == 3 => ((*version).to_owned(), rest),
            [group, version, rest @ ..] if rest.len() == 3 => (format!("{group}/{version}"), rest),
            _ => return Err(bad()),
        };
        let [kind, namespace, name] = rest else { return Err(bad()) };
        if api_version.is_empty() || kind.is_empty() || name.is_empty() {
            return Err(bad());
        }
        let namespace = (!namespace.is_empty()).then(|| (*namespace).to_owned());
        Ok(Self { api_version, kind: (*kind).into(), namespace, name: (*name).into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_survives_its_text_form() {
        for text in
            ["apps/v1/Deployment/test/cluster1", "v1/Namespace//test", "networking.istio.io/v1beta1/Gateway/a/b"]
        {
            assert_eq!(text.parse::<ObjectReference>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_text_that_is_no_reference_is_refused_with_an_example() {
        for text in ["", "test", "v1/Namespace/test", "v1/ConfigMap/a/", "a/b/c/d/e/f"] {
            let error = text.parse::<ObjectReference>().unwrap_err().to_string();
            assert!(error.contains("apps/v1/Deployment/test/web"), "{error}");
        }
    }

    #[test]
    fn the_same_object_in_another_version_is_the_same() {
        let object = |text: &str| text.parse::<ObjectReference>().unwrap();
        assert!(object("a.b/v1/Role/x/y").is_same(&object("a.b/v2/Role/x/y")));
        assert!(object("a.b/v1/Role//y").is_same(&object("a.b/v1/Role/default/y")));
        for other in ["c.d/v1/Role/x/y", "a.b/v1/Rule/x/y", "a.b/v1/Role/z/y", "a.b/v1/Role/x/z"] {
            assert!(!object("a.b/v1/Role/x/y").is_same(&object(other)), "{other}");
        }
    }

    #[test]
    fn group_and_version_are_told_apart() {
        let core: ObjectReference = "v1/Secret/a/b".parse().unwrap();
        assert_eq!((core.group(), core.version()), ("", "v1"));
        let apps: ObjectReference = "apps/v1/Deployment/a/b".parse().unwrap();
        assert_eq!((apps.group(), apps.version()), ("apps", "v1"));
    }
}
