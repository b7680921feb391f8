//! The ID of a manifest: a cluster and objects of it.

use std::fmt;
use std::str::FromStr;

use crate::kubernetes::ObjectReference;
use crate::resources::ids::ClusterId;

/// A cluster and one object or more: `cls-65r1c5nu#apps/v1/Deployment/test/web`, separated by commas where there are several;
/// without the first part for the cluster of the provider's `kubernetes` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestId {
    /// The cluster's ID.
    pub cluster_id: Option<String>,
    /// The objects that the manifest was created or imported with. The ID stays when other objects take their place.
    pub objects: Vec<ObjectReference>,
}

impl fmt::Display for ManifestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cluster_id) = &self.cluster_id {
            write!(formatter, "{cluster_id}#")?;
        }
        let objects: Vec<_> = self.objects.iter().map(ToString::to_string).collect();
        formatter.write_str(&objects.join(","))
    }
}

impl FromStr for ManifestId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (cluster_id, objects) = match text.split_once('#') {
            Some((cluster_id, objects)) => (Some(cluster_id.parse::<ClusterId>()?.to_string()), objects),
            None => (None, text),
        };
        let objects = objects.split(',').map(|object| object.trim().parse().map_err(|error| format!("{error}")));
        Ok(Self { cluster_id, objects: objects.collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_a_cluster_and_its_objects() {
        for text in
            ["cls-65r1c5nu#apps/v1/Deployment/test/web", "v1/Namespace//test", "cls-a#v1/Namespace//a,v1/Secret/a/b"]
        {
            assert_eq!(text.parse::<ManifestId>().unwrap().to_string(), text);
        }
        assert_eq!("v1/Namespace//a, v1/Secret/a/b".parse::<ManifestId>().unwrap().objects.len(), 2);
        for wrong in ["", "cls-a#", "vpc-a#v1/Namespace//a", "cls-a#test", "v1/Secret/a/b,"] {
            assert!(wrong.parse::<ManifestId>().unwrap_err().starts_with("expected "), "{wrong}");
        }
    }
}
