//! The running simulator.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::cluster_access::{ClusterAccess, NoClusters};
use crate::dns::DnsServer;
use crate::front::Front;
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
    /// Who serves the Kubernetes APIs of the clusters.
    pub clusters: Arc<dyn ClusterAccess>,
}

impl Default for Options {
    /// Free ports of the loopback address, and no Kubernetes APIs.
    fn default() -> Self {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { listen: loopback, dns_listen: loopback, clusters: Arc::new(NoClusters) }
    }
}

impl Simulator {
    /// Starts the cloud that `world` describes. It runs until the handle is dropped.
    ///
    /// # Errors
    /// Where an address cannot be listened on.
    pub async fn start(world: World, options: Options) -> io::Result<Handle> {
        let cloud = SharedCloud::new(world);
        let front = Arc::new(Front::new(cloud.clone(), options.clusters));
        let api = TcpListener::bind(options.listen).await?;
        let address = api.local_addr()?;
        let dns = DnsServer::bind(options.dns_listen).await?;
        let dns_address = dns.address()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(dns.serve(cloud.clone()));
        tasks.spawn(server::serve(api, front));
        let settling = cloud.clone();
        tasks.spawn(async move { settling.keep_settled().await });
        Ok(Handle { cloud, address, dns_address, _tasks: tasks })
    }
}

/// A running simulator. Dropping it ends it.
#[derive(Debug)]
pub struct Handle {
    cloud: SharedCloud,
    address: SocketAddr,
    dns_address: SocketAddr,
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
        Ready::new(self.cloud.world(), self.endpoint(), self.dns_address.to_string())
    }
}
