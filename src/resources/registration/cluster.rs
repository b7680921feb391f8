//! `tcmesh_cluster`: one cluster of an account in a region.

use std::sync::Arc;

use super::found::{self, Found};
use crate::cloud::api::tke;
use crate::cloud::{self, Client};
use crate::framework::{Computed, DataSource, Diagnostic, Diagnostics, Error, Model, Planned};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::scope::Scope;

/// One cluster of the provider's account and region, by its ID or by its name.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Cluster {
    /// The ID, for example `cls-hub00001`. Set this or `name`.
    #[tf(optional, computed, check = checks::cluster)]
    pub cluster_id: Computed<String>,
    /// The name, for example `cluster1`. Set this or `cluster_id`; it is an error where several clusters have it.
    #[tf(optional, computed)]
    pub name: Computed<String>,
    /// What it is to a mesh: `TKE` or `EKS` (serverless).
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
    /// Who runs the control plane: `managed` (the cloud, outside the VPC), `independent` (the user, in the VPC), `serverless` or
    /// `unknown`. A managed one cannot reach the webhooks of a mesh in another account.
    #[tf(computed)]
    pub control_plane: Computed<String>,
    /// Where its API is reached; null for a serverless cluster.
    #[tf(computed)]
    pub endpoints: Computed<Endpoints>,
}

/// Addresses of a cluster's API; null for an endpoint that is not open.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Endpoints {
    /// The address within the VPC, for example `10.0.1.10`.
    #[tf(computed)]
    pub intranet: Computed<String>,
    /// The public address, for example `203.0.113.10`.
    #[tf(computed)]
    pub extranet: Computed<String>,
}

impl Cluster {
    fn of(found: Found, region: &str, endpoints: Option<Endpoints>) -> Self {
        let Found { id, name, kind, control_plane, vpc_id, network, cluster_cidr, service_cidr, .. } = found;
        Self {
            cluster_id: id.into(),
            name: name.into(),
            kind: kind.into(),
            region: region.into(),
            vpc_id: vpc_id.into(),
            network: network.into(),
            cluster_cidr: cluster_cidr.into(),
            service_cidr: service_cidr.into(),
            version: found.version.into(),
            status: found.status.into(),
            control_plane: control_plane.into(),
            endpoints: endpoints.into(),
        }
    }
}

impl From<tke::DescribeClusterEndpointsResponse> for Endpoints {
    fn from(found: tke::DescribeClusterEndpointsResponse) -> Self {
        let open = |address: Option<String>| address.filter(|address| !address.is_empty());
        Self {
            intranet: open(found.cluster_intranet_endpoint).into(),
            extranet: open(found.cluster_external_endpoint).into(),
        }
    }
}

/// The data source.
pub struct ClusterSource(Arc<Context>);

impl DataSource for ClusterSource {
    const NAME: &'static str = "cluster";
    type Configuration = Context;
    type Model = Cluster;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    fn check(config: &Planned<'_, Cluster>, diagnostics: &mut Diagnostics) {
        if config.is_configured("cluster_id") == config.is_configured("name") {
            diagnostics.error("cluster_id", "Which cluster?", "Set exactly one of `cluster_id` and `name`.");
        }
    }

    async fn read(&self, scope: &Scope, config: Cluster) -> Result<Cluster, Error> {
        let client = &self.0.cloud;
        let candidates = candidates(scope, client, &config).await.doing(|| "look up the cluster".into())?;
        let account_id = client.account(scope).await?;
        let found = the_one(candidates, &config, &account_id, client.region())?;
        let doing = || format!("look at the endpoints of the cluster {}", found.id);
        let endpoints = endpoints(scope, client, &found).await.doing(doing)?;
        Ok(Cluster::of(found, client.region(), endpoints))
    }
}

async fn candidates(scope: &Scope, client: &Client, config: &Cluster) -> Result<Vec<Found>, cloud::Error> {
    if let Some(id) = config.cluster_id.get() {
        return Ok(found::by_id(scope, client, id).await?.into_iter().collect());
    }
    let mut all = found::all(scope, client).await?;
    all.retain(|cluster| cluster.name.as_ref() == config.name.get());
    Ok(all)
}

fn the_one(mut found: Vec<Found>, config: &Cluster, account_id: &str, region: &str) -> Result<Found, Error> {
    let by_id = config.cluster_id.get().map(|id| ("cluster_id", id));
    let (attribute, wanted) = by_id.or_else(|| Some(("name", config.name.get()?))).unzip();
    let (attribute, wanted) = (attribute.unwrap_or_default(), wanted.map_or("", String::as_str));
    if found.len() > 1 {
        let ids: Vec<&str> = found.iter().map(|cluster| cluster.id.as_str()).collect();
        let ids = ids.join(", ");
        let detail = format!(
            "Account {account_id} has several clusters `{wanted}` in {region}: {ids}. Set `cluster_id` instead."
        );
        return Err(Diagnostic::error("Several clusters of this name", detail).at(attribute).into());
    }
    found.pop().ok_or_else(|| {
        let detail = format!(
            "Account {account_id} has no TKE or serverless cluster `{wanted}` in {region}. A cluster of another account or \
             region needs the provider configuration (alias) of that account and region."
        );
        Diagnostic::error("No such cluster", detail).at(attribute).into()
    })
}

async fn endpoints(scope: &Scope, client: &Client, found: &Found) -> Result<Option<Endpoints>, cloud::Error> {
    if found.kind == found::EKS {
        return Ok(None);
    }
    let action = tke::DescribeClusterEndpoints { cluster_id: found.id.clone() };
    Ok(Some(client.send(scope, &action).await?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: &str) -> Found {
        Found { id: id.into(), name: Some("twin".into()), ..Found::default() }
    }

    fn refused(found: Vec<Found>, config: &Cluster) -> (String, String) {
        let error = the_one(found, config, "100000000001", "ap-guangzhou").unwrap_err();
        let diagnostic = error.diagnostics().iter().next().unwrap();
        (diagnostic.path.to_string(), diagnostic.detail.clone())
    }

    #[test]
    fn a_name_that_two_clusters_have_names_both() {
        let config = Cluster { name: "twin".into(), ..Cluster::default() };
        let (path, detail) = refused(vec![named("cls-1"), named("cls-2")], &config);
        assert_eq!(path, "name");
        assert!(detail.contains("several clusters `twin` in ap-guangzhou: cls-1, cls-2."), "{detail}");
    }

    #[test]
    fn a_cluster_that_is_not_there_is_an_error_that_names_account_and_region() {
        let config = Cluster { cluster_id: "cls-9".into(), ..Cluster::default() };
        let (path, detail) = refused(vec![], &config);
        assert_eq!(path, "cluster_id");
        let expected = "Account 100000000001 has no TKE or serverless cluster `cls-9` in ap-guangzhou.";
        assert!(detail.starts_with(expected), "{detail}");
    }
}
