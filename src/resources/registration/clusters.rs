//! `tcmesh_clusters`: the clusters of an account in a region.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::found::{self, Found};
use crate::framework::{Computed, DataSource, Error, Model};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::scope::Scope;

/// The clusters of the provider's account and region: of TKE, managed and independent, and serverless ones.
///
/// All filters must let a cluster through. Where none comes through, the lists are empty.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Clusters {
    /// Only clusters in this VPC, for example `vpc-hub00001`.
    #[tf(optional, check = checks::vpc)]
    pub vpc_id: Option<String>,
    /// Only clusters of this kind: `TKE` or `EKS` (serverless).
    #[tf(optional, one_of("TKE", "EKS"))]
    pub kind: Option<String>,
    /// Only clusters with exactly this name, for example `cluster1`. Names need not be unique.
    #[tf(optional)]
    pub name: Option<String>,
    /// Only clusters with all of these tags, for example `{ team = "network" }`.
    #[tf(optional)]
    pub tags: BTreeMap<String, String>,
    /// The IDs, in order, for example `["cls-app00002", "cls-hub00001"]`.
    #[tf(computed)]
    pub ids: Computed<Vec<String>>,
    /// The clusters, in the order of their IDs.
    #[tf(computed)]
    pub clusters: Computed<Vec<ListedCluster>>,
}

/// A cluster.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct ListedCluster {
    /// The ID, for example `cls-hub00001`.
    #[tf(computed)]
    pub id: Computed<String>,
    /// The name, for example `cluster1`.
    #[tf(computed)]
    pub name: Computed<String>,
    /// What it is to a mesh: `TKE` or `EKS`.
    #[tf(computed)]
    pub kind: Computed<String>,
    /// The region, for example `ap-guangzhou`.
    #[tf(computed)]
    pub region: Computed<String>,
    /// The VPC, for example `vpc-hub00001`.
    #[tf(computed)]
    pub vpc_id: Computed<String>,
    /// Where pods have their addresses from: `GR` (Global Router), `VPC-CNI` or `CiliumOverlay`; null where the API does not say.
    #[tf(computed)]
    pub network: Computed<String>,
    /// The addresses of the pods, for example `172.16.0.0/18`; null where they are those of the VPC.
    #[tf(computed)]
    pub cluster_cidr: Computed<String>,
    /// The addresses of the services, for example `172.16.64.0/20`.
    #[tf(computed)]
    pub service_cidr: Computed<String>,
    /// The version of Kubernetes, for example `1.30.0`.
    #[tf(computed)]
    pub version: Computed<String>,
    /// The state, for example `Running`.
    #[tf(computed)]
    pub status: Computed<String>,
}

impl ListedCluster {
    fn of(found: Found, region: &str) -> Self {
        let Found { id, name, kind, vpc_id, network, cluster_cidr, service_cidr, version, status, .. } = found;
        Self {
            id: id.into(),
            name: name.into(),
            kind: kind.into(),
            region: region.into(),
            vpc_id: vpc_id.into(),
            network: network.into(),
            cluster_cidr: cluster_cidr.into(),
            service_cidr: service_cidr.into(),
            version: version.into(),
            status: status.into(),
        }
    }
}

impl Clusters {
    fn wants(&self, found: &Found) -> bool {
        let Self { vpc_id, kind, name, tags, .. } = self;
        vpc_id.as_ref().is_none_or(|vpc_id| found.vpc_id.as_ref() == Some(vpc_id))
            && kind.as_ref().is_none_or(|kind| found.kind == kind)
            && name.as_ref().is_none_or(|name| found.name.as_ref() == Some(name))
            && tags.iter().all(|(key, value)| found.tags.get(key) == Some(value))
    }
}

/// The data source.
pub struct ClustersSource(Arc<Context>);

impl DataSource for ClustersSource {
    const NAME: &'static str = "clusters";
    type Configuration = Context;
    type Model = Clusters;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    async fn read(&self, scope: &Scope, config: Clusters) -> Result<Clusters, Error> {
        let client = &self.0.cloud;
        let mut found = found::all(scope, client).await.doing(|| "list the clusters".into())?;
        found.retain(|cluster| config.wants(cluster));
        let ids: Vec<String> = found.iter().map(|cluster| cluster.id.clone()).collect();
        let clusters: Vec<_> = found.into_iter().map(|cluster| ListedCluster::of(cluster, client.region())).collect();
        Ok(Clusters { ids: ids.into(), clusters: clusters.into(), ..config })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_filters_must_let_a_cluster_through() {
        let tags = |value: &str| BTreeMap::from([("team".to_owned(), value.to_owned())]);
        let cluster = Found {
            kind: found::TKE,
            name: Some("cluster1".into()),
            vpc_id: Some("vpc-1".into()),
            tags: tags("network").into_iter().chain([("stage".to_owned(), "test".to_owned())]).collect(),
            ..Found::default()
        };
        let wanted = Clusters {
            kind: Some("TKE".into()),
            name: Some("cluster1".into()),
            vpc_id: Some("vpc-1".into()),
            tags: tags("network"),
            ..Clusters::default()
        };
        assert!(wanted.wants(&cluster) && Clusters::default().wants(&cluster));
        let others = [
            Clusters { kind: Some("EKS".into()), ..wanted.clone() },
            Clusters { name: Some("cluster".into()), ..wanted.clone() },
            Clusters { vpc_id: Some("vpc-2".into()), ..wanted.clone() },
            Clusters { tags: tags("platform"), ..wanted },
        ];
        assert!(others.iter().all(|other| !other.wants(&cluster)));
    }
}
