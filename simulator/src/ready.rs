//! What is said when the simulator is ready, for scripts.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use ipnet::Ipv4Net;
use serde::Serialize;

use crate::private;
use crate::world::{self, ClusterKind, PodNetwork, World};

/// Where the simulator listens, and what is in its world. It holds keys.
#[derive(Clone, Serialize)]
pub struct Ready {
    /// The URL of all services.
    pub endpoint: String,
    /// Host and port of the DNS server.
    pub dns: String,
    /// Accounts by their name in the world file.
    pub accounts: BTreeMap<String, ReadyAccount>,
    /// Clusters by id.
    pub clusters: BTreeMap<String, ReadyCluster>,
    /// Networks by id.
    pub vpcs: BTreeMap<String, ReadyVpc>,
}

/// A root account and its key.
#[derive(Clone, Serialize)]
pub struct ReadyAccount {
    /// Its root uin.
    pub uin: String,
    /// Its application id.
    pub app_id: u64,
    /// The id of its key.
    pub secret_id: String,
    /// Its key.
    pub secret_key: String,
}

/// A cluster of the world file.
#[derive(Clone, Debug, Serialize)]
pub struct ReadyCluster {
    /// The account's name in the world file.
    pub account: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// The network it is in.
    pub vpc_id: String,
    /// Who runs its control plane.
    pub kind: ClusterKind,
    /// Where its pods have their addresses from.
    pub network: PodNetwork,
    /// The addresses of its pods, where they are its own.
    pub cluster_cidr: Option<Ipv4Net>,
    /// A file with a kubeconfig for all rights, where its API is served.
    pub kubeconfig: Option<PathBuf>,
}

/// A network of the world file.
#[derive(Clone, Debug, Serialize)]
pub struct ReadyVpc {
    /// The account's name in the world file.
    pub account: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// Its addresses.
    pub cidr: Ipv4Net,
    /// Its subnets.
    pub subnets: Vec<ReadySubnet>,
}

/// A subnet of the world file.
#[derive(Clone, Debug, Serialize)]
pub struct ReadySubnet {
    /// Its id.
    pub id: String,
    /// Where in the region it is.
    pub zone: String,
    /// Its addresses.
    pub cidr: Ipv4Net,
}

impl Ready {
    /// What is said of a world, whose clusters' kubeconfigs are in these files.
    pub(crate) fn new(world: &World, endpoint: String, dns: String, kubeconfigs: &BTreeMap<String, PathBuf>) -> Self {
        let cluster = |it: &world::Cluster| {
            let kubeconfig = kubeconfigs.get(&it.id).cloned();
            (it.id.clone(), ReadyCluster { kubeconfig, ..ReadyCluster::from(it) })
        };
        Self {
            endpoint,
            dns,
            accounts: world.accounts.iter().map(|(name, it)| (name.clone(), ReadyAccount::from(it))).collect(),
            clusters: world.clusters.iter().map(cluster).collect(),
            vpcs: world.vpcs.iter().map(|it| (it.id.clone(), ReadyVpc::from(it))).collect(),
        }
    }

    /// Writes it as JSON for this user only, and in one step, so that who waits for the file never reads half of it.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        private::write(Path::new(&unfinished), &serde_json::to_string(self)?)?;
        std::fs::rename(&unfinished, path)
    }
}

impl From<&world::Account> for ReadyAccount {
    fn from(account: &world::Account) -> Self {
        Self {
            uin: account.uin.clone(),
            app_id: account.app_id,
            secret_id: account.secret_id.clone(),
            secret_key: account.secret_key.reveal().to_owned(),
        }
    }
}

impl From<&world::Cluster> for ReadyCluster {
    fn from(cluster: &world::Cluster) -> Self {
        Self {
            account: cluster.account.clone(),
            name: cluster.name.clone(),
            region: cluster.region.clone(),
            vpc_id: cluster.vpc_id.clone(),
            kind: cluster.kind,
            network: cluster.network,
            cluster_cidr: cluster.cluster_cidr,
            kubeconfig: None,
        }
    }
}

impl From<&world::Vpc> for ReadyVpc {
    fn from(vpc: &world::Vpc) -> Self {
        Self {
            account: vpc.account.clone(),
            name: vpc.name.clone(),
            region: vpc.region.clone(),
            cidr: vpc.cidr,
            subnets: vpc.subnets.iter().map(ReadySubnet::from).collect(),
        }
    }
}

impl From<&world::Subnet> for ReadySubnet {
    fn from(subnet: &world::Subnet) -> Self {
        Self { id: subnet.id.clone(), zone: subnet.zone.clone(), cidr: subnet.cidr }
    }
}
