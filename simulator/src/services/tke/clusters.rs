//! Which clusters there are.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::list::{self, Filter};
use super::super::tag_specification;
use crate::clock::utc;
use crate::front::{Action, Answer, ApiError, Call};
use crate::state::{Cloud, Cluster, Tagged};
use crate::world::{ClusterKind, PodNetwork};

/// Lists the caller's own clusters with nodes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeClusters {
    #[serde(default)]
    cluster_ids: Vec<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    offset: Option<u64>,
    limit: Option<u64>,
    cluster_type: Option<String>,
}

impl Action for DescribeClusters {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let known = ["ClusterName", "ClusterType", "ClusterStatus", "vpc-id", "tag-key", "tag-value", "Tags"];
        list::check_filters(&self.filters, &known)?;
        let wanted_type = |cluster: &Cluster| self.cluster_type.as_deref().is_none_or(|it| it == type_name(cluster));
        let clusters = own(call, &self.cluster_ids)?.filter(|cluster| {
            cluster.kind != ClusterKind::Eks
                && wanted_type(cluster)
                && list::keeps(&self.filters, |name| filter_values(call.cloud, cluster, name))
        });
        let page = list::page(clusters.collect(), self.offset, self.limit)?;
        let set: Value = page.items.into_iter().map(|cluster| view(call.cloud, cluster)).collect();
        Ok(json!({ "TotalCount": page.total, "Clusters": set }))
    }
}

/// Lists the caller's own serverless clusters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeEKSClusters {
    #[serde(default)]
    cluster_ids: Vec<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    offset: Option<u64>,
    limit: Option<u64>,
}

impl Action for DescribeEKSClusters {
    fn run(self, call: &mut Call<'_>) -> Answer {
        list::check_filters(&self.filters, &["ClusterName"])?;
        let clusters = own(call, &self.cluster_ids)?.filter(|cluster| {
            cluster.kind == ClusterKind::Eks && list::keeps(&self.filters, |_| vec![cluster.name.clone()])
        });
        let page = list::page(clusters.collect(), self.offset, self.limit)?;
        let set: Value = page.items.into_iter().map(eks_view).collect();
        Ok(json!({ "TotalCount": page.total, "Clusters": set }))
    }
}

/// The caller's own clusters in the region, of these ids where any are given.
fn own<'a>(call: &'a Call<'_>, ids: &'a [String]) -> Result<impl Iterator<Item = &'a Cluster>, ApiError> {
    let owner = call.uin()?;
    Ok(call.cloud.clusters.iter().filter(move |cluster| {
        cluster.owner == owner && cluster.region == call.region && (ids.is_empty() || ids.contains(&cluster.id))
    }))
}

fn filter_values(cloud: &Cloud, cluster: &Cluster, name: &str) -> Vec<String> {
    let tags = || cloud.tags.of(&tagged(cluster));
    match name {
        "ClusterName" => vec![cluster.name.clone()],
        "ClusterType" => vec![type_name(cluster).into()],
        "ClusterStatus" => vec!["Running".into()],
        "vpc-id" => vec![cluster.vpc_id.clone()],
        "tag-key" => tags().map(|(key, _)| key.clone()).collect(),
        "tag-value" => tags().map(|(_, value)| value.clone()).collect(),
        _ => tags().map(|(key, value)| format!("{key}:{value}")).collect(),
    }
}

/// Tags of clusters are those of the service `ccs` (tag documents).
fn tagged(cluster: &Cluster) -> Tagged {
    Tagged::new(&cluster.owner, "ccs", "cluster", &cluster.id)
}

fn type_name(cluster: &Cluster) -> &'static str {
    match cluster.kind {
        ClusterKind::Independent => "INDEPENDENT_CLUSTER",
        ClusterKind::Managed | ClusterKind::Eks => "MANAGED_CLUSTER",
    }
}

fn view(cloud: &Cloud, cluster: &Cluster) -> Value {
    let global_router = cluster.network == PodNetwork::Gr;
    let property = json!({ "NodeNameType": "lan-ip", "NetworkType": if global_router { "GR" } else { "VPC-CNI" } });
    json!({
        "ClusterId": cluster.id,
        "ClusterName": cluster.name,
        "ClusterDescription": "",
        "ClusterVersion": cluster.version,
        "ClusterOs": "tlinux3.1x86_64",
        "ClusterType": type_name(cluster),
        "ClusterNetworkSettings": network_view(cluster, global_router),
        "ClusterNodeNum": 1,
        "ProjectId": 0,
        "TagSpecification": tag_specification(cloud, &tagged(cluster)),
        "ClusterStatus": "Running",
        "Property": property.to_string(),
        "ClusterMaterNodeNum": if cluster.kind == ClusterKind::Independent { 3 } else { 0 },
        "ImageId": "",
        "OsCustomizeType": "GENERAL",
        "ContainerRuntime": "containerd",
        "CreatedTime": utc(cluster.created),
        "DeletionProtection": false,
        "EnableExternalNode": false,
        "ClusterLevel": "L5",
        "AutoUpgradeClusterLevel": false,
        "QGPUShareEnable": false,
        "RuntimeVersion": "1.6.9",
        "ClusterEtcdNodeNum": 0,
        "CdcId": "",
        "IsHighAvailability": false,
    })
}

fn network_view(cluster: &Cluster, global_router: bool) -> Value {
    json!({
        "ClusterCIDR": cluster.cluster_cidr.map(|cidr| cidr.to_string()).unwrap_or_default(),
        "IgnoreClusterCIDRConflict": false,
        "MaxNodePodNum": 64,
        "MaxClusterServiceNum": 1024,
        "Ipvs": false,
        "VpcId": cluster.vpc_id,
        "Cni": true,
        "KubeProxyMode": "",
        "ServiceCIDR": cluster.service_cidr,
        "Subnets": if global_router { Value::Null } else { json!([cluster.subnet_id]) },
        "IgnoreServiceCIDRConflict": false,
        "IsDualStack": false,
        "Ipv6ServiceCIDR": "",
        "CiliumMode": "",
        "SubnetId": cluster.subnet_id,
    })
}

fn eks_view(cluster: &Cluster) -> Value {
    json!({
        "ClusterId": cluster.id,
        "ClusterName": cluster.name,
        "VpcId": cluster.vpc_id,
        "SubnetIds": [cluster.subnet_id],
        "K8SVersion": cluster.version,
        "Status": "running",
        "ClusterDesc": "",
        "CreatedTime": utc(cluster.created),
        "ServiceSubnetId": cluster.subnet_id,
        "DnsServers": [],
        "NeedDeleteCbs": false,
        "EnableVpcCoreDNS": true,
        "TagSpecification": Value::Null,
    })
}
