//! What is behind a gateway: the services of its mesh, the network to their pods, and the pods.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

/// A pod of a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayPod {
    /// The id of its cluster.
    pub cluster: String,
    /// Its address.
    pub address: IpAddr,
}

/// A pod behind a service's port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The id of its cluster.
    pub cluster: String,
    /// Its address.
    pub address: IpAddr,
    /// Its own port, to which the service's port leads.
    pub port: u16,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Whether it is ready for requests.
    pub ready: bool,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", SocketAddr::new(self.address, self.port), self.cluster)
    }
}

/// A service as one cluster has it: the pods behind each of its ports.
pub type ServicePorts = BTreeMap<u16, Vec<Endpoint>>;

/// The services of a mesh, in all its clusters.
pub trait Endpoints: Send + Sync {
    /// The service with the full name `host`, once for each cluster that has it.
    fn services(&self, host: &str) -> Vec<ServicePorts>;
}

/// The network between pods.
pub trait Network: Send + Sync {
    /// Whether packets from a gateway's pod reach a pod, and those from there reach the gateway's.
    ///
    /// # Errors
    ///
    /// The first hop, on the way there or back, that does not carry them.
    fn reach(&self, from: &GatewayPod, to: &Endpoint) -> Result<(), BrokenHop>;
}

/// Where and why the network does not carry packets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BrokenHop(pub String);

/// What the pods serve.
pub trait Pods: Send + Sync {
    /// A pod's answer to a request to one of its ports.
    ///
    /// # Errors
    ///
    /// Nothing listens on the port.
    fn call<'a>(&'a self, pod: &'a Endpoint, request: Request<Bytes>) -> PodAnswer<'a>;
}

/// A pod's answer to come.
pub type PodAnswer<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, ConnectionRefused>> + Send + 'a>>;

/// Nothing listens on a pod's port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("connection refused")]
pub struct ConnectionRefused;

/// All that is behind a gateway.
#[derive(Clone)]
pub struct Mesh {
    /// The services.
    pub endpoints: Arc<dyn Endpoints>,
    /// The network.
    pub network: Arc<dyn Network>,
    /// The pods.
    pub pods: Arc<dyn Pods>,
    /// How long a gateway waits for a connection where the network carries nothing, in real time.
    pub connect_timeout: Duration,
}

impl fmt::Debug for Mesh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mesh").field("connect_timeout", &self.connect_timeout).finish_non_exhaustive()
    }
}
