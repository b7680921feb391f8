//! From Istio's objects to a routing table, and from a request to a decision. Nothing here waits or talks to anybody.

mod bindings;
mod conditions;
mod cors;
mod decision;
mod destinations;
mod fault;
mod headers;
mod hosts;
mod matcher;
mod redirect;
mod request;
mod retries;
mod rules;
mod servers;
mod spread;
mod subsets;
mod virtual_hosts;
mod visibility;

use std::collections::BTreeMap;

use super::istio::{Objects, Problem};
use super::version::Version;
use subsets::{DestinationRules, Labels};
use virtual_hosts::VirtualHosts;

pub use decision::{Action, Decision, NotFound, Route};
pub use destinations::{Destination, Subset};
pub use fault::Fault;
pub use request::RequestView;
pub use retries::RetryPolicy;
pub use rules::DirectResponse;

/// The gateway whose table is made.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The namespace of its pods.
    pub namespace: String,
    /// The labels of its pods, which selectors of `Gateway` objects pick.
    pub labels: Labels,
    /// The mesh's version.
    pub version: Version,
}

/// What a gateway does with requests: made from all Istio objects of its mesh, and made anew when one changes.
#[derive(Debug)]
pub struct RoutingTable {
    ports: BTreeMap<u16, VirtualHosts>,
    problems: Vec<Problem>,
}

impl RoutingTable {
    /// The table that the objects make for a gateway.
    pub fn new(objects: &Objects, workload: &Workload) -> Self {
        let mut problems = objects.problems.clone();
        let servers = servers::http_servers(&objects.gateways, &workload.labels, &mut problems);
        let hosts = |(port, servers): (u16, Vec<_>)| {
            (port, VirtualHosts::new(port, &servers, objects, workload, &mut problems))
        };
        let ports = servers.into_iter().map(hosts).collect();
        problems.sort();
        problems.dedup();
        Self { ports, problems }
    }

    /// The ports with a server for plain HTTP: those that a load balancer has listeners for.
    pub fn ports(&self) -> impl Iterator<Item = u16> {
        self.ports.keys().copied()
    }

    /// What the objects say that the gateway cannot follow.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What becomes of a request. Weights and percentages take a turn with each call.
    pub fn decide(&self, request: &RequestView<'_>) -> Decision<'_> {
        match self.ports.get(&request.port) {
            Some(hosts) => hosts.decide(request),
            None => Decision::not_found(NotFound::NoServerForPort),
        }
    }
}

#[cfg(test)]
mod tests;
