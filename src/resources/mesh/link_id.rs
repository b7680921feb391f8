//! The IDs of what is in a mesh: parts joined by `#`, as the stock provider joins them.

use std::fmt;
use std::str::FromStr;

use crate::resources::ids::{ClusterId, MeshId};
use crate::resources::names;

/// The ID of a cluster in a mesh, for example `mesh-rofjmxxx#cls-65r1c5nu`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkId {
    /// The mesh.
    pub mesh: MeshId,
    /// The cluster.
    pub cluster: ClusterId,
}

/// The ID of an ingress gateway, for example `mesh-rofjmxxx#cls-65r1c5nu#istio-system#istio-ingressgateway`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayId {
    /// The cluster that it is in, and the mesh.
    pub link: LinkId,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl LinkId {
    /// The ID of a cluster in a mesh.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn new(mesh_id: &str, cluster_id: &str) -> Result<Self, String> {
        Ok(Self { mesh: mesh_id.parse()?, cluster: cluster_id.parse()? })
    }
}

impl fmt::Display for LinkId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}", self.mesh, self.cluster)
    }
}

impl FromStr for LinkId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let [mesh, cluster] = parts(text).ok_or("expected an ID such as `mesh-rofjmxxx#cls-65r1c5nu`")?;
        Self::new(mesh, cluster)
    }
}

impl fmt::Display for GatewayId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { link, namespace, name } = self;
        write!(formatter, "{link}#{namespace}#{name}")
    }
}

impl FromStr for GatewayId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "expected an ID such as `mesh-rofjmxxx#cls-65r1c5nu#istio-system#istio-ingressgateway`";
        let [mesh, cluster, namespace, name] = parts(text).ok_or(example)?;
        let link = LinkId::new(mesh, cluster)?;
        for label in [namespace, name] {
            names::label(label)?;
        }
        Ok(Self { link, namespace: namespace.into(), name: name.into() })
    }
}

fn parts<const N: usize>(text: &str) -> Option<[&str; N]> {
    text.split('#').collect::<Vec<_>>().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_their_text() {
        for text in ["mesh-1#cls-2", "mesh-rofjmxxx#cls-65r1c5nu"] {
            assert_eq!(text.parse::<LinkId>().unwrap().to_string(), text);
            let gateway = format!("{text}#istio-system#istio-ingressgateway");
            assert_eq!(gateway.parse::<GatewayId>().unwrap().to_string(), gateway);
        }
    }

    #[test]
    fn a_wrong_id_is_told_what_was_expected() {
        let wrong = |text: &str| text.parse::<LinkId>().unwrap_err();
        assert_eq!(wrong("mesh-1"), "expected an ID such as `mesh-rofjmxxx#cls-65r1c5nu`");
        assert_eq!(wrong("mesh-1#vpc-1"), "expected an ID such as `cls-65r1c5nu`, found `vpc-1`");
        assert!("mesh-1#cls-1#Istio#gw".parse::<GatewayId>().unwrap_err().contains("lower case"));
        assert!("mesh-1#cls-1#istio-system".parse::<GatewayId>().is_err());
    }
}
