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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::cloud::script::{Script, Step, accept};
    use crate::framework::Computed;
    use crate::resources::context::ClusterSettings;

    fn cluster(kind: &str) -> MeshCluster {
        MeshCluster { cluster_id: "cls-1".into(), cluster_kind: kind.into(), ..MeshCluster::default() }
    }

    async fn place<const N: usize>(plan: &MeshCluster, steps: [Step; N], tdcc_enabled: bool) -> Result<Place, Error> {
        let context = Context::new(Script::new(steps).client(), ClusterSettings::default());
        let context = Context { tdcc_enabled, ..context };
        Place::of(&Scope::unstopped(Duration::from_secs(600)), &context, plan).await
    }

    fn at(region: &str, vpc_id: &str, subnet_id: &str) -> Place {
        let [region, vpc_id, subnet_id] = [region, vpc_id, subnet_id].map(|text| Some(text.to_owned()));
        Place { region, vpc_id, subnet_id }
    }

    fn tke(subnets: &serde_json::Value) -> Step {
        let network = json!({"VpcId": "vpc-1", "Subnets": subnets});
        let cluster = json!({
            "ClusterId": "cls-1", "ClusterType": "MANAGED_CLUSTER", "ClusterStatus": "Running", "ClusterNetworkSettings": network,
        });
        accept(json!({"TotalCount": 1, "Clusters": [cluster]}))
    }

    #[tokio::test(start_paused = true)]
    async fn a_tke_cluster_is_in_the_subnet_of_its_pods_or_in_the_roomiest_of_its_vpc() {
        let found = place(&cluster("TKE"), [tke(&json!(["subnet-pods"]))], true).await;
        assert_eq!(found, Ok(at("ap-guangzhou", "vpc-1", "subnet-pods")));
        let subnet = |id: &str, free: u64| json!({"SubnetId": id, "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "AvailableIpAddressCount": free});
        let subnets = [subnet("subnet-2", 9), subnet("subnet-b", 200), subnet("subnet-a", 200)];
        let subnets = accept(json!({"TotalCount": 3, "SubnetSet": subnets}));
        let found = place(&cluster("TKE"), [tke(&json!(null)), subnets], true).await;
        assert_eq!(found, Ok(at("ap-guangzhou", "vpc-1", "subnet-a")));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_is_not_looked_up() {
        let given = MeshCluster {
            region: "ap-shanghai".into(),
            vpc_id: "vpc-2".into(),
            subnet_id: "subnet-2".into(),
            ..cluster("TKE")
        };
        assert_eq!(place(&given, [], true).await, Ok(at("ap-shanghai", "vpc-2", "subnet-2")));
        let partly = MeshCluster { subnet_id: Computed::Unknown, vpc_id: Computed::Unknown, ..given };
        let found = place(&partly, [tke(&json!(["subnet-pods"]))], true).await;
        assert_eq!(found, Ok(at("ap-shanghai", "vpc-1", "subnet-pods")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_registered_cluster_is_waited_for_and_linked_where_its_hub_is() {
        let registered =
            |state: &str| accept(json!({"TotalCount": 1, "Clusters": [{"ClusterId": "cls-1", "Status": state}]}));
        let hub = json!({
            "ClusterId": "cls-9", "Status": "Running", "Region": "ap-chengdu", "VpcId": "vpc-9", "SubnetId": "subnet-9",
        });
        let steps = [registered("WaitingRegister"), registered("Running"), accept(json!({"Clusters": [hub]}))];
        assert_eq!(place(&cluster("REGISTERED"), steps, true).await, Ok(at("ap-chengdu", "vpc-9", "subnet-9")));
    }

    #[tokio::test(start_paused = true)]
    async fn without_the_adapter_nothing_is_asked_of_tdcc() {
        let error = place(&cluster("REGISTERED"), [], false).await.expect_err("the region is missing");
        let diagnostic = error.diagnostics().iter().next().expect("a message").clone();
        assert_eq!(diagnostic.path.to_string(), "region");
        assert!(diagnostic.detail.contains("tdcc { enabled = false }"), "{}", diagnostic.detail);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cluster_that_is_not_there_is_told_at_its_attribute() {
        let caller = || accept(json!({"AccountId": "1", "Arn": "a", "UserId": "u", "PrincipalId": "p", "Type": "t"}));
        for kind in ["TKE", "EKS", "REGISTERED"] {
            let none = accept(json!({"TotalCount": 0, "Clusters": []}));
            let error = place(&cluster(kind), [none, caller()], true).await.expect_err("there is no such cluster");
            let diagnostic = error.diagnostics().iter().next().expect("a message").clone();
            assert_eq!(
                (diagnostic.path.to_string().as_str(), diagnostic.summary.as_str()),
                ("cluster_id", "No such cluster")
            );
        }
    }
}
