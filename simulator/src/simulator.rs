//! The running simulator.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::bridge::{self, Bridge};
use crate::cluster_access::{ClusterAccess, ClusterUser};
use crate::dns::DnsServer;
use crate::front::Front;
use crate::gateway::Gateways;
use crate::oversight::Oversight;
use crate::private::Directory;
use crate::ready::Ready;
use crate::server;
use crate::state::SharedCloud;
use crate::world::World;

/// Starts simulators.
#[derive(Clone, Copy, Debug)]
pub struct Simulator;

/// Where a simulator listens and what serves its clusters.
#[derive(Clone)]
pub struct Options {
    /// Where the API listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the name servers listen; port 0 takes a free one.
    pub dns_listen: SocketAddr,
    /// Kubeconfigs of the world's clusters that are served elsewhere, by cluster id.
    pub kubeconfigs: BTreeMap<String, PathBuf>,
    /// Who serves the Kubernetes APIs of the clusters, where that is not to be the simulator itself.
    pub clusters: Option<Arc<dyn ClusterAccess>>,
}

impl Default for Options {
    /// Free ports of the loopback address, and everything served by the simulator.
    fn default() -> Self {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { listen: loopback, dns_listen: loopback, kubeconfigs: BTreeMap::new(), clusters: None }
    }
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// A cluster cannot be started.
    #[error("cannot start the clusters")]
    Clusters(#[from] bridge::StartError),
    /// The kubeconfigs cannot be written.
    #[error("cannot write the kubeconfigs")]
    Kubeconfigs(#[source] io::Error),
}

impl Simulator {
    /// Starts the cloud that `world` describes, and its clusters. It runs until the handle is dropped.
    ///
    /// # Errors
    /// Where an address cannot be listened on, or a cluster cannot be started.
    ///
    /// # Cancellation
    /// Dropping the future ends what was started.
    pub async fn start(world: World, options: Options) -> Result<Handle, StartError> {
        let cloud = SharedCloud::new(world);
        let failed = |address| move |source| StartError::Listen { address, source };
        let api = TcpListener::bind(options.listen).await.map_err(failed(options.listen))?;
        let address = api.local_addr().map_err(failed(options.listen))?;
        let dns = DnsServer::bind(options.dns_listen).await.map_err(failed(options.dns_listen))?;
        let dns_address = dns.address().map_err(failed(options.dns_listen))?;
        let (gateways, mut tasks) = (Gateways::default(), JoinSet::new());
        let oversight = Oversight::default();
        let clusters: Arc<dyn ClusterAccess> = match options.clusters {
            Some(clusters) => clusters,
            None => {
                let bridge = Bridge::start(&cloud, &gateways, &oversight, &options.kubeconfigs).await?;
                let following = Arc::clone(&bridge);
                tasks.spawn(async move { following.follow().await });
                bridge
            }
        };
        let kubeconfigs = Kubeconfigs::write(&cloud, &*clusters).map_err(StartError::Kubeconfigs)?;
        let front = Arc::new(Front::new(cloud.clone(), clusters, oversight));
        tasks.spawn(dns.serve(cloud.clone()));
        tasks.spawn(server::serve(api, front, gateways));
        let settling = cloud.clone();
        tasks.spawn(async move { settling.keep_settled().await });
        Ok(Handle { cloud, address, dns_address, kubeconfigs, _tasks: tasks })
    }
}

/// Files with kubeconfigs for all rights, by cluster.
#[derive(Debug)]
struct Kubeconfigs {
    files: BTreeMap<String, PathBuf>,
    _directory: Directory,
}

impl Kubeconfigs {
    /// Writes those of the world's clusters whose APIs are served, for the root accounts of their owners.
    fn write(cloud: &SharedCloud, clusters: &dyn ClusterAccess) -> io::Result<Self> {
        let directory = Directory::new()?;
        let mut files = BTreeMap::new();
        for cluster in &cloud.world().clusters {
            let owner = cloud.world().accounts[&cluster.account].uin.clone();
            if let Some(text) = clusters.kubeconfig(&cluster.id, &ClusterUser { name: owner, admin: true }) {
                files.insert(cluster.id.clone(), directory.write(&format!("{}.yaml", cluster.id), &text)?);
            }
        }
        Ok(Self { files, _directory: directory })
    }
}

/// A running simulator. Dropping it ends it.
#[derive(Debug)]
pub struct Handle {
    cloud: SharedCloud,
    address: SocketAddr,
    dns_address: SocketAddr,
    kubeconfigs: Kubeconfigs,
    _tasks: JoinSet<()>,
}

impl Handle {
    /// The URL of all services and of the control endpoints.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the name servers of the hosted domains listen, over UDP and TCP.
    pub fn dns(&self) -> SocketAddr {
        self.dns_address
    }

    /// The cloud itself, for tests in the same process and for what observes it.
    pub fn cloud(&self) -> &SharedCloud {
        &self.cloud
    }

    /// What a client needs to know, keys included.
    pub fn ready(&self) -> Ready {
        let dns = self.dns_address.to_string();
        Ready::new(self.cloud.world(), self.endpoint(), dns, &self.kubeconfigs.files)
    }
}
