//! The pods among which requests to a destination are spread.

use super::routing::Destination;
use super::upstream::{Endpoint, ServicePorts};

/// Why a destination has no pods. Envoy tells a cluster that it does not have from one without endpoints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoPods {
    /// No cluster of the mesh has the service.
    #[error("no cluster of the mesh has the service {0}")]
    Service(String),
    /// The service does not have the port.
    #[error("the service {0} has no port {1}")]
    Port(String, u16),
    /// No destination rule names the subset.
    #[error("no DestinationRule names the subset {1} of {0}")]
    Subset(String, String),
    /// None of the service's pods is ready, or none has the subset's labels.
    #[error("{0} has no ready endpoint")]
    Ready(String),
}

/// The ready pods of a destination, in all clusters together: at least one.
#[derive(Debug)]
pub(super) struct Pool(Vec<Endpoint>);

impl Pool {
    /// The pods of a destination, given its service in each cluster. As in Istio, a service of one name in several
    /// clusters is one service.
    pub(super) fn of(destination: &Destination, services: Vec<ServicePorts>) -> Result<Self, NoPods> {
        let host = &destination.host;
        if services.is_empty() {
            return Err(NoPods::Service(host.clone()));
        }
        let mut ports = merged(services);
        let port = port_of(destination, &ports);
        let endpoints = ports.remove(&port).ok_or_else(|| NoPods::Port(host.clone(), port))?;
        let mut ready = in_subset(destination, endpoints)?;
        ready.retain(|endpoint| endpoint.ready);
        ready.sort_by(|a, b| (a.address, &a.cluster).cmp(&(b.address, &b.cluster)));
        if ready.is_empty() { Err(NoPods::Ready(destination.to_string())) } else { Ok(Self(ready)) }
    }

    /// The pod whose turn it is, or that comes so many `retries` after it: all come round before one comes again.
    pub(super) fn pick(&self, turn: usize, retries: u32) -> &Endpoint {
        let length = self.0.len();
        &self.0[(turn % length + retries as usize % length) % length]
    }
}

fn merged(services: Vec<ServicePorts>) -> ServicePorts {
    let mut all = ServicePorts::new();
    for (port, endpoints) in services.into_iter().flatten() {
        all.entry(port).or_default().extend(endpoints);
    }
    all
}

/// The port that a destination means: the one it names, the service's only one, or the gateway's.
fn port_of(destination: &Destination, ports: &ServicePorts) -> u16 {
    let only = ports.keys().next().filter(|_| ports.len() == 1);
    destination.port.or(only.copied()).unwrap_or(destination.listener_port)
}

fn in_subset(destination: &Destination, mut endpoints: Vec<Endpoint>) -> Result<Vec<Endpoint>, NoPods> {
    if let Some(subset) = &destination.subset {
        let labels = subset.labels.as_ref();
        let labels = labels.ok_or_else(|| NoPods::Subset(destination.host.clone(), subset.name.clone()))?;
        endpoints.retain(|endpoint| labels.iter().all(|(name, value)| endpoint.labels.get(name) == Some(value)));
    }
    Ok(endpoints)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Endpoint, NoPods, Pool, ServicePorts};
    use crate::gateway::routing::{Destination, Subset};

    fn endpoint(address: &str, cluster: &str) -> Endpoint {
        let labels = BTreeMap::from([("cluster".to_owned(), cluster.to_owned())]);
        Endpoint { cluster: cluster.into(), address: address.parse().unwrap(), port: 8080, labels, ready: true }
    }

    fn service(ports: impl IntoIterator<Item = (u16, Vec<Endpoint>)>) -> ServicePorts {
        ports.into_iter().collect()
    }

    fn destination(port: Option<u16>) -> Destination {
        Destination::new("web.test.svc.cluster.local".into(), port, 80)
    }

    fn addresses(destination: &Destination, services: Vec<ServicePorts>) -> Result<Vec<String>, NoPods> {
        Pool::of(destination, services).map(|pool| pool.0.iter().map(|pod| pod.address.to_string()).collect())
    }

    #[test]
    fn a_service_of_one_name_in_several_clusters_is_one_service() {
        let (a, b) = (endpoint("10.0.0.1", "a"), endpoint("10.1.0.1", "b"));
        let services = vec![service([(80, vec![b])]), service([(80, vec![a])])];
        assert_eq!(addresses(&destination(Some(80)), services).unwrap(), ["10.0.0.1", "10.1.0.1"]);
    }

    #[test]
    fn only_ready_pods_get_requests() {
        let asleep = Endpoint { ready: false, ..endpoint("10.0.0.1", "a") };
        let services = vec![service([(80, vec![asleep.clone(), endpoint("10.0.0.2", "a")])])];
        assert_eq!(addresses(&destination(Some(80)), services).unwrap(), ["10.0.0.2"]);
        let none = addresses(&destination(Some(80)), vec![service([(80, vec![asleep])])]);
        assert_eq!(none.unwrap_err().to_string(), "web.test.svc.cluster.local:80 has no ready endpoint");
    }

    #[test]
    fn a_subset_is_the_pods_with_its_labels() {
        let services = || vec![service([(80, vec![endpoint("10.0.0.1", "a"), endpoint("10.1.0.1", "b")])])];
        let subset = |labels: Option<&str>| {
            let labels = labels.map(|cluster| [("cluster".to_owned(), cluster.to_owned())].into());
            let mut destination = destination(Some(80));
            destination.subset = Some(Subset { name: "v1".into(), labels });
            destination
        };
        assert_eq!(addresses(&subset(Some("b")), services()).unwrap(), ["10.1.0.1"]);
        assert!(matches!(addresses(&subset(Some("c")), services()), Err(NoPods::Ready(_))));
        assert!(matches!(addresses(&subset(None), services()), Err(NoPods::Subset(..))));
    }

    #[test]
    fn a_port_that_is_not_named_is_the_only_one_or_the_gateways() {
        let one = || vec![service([(9000, vec![endpoint("10.0.0.1", "a")])])];
        assert_eq!(addresses(&destination(None), one()).unwrap(), ["10.0.0.1"]);
        let two = |second: u16| vec![service([(9000, vec![]), (second, vec![endpoint("10.0.0.2", "a")])])];
        assert_eq!(addresses(&destination(None), two(80)).unwrap(), ["10.0.0.2"]);
        assert!(matches!(addresses(&destination(None), two(81)), Err(NoPods::Port(_, 80))));
    }

    #[test]
    fn a_service_that_no_cluster_has_is_told_from_one_without_pods() {
        assert!(matches!(addresses(&destination(Some(80)), vec![]), Err(NoPods::Service(_))));
        assert!(matches!(addresses(&destination(Some(80)), vec![service([(80, vec![])])]), Err(NoPods::Ready(_))));
    }

    #[test]
    fn pods_take_turns() {
        let pods = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map(|address| endpoint(address, "a"));
        let pool = Pool::of(&destination(Some(80)), vec![service([(80, pods.to_vec())])]).unwrap();
        let picked: Vec<_> = (0..4).map(|turn| pool.pick(turn, 0).address.to_string()).collect();
        assert_eq!(picked, ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1"]);
        let retried: Vec<_> = (0..3).map(|retries| pool.pick(1, retries).address.to_string()).collect();
        assert_eq!(retried, ["10.0.0.2", "10.0.0.3", "10.0.0.1"]);
    }
}
