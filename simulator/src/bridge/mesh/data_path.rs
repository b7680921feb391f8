//! The data path: behind the address of each gateway's load balancer, a gateway that follows the mesh's Istio objects.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::discovery::{Discovery, owned_labels};
use super::members::Members;
use super::wanted::{Place, Wanted, WantedGateway};
use super::workloads::ALWAYS;
use crate::bridge::cluster::Clusters;
use crate::gateway::{Gateway, GatewayPod, Gateways, ListenError, Mesh, Objects, RoutingTable, Workload};
use crate::kubernetes::{Object, Store, istio};
use crate::state::SharedCloud;

/// The kinds that gateways follow.
const FOLLOWED: [&str; 3] = ["gateways", "virtualservices", "destinationrules"];

/// The addresses with a gateway behind them.
pub(super) struct DataPath {
    cloud: SharedCloud,
    clusters: Arc<Clusters>,
    gateways: Gateways,
    open: BTreeMap<Ipv4Addr, Open>,
}

/// What is behind an address.
struct Open {
    made_of: MadeOf,
    ports: BTreeSet<u16>,
}

/// What a routing table is made of. As long as it is the same, the table stays, and its shares go on.
#[derive(PartialEq)]
struct MadeOf {
    mesh_id: String,
    revision: u64,
    pod: GatewayPod,
    labels: BTreeMap<String, String>,
}

impl DataPath {
    /// No gateway is behind any address.
    pub(super) fn new(cloud: &SharedCloud, clusters: &Arc<Clusters>, gateways: &Gateways) -> Self {
        let (clusters, gateways) = (Arc::clone(clusters), gateways.clone());
        Self { cloud: cloud.clone(), clusters, gateways, open: BTreeMap::new() }
    }

    /// Opens what is wanted and can be, closes everything else, and tells the cloud.
    ///
    /// # Errors
    /// Where the machine gives no port.
    pub(super) async fn follow(&mut self, wanted: &Wanted, members: &Members) -> Result<(), ListenError> {
        let mut served = BTreeSet::new();
        for (place, gateway) in &wanted.gateways {
            let Some(balancer) = &gateway.balancer else { continue };
            // A load balancer in front of no pod refuses connections.
            let Some(pod) = self.pod(place) else { continue };
            let Some(store) = members.store(&gateway.member.mesh_id) else { continue };
            served.insert(balancer.vip);
            self.put(balancer.vip, place, gateway, &pod, store);
            self.listen(balancer.vip).await?;
        }
        for (vip, _) in self.open.extract_if(.., |vip, _| !served.contains(vip)) {
            self.gateways.remove(IpAddr::V4(vip));
        }
        self.report();
        Ok(())
    }

    /// Closes everything.
    pub(super) fn close(&mut self) {
        std::mem::take(&mut self.open).into_keys().for_each(|vip| self.gateways.remove(IpAddr::V4(vip)));
    }

    /// The pod of a gateway that requests leave from: the ready one with the lowest address.
    fn pod(&self, place: &Place) -> Option<(GatewayPod, BTreeMap<String, String>)> {
        let pods = self.clusters.get(&place.cluster)?.server.list("", "pods", &place.namespace);
        let own = pods.iter().filter(|pod| pod.label("app") == Some(&place.name) && is_ready(pod));
        let addressed = own.filter_map(|pod| Some((pod.text("/status/podIP").parse::<IpAddr>().ok()?, pod)));
        let (address, pod) = addressed.min_by_key(|(address, _)| *address)?;
        Some((GatewayPod { cluster: place.cluster.clone(), address }, owned_labels(pod)))
    }

    /// Puts a gateway behind an address, unless the one that is there is made of the same.
    fn put(
        &mut self,
        vip: Ipv4Addr,
        place: &Place,
        gateway: &WantedGateway,
        (pod, labels): &(GatewayPod, BTreeMap<String, String>),
        store: &Arc<Store>,
    ) {
        let mesh_id = gateway.member.mesh_id.clone();
        let made_of =
            MadeOf { mesh_id: mesh_id.clone(), revision: store.revision(), pod: pod.clone(), labels: labels.clone() };
        if self.open.get(&vip).is_some_and(|open| open.made_of == made_of) {
            return;
        }
        let Ok(version) = gateway.member.version.parse() else { return };
        let workload = Workload { namespace: place.namespace.clone(), labels: labels.clone(), version };
        let objects: Vec<_> = FOLLOWED.iter().flat_map(|plural| store.all(istio::GROUP, plural)).collect();
        let table = RoutingTable::new(&Objects::read(objects.iter().map(|object| object.as_value())), &workload);
        for problem in table.problems() {
            tracing::debug!(mesh_id, object = problem.object, problem.text, "a gateway goes on without this");
        }
        let ports = table.ports().chain([ALWAYS]).collect();
        self.gateways.put(IpAddr::V4(vip), Gateway::new(table, pod.clone(), self.mesh(mesh_id)));
        self.open.insert(vip, Open { made_of, ports });
    }

    fn mesh(&self, mesh_id: String) -> Mesh {
        let discovery =
            Arc::new(Discovery { cloud: self.cloud.clone(), clusters: Arc::clone(&self.clusters), mesh_id });
        Mesh {
            endpoints: discovery.clone(),
            network: discovery.clone(),
            pods: discovery,
            connect_timeout: self.cloud.world().settings.connect_timeout.duration(),
        }
    }

    /// Opens the ports of an address, and closes those that it has not any more.
    async fn listen(&self, vip: Ipv4Addr) -> Result<(), ListenError> {
        let Some(open) = self.open.get(&vip) else { return Ok(()) };
        let listening = self.gateways.addresses().remove(&IpAddr::V4(vip)).unwrap_or_default();
        for port in listening.keys().filter(|port| !open.ports.contains(port)) {
            self.gateways.close(IpAddr::V4(vip), *port);
        }
        for port in open.ports.iter().filter(|port| !listening.contains_key(port)) {
            self.gateways.listen(IpAddr::V4(vip), *port).await?;
        }
        Ok(())
    }

    /// Tells the cloud which listeners its load balancers have.
    fn report(&self) {
        let addresses = self.gateways.addresses();
        let ports = |vip| self.open.get(&vip).map(|open| open.ports.clone()).unwrap_or_default();
        self.cloud.act(|cloud| {
            let mut changed = cloud.gateways != addresses;
            cloud.gateways = addresses;
            for balancer in cloud.balancers.balancers.values_mut() {
                let listeners = ports(balancer.vip);
                changed |= balancer.listeners != listeners;
                balancer.listeners = listeners;
            }
            ((), changed)
        });
    }
}

fn is_ready(pod: &Object) -> bool {
    !pod.is_terminating()
        && pod.list("/status/conditions").iter().any(|it| it["type"] == "Ready" && it["status"] == "True")
}
