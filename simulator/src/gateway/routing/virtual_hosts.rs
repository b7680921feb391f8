//! The hosts of one port, each with the rules of all virtual services that are bound to it.

use std::sync::Arc;

use super::bindings::{Place, bound_to, hosts};
use super::decision::{Decision, NotFound};
use super::hosts::{Host, split_port};
use super::request::RequestView;
use super::rules::Entry;
use super::servers::HttpServer;
use super::subsets::DestinationRules;
use super::{Objects, Problem, Workload};

/// The hosts of one port.
#[derive(Debug)]
pub(super) struct VirtualHosts {
    port: u16,
    /// All hosts of the port's servers, bound or not.
    served: Vec<Host>,
    hosts: Vec<VirtualHost>,
    wildcards_heed_ports: bool,
}

/// A host with its rules.
#[derive(Debug)]
struct VirtualHost {
    host: Host,
    https_only: bool,
    entries: Vec<Arc<Entry>>,
}

impl VirtualHosts {
    /// The hosts that the servers of a port and the virtual services bound to them make.
    pub(super) fn new(
        port: u16,
        servers: &[HttpServer],
        objects: &Objects,
        workload: &Workload,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut made = Self {
            port,
            served: servers.iter().flat_map(HttpServer::hosts).cloned().collect(),
            hosts: Vec::new(),
            wildcards_heed_ports: workload.version.wildcards_heed_ports(),
        };
        let rules = DestinationRules::new(&objects.destination_rules, &workload.namespace);
        for server in servers {
            made.bind(server, Place { gateway: &server.gateway, port, workload, rules }, objects, problems);
        }
        made.hosts.iter_mut().for_each(VirtualHost::put_catch_all_last);
        made
    }

    fn bind(&mut self, server: &HttpServer, place: Place<'_>, objects: &Objects, problems: &mut Vec<Problem>) {
        for service in bound_to(&objects.virtual_services, &server.gateway, place.workload) {
            let theirs = hosts(service);
            let ours = server.hosts_for(&service.metadata.namespace);
            let overlaps = ours.flat_map(|ours| theirs.iter().filter_map(|theirs| ours.overlap(theirs)));
            let entries = place.entries(service, problems);
            for host in overlaps.filter(|_| !entries.is_empty()) {
                let bound = self.host(host);
                bound.entries.extend(entries.iter().cloned());
                bound.https_only |= server.https_redirect;
            }
        }
        if server.https_redirect {
            server.hosts().for_each(|host| self.host(host).https_only = true);
        }
    }

    /// The entry of a host, made where it is not there yet.
    fn host(&mut self, host: &Host) -> &mut VirtualHost {
        let known = self.hosts.iter().position(|known| known.host == *host);
        let index = known.unwrap_or_else(|| {
            self.hosts.push(VirtualHost { host: host.clone(), https_only: false, entries: Vec::new() });
            self.hosts.len() - 1
        });
        &mut self.hosts[index]
    }

    /// What becomes of a request to this port. The host that names it most closely decides alone.
    pub(super) fn decide(&self, request: &RequestView<'_>) -> Decision<'_> {
        let asked = Host::new(split_port(request.authority).0);
        let covering = self.hosts.iter().filter(|known| self.covers(&known.host, &asked, request.authority));
        let Some(host) = covering.max_by_key(|known| known.host.closeness()) else {
            let served = self.served.iter().any(|served| self.covers(served, &asked, request.authority));
            return Decision::not_found(if served { NotFound::NoVirtualService } else { NotFound::NoServerForHost });
        };
        if host.https_only {
            return Decision::to_https(request);
        }
        match host.entries.iter().find(|entry| entry.conditions.hold(request)) {
            Some(entry) => Decision::by(entry, request),
            None => Decision::not_found(NotFound::NoRule),
        }
    }

    /// Whether a host covers the one asked for. In older versions a wildcard covers no port but the server's own.
    fn covers(&self, known: &Host, asked: &Host, authority: &str) -> bool {
        let port = split_port(authority).1;
        let heeds = self.wildcards_heed_ports && known.is_wildcard() && known.as_str() != "*";
        known.covers(asked) && (!heeds || port.is_none_or(|port| port == self.port))
    }
}

impl VirtualHost {
    /// Rules that match everything go behind the rules of other virtual services, as Istio sorts them.
    fn put_catch_all_last(&mut self) {
        self.entries.sort_by_key(|entry| entry.conditions.is_catch_all());
    }
}
