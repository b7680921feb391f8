//! Where a cluster is, as the mesh wants to know it: region, VPC and subnet.

use super::kind;
use super::mesh_cluster::MeshCluster;
use super::standing::{Failure, Goal, Standing, reach};
use crate::cloud::api::tdcc::{DescribeExternalClusters, DescribeHubClusters, ExternalCluster, ExternalClusterState};
use crate::cloud::api::{Filter, tke, vpc};
use crate::cloud::{self, Client, page};
use crate::framework::{Diagnostic, Error};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::scope::Scope;

/// Where a cluster is, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The region; of a registered cluster that of its hub.
    pub(super) region: Option<String>,
    /// The VPC; of a registered cluster that of its hub.
    pub(super) vpc_id: Option<String>,
    /// The subnet; of a registered cluster that of its hub.
    pub(super) subnet_id: Option<String>,
}

impl Place {
    /// Where to link a cluster: where the plan says so, and of the rest where the cloud says so. A registered cluster is
    /// running then, as far as that can be asked.
    ///
    /// # Errors
    /// At the attribute that is missing; no such cluster; any of a call.
    pub(super) async fn of(scope: &Scope, context: &Context, plan: &MeshCluster) -> Result<Self, Error> {
        let MeshCluster { cluster_id: id, cluster_kind: kind, region, vpc_id, subnet_id, .. } = plan;
        let [region, vpc_id, subnet_id] = [region, vpc_id, subnet_id].map(|part| part.get().cloned());
        let given = Self { region, vpc_id, subnet_id };
        let asks_tdcc = kind::is_registered(kind, context) && context.tdcc_enabled;
        if asks_tdcc {
            registered(scope, &context.cloud, id).await?;
        }
        let client = context.in_region(&plan.region);
        let found = match kind.as_str() {
            _ if given.missing().is_none() => Self::default(),
            "TKE" => Self::of_tke(scope, &client, id).await?,
            "EKS" => Self::of_eks(scope, &client, id).await?,
            _ if asks_tdcc => Self::of_hub(scope, &context.cloud).await?,
            _ => Self::default(),
        };
        let place = given.or(found);
        place.missing().map_or_else(|| Ok(place.clone()), |name| Err(missing(name, kind, context).into()))
    }

    fn missing(&self) -> Option<&'static str> {
        let parts = [("region", &self.region), ("vpc_id", &self.vpc_id), ("subnet_id", &self.subnet_id)];
        parts.into_iter().find_map(|(name, part)| part.is_none().then_some(name))
    }

    /// What is known here, and of the rest what is known there.
    fn or(self, other: Self) -> Self {
        Self {
            region: self.region.or(other.region),
            vpc_id: self.vpc_id.or(other.vpc_id),
            subnet_id: self.subnet_id.or(other.subnet_id),
        }
    }

    /// Where a TKE cluster of the caller's is.
    ///
    /// # Errors
    /// At `cluster_id` where there is no such cluster; any of a call.
    async fn of_tke(scope: &Scope, client: &Client, cluster_id: &str) -> Result<Self, Error> {
        let doing = || format!("look up the cluster {cluster_id}");
        let found = client.send(scope, &tke::DescribeClusters::by_id(cluster_id)).await.doing(doing)?;
        let Some(cluster) = found.clusters.into_iter().next() else {
            return Err(unknown(scope, client, "TKE", cluster_id).await?);
        };
        let network = cluster.cluster_network_settings.unwrap_or_default();
        let region = Some(client.region().to_owned());
        let vpc_id = network.vpc_id.filter(|id| !id.is_empty());
        let subnet_id = match (network.subnets.into_iter().next(), &vpc_id) {
            (None, Some(vpc_id)) => roomiest_subnet(scope, client, vpc_id).await.doing(doing)?,
            (subnet_id, _) => subnet_id,
        };
        Ok(Self { region, vpc_id, subnet_id })
    }

    /// Where a serverless cluster of the caller's is.
    ///
    /// # Errors
    /// As of [`of_tke`](Self::of_tke).
    async fn of_eks(scope: &Scope, client: &Client, cluster_id: &str) -> Result<Self, Error> {
        let action = tke::DescribeEKSClusters { cluster_ids: Some(vec![cluster_id.into()]), ..Default::default() };
        let found = client.send(scope, &action).await.doing(|| format!("look up the cluster {cluster_id}"))?;
        let Some(cluster) = found.clusters.into_iter().next() else {
            return Err(unknown(scope, client, "serverless", cluster_id).await?);
        };
        let subnet_id = cluster.subnet_ids.into_iter().next();
        Ok(Self { region: Some(client.region().to_owned()), vpc_id: cluster.vpc_id, subnet_id })
    }

    /// Where the hub of the caller's registered clusters is: the mesh reaches them there.
    ///
    /// # Errors
    /// Any of a call. Without a hub nothing is known.
    async fn of_hub(scope: &Scope, client: &Client) -> Result<Self, Error> {
        let doing = || "look up the hub of the registered clusters".to_owned();
        let found = client.send(scope, &DescribeHubClusters::default()).await.doing(doing)?;
        let place = found.clusters.into_iter().next().map(|hub| Self {
            region: hub.region,
            vpc_id: hub.vpc_id,
            subnet_id: hub.subnet_id,
        });
        Ok(place.unwrap_or_default())
    }
}

/// The error for a part of a cluster's place that neither the configuration nor the cloud tells.
pub(super) fn missing(name: &str, kind: &str, context: &Context) -> Diagnostic {
    let why = match kind {
        "TKE" | "EKS" => "The cloud does not tell it of this cluster.",
        _ if !kind::is_registered(kind, context) => "Of a cluster of this kind it cannot be looked up.",
        _ if !context.tdcc_enabled => {
            "For a registered cluster it is that of the hub, which cannot be looked up with `tdcc { enabled = false }`."
        }
        _ => "For a registered cluster it is that of the hub, and the account has none in this region.",
    };
    Diagnostic::error("Missing argument", format!("{why} Set `{name}`.")).at(name)
}

/// The subnet of a VPC with most free addresses: the mesh puts addresses of its own there.
async fn roomiest_subnet(scope: &Scope, client: &Client, vpc_id: &str) -> Result<Option<String>, cloud::Error> {
    let filters = Some(vec![Filter::new("vpc-id", vpc_id)]);
    let subnets = page::all(scope, client, vpc::DescribeSubnets { filters, ..Default::default() }).await?;
    let free = |subnet: &vpc::Subnet| subnet.available_ip_address_count.unwrap_or_default();
    // Of equals the first by ID, so that two runs agree.
    let roomiest = subnets.into_iter().min_by_key(|subnet| (u64::MAX - free(subnet), subnet.subnet_id.clone()));
    Ok(roomiest.map(|subnet| subnet.subnet_id))
}

/// Waits until a registered cluster is running: until then the mesh cannot reach it.
///
/// # Errors
/// At `cluster_id` where the caller has no such registration; a registration that is being deleted; any of a call.
async fn registered(scope: &Scope, client: &Client, cluster_id: &str) -> Result<(), Error> {
    let goal = Goal {
        doing: format!("link the registered cluster {cluster_id}"),
        what: "the registered cluster to be running",
        next: "Register the cluster again.",
    };
    let look = async || Ok(registration(scope, client, cluster_id).await?.map_or(Standing::Reached(false), standing));
    if reach(scope, client, goal, look).await? {
        Ok(())
    } else {
        Err(unknown(scope, client, "registered", cluster_id).await?)
    }
}

fn standing(cluster: ExternalCluster) -> Standing<bool> {
    match cluster.status {
        ExternalClusterState::Running => Standing::Reached(true),
        ExternalClusterState::Deleting => {
            let seen = format!("the registered cluster {} is {}", cluster.cluster_id, cluster.status);
            Standing::Failed(Failure { seen, reason: None })
        }
        state => Standing::Pending(format!("{state}; it runs once the agent in the cluster reports to the hub")),
    }
}

async fn registration(scope: &Scope, client: &Client, id: &str) -> Result<Option<ExternalCluster>, cloud::Error> {
    let action = DescribeExternalClusters { cluster_ids: Some(vec![id.to_owned()]), ..Default::default() };
    Ok(client.send(scope, &action).await?.clusters.into_iter().next())
}

async fn unknown(scope: &Scope, client: &Client, kind: &str, cluster_id: &str) -> Result<Error, Error> {
    let (account, region) = (client.account(scope).await?, client.region());
    let detail = format!(
        "Account {account} has no {kind} cluster `{cluster_id}` in {region}. Nothing was changed. A cluster in another region \
         needs `region`; a serverless one `cluster_kind = \"EKS\"`; one of another account has to be registered first, and \
         then needs the ID of its registration and `cluster_kind = \"REGISTERED\"`."
    );
    Ok(Diagnostic::error("No such cluster", detail).at("cluster_id").into())
}
