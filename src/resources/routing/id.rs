//! The ID of one object in one cluster.

use std::fmt;
use std::str::FromStr;

use crate::kubernetes::ObjectReference;
use crate::resources::ids::ClusterId;

/// Cluster, namespace and name: `cls-65r1c5nu#test#cluster1`; without the first part for the cluster of the provider's
/// `kubernetes` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectId {
    /// The cluster's ID.
    pub cluster_id: Option<String>,
    /// The object's namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
}

impl ObjectId {
    /// The object of a kind that has this ID.
    pub(super) fn object(&self, api_version: &str, kind: &str) -> ObjectReference {
        ObjectReference {
            api_version: api_version.into(),
            kind: kind.into(),
            namespace: Some(self.namespace.clone()),
            name: self.name.clone(),
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cluster_id) = &self.cluster_id {
            write!(formatter, "{cluster_id}#")?;
        }
        write!(formatter, "{}#{}", self.namespace, self.name)
    }
}

impl FromStr for ObjectId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('#').collect();
        let (cluster_id, rest) = match parts.as_slice() {
            [cluster_id, rest @ ..] if rest.len() == 2 => (Some(cluster_id.parse::<ClusterId>()?.to_string()), rest),
            rest => (None, rest),
        };
        match rest {
            [namespace, name] if !namespace.is_empty() && !name.is_empty() => {
                Ok(Self { cluster_id, namespace: (*namespace).into(), name: (*name).into() })
            }
            _ => Err("expected `cluster#namespace#name`, such as `cls-65r1c5nu#test#cluster1`".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_cluster_namespace_and_name() {
        for text in ["cls-65r1c5nu#test#cluster1", "test#cluster1"] {
            assert_eq!(text.parse::<ObjectId>().unwrap().to_string(), text);
        }
        for wrong in ["", "cluster1", "vpc-1#test#cluster1", "#test#", "a#b#c#d", "test#"] {
            assert!(wrong.parse::<ObjectId>().unwrap_err().starts_with("expected "), "{wrong}");
        }
    }
}
