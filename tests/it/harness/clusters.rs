//! Clusters in memory, for a simulated cloud to hand out the ways into them.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;

use tcmesh_simulator::cluster_access::{ClusterAccess, ClusterServer, ClusterUser};
use tcmesh_simulator::controllers::{self, Controllers, NetworkRange, NodeOptions, SimulatedRuntime};
use tcmesh_simulator::kubernetes::{ApiServer, Identity, MASTERS, Options, SystemClock};

/// Clusters by their IDs, whose pods run.
pub(crate) struct Clusters(BTreeMap<String, (ApiServer, Controllers)>);

impl Clusters {
    /// Starts them, in the runtime of the caller.
    pub(crate) fn start(ids: &[&str]) -> Self {
        let cluster = |id: &&str| {
            let server = ApiServer::start(Options::default()).unwrap();
            let controllers = run(&server);
            ((*id).to_owned(), (server, controllers))
        };
        Self(ids.iter().map(cluster).collect())
    }

    /// A client of a cluster that may do everything.
    pub(crate) fn client(&self, id: &str) -> kube::Client {
        self.0[id].0.client("somebody")
    }

    fn server_of(&self, id: &str) -> Option<&ApiServer> {
        self.0.get(id).map(|(server, _)| server)
    }
}

/// Makes the pods of a cluster run.
pub(crate) fn run(server: &ApiServer) -> Controllers {
    let address = Ipv4Addr::new(10, 2, 1, 4);
    Controllers::start(controllers::Options {
        client: server.client("kube-controller-manager"),
        clock: Arc::new(SystemClock),
        ca_pem: server.ca_pem(),
        nodes: vec![NodeOptions { name: "node-1".into(), address, labels: BTreeMap::new() }],
        network: Arc::new(NetworkRange::new("172.18.0.0/24".parse().unwrap())),
        runtime: Arc::new(SimulatedRuntime),
        load_balancers: None,
        foreign_groups: Vec::new(),
    })
}

impl ClusterAccess for Clusters {
    fn server(&self, cluster_id: &str) -> Option<ClusterServer> {
        self.server_of(cluster_id).map(|server| ClusterServer { url: server.url(), ca_pem: server.ca_pem() })
    }

    fn kubeconfig(&self, cluster_id: &str, user: &ClusterUser) -> Option<String> {
        let identity = Identity::new(&user.name, if user.admin { &[MASTERS] } else { &[] });
        self.server_of(cluster_id).map(|server| server.kubeconfig(&identity).unwrap())
    }

    fn token(&self, _: &str, _: &ClusterUser) -> Option<String> {
        None
    }

    fn grant_admin<'a>(&'a self, _: &'a str, _: &'a str) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(std::future::ready(()))
    }
}
