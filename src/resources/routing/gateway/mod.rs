//! `tcmesh_gateway`: an Istio Gateway, which says what ports and hosts the pods of an ingress gateway serve.

mod server;
#[cfg(test)]
mod tests;
mod tls;

use std::collections::BTreeMap;

use serde_json::Value;

pub use server::{Port, Server};
pub use tls::Tls;

use super::json::{items, list, map, object, text_map};
use super::object::{Common, IstioObject, IstioResource};
use crate::framework::{Computed, Diagnostics, Model, Planned};
use crate::resources::ids::checks;
use crate::resources::names;

/// An Istio Gateway: the ports, hosts and certificates that the pods of an ingress gateway serve. Routes (`tcmesh_host_route`) bind to it
/// by its `reference`.
///
/// The objects of a mesh are served by every cluster that is linked to it: name any of them. An object of the same name that somebody
/// else made is left alone: the error says how to import it.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Gateway {
    /// The ID: cluster, namespace and name, for example `cls-65r1c5nu#istio-system#cluster`; without the first part for the cluster of the
    /// provider's `kubernetes` block.
    #[tf(computed)]
    pub id: Computed<String>,
    /// The root account that the cluster is reached by, for example `100000000001`.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The cluster's region, for example `ap-guangzhou`.
    #[tf(computed, identity(optional))]
    pub region: Computed<String>,
    /// The cluster, for example `cls-65r1c5nu`, linked to the mesh: take it from `tcmesh_mesh_cluster`. Without it, the cluster of the
    /// provider's `kubernetes` block.
    #[tf(optional, force_new, identity(optional), check = checks::cluster)]
    pub cluster_id: Option<String>,
    /// The namespace, for example `istio-system`.
    #[tf(required, force_new, identity, check = names::label)]
    pub namespace: String,
    /// The name, for example `cluster`.
    #[tf(required, force_new, identity, check = names::label)]
    pub name: String,
    /// The labels of the gateway's pods, for example `{ app = "istio-ingressgateway", istio = "ingressgateway" }`: take them from
    /// `tcmesh_ingress_gateway`.
    #[tf(required, length(1..=64), check = names::labels)]
    pub selector: BTreeMap<String, String>,
    /// Labels of the object, for example `{ team = "network" }`. Those that others set are left alone.
    #[tf(optional, check = names::labels)]
    pub labels: BTreeMap<String, String>,
    /// Annotations of the object, for example `{ "example.com/owner" = "network" }`. Those that others set are left alone.
    #[tf(optional, check = names::annotations)]
    pub annotations: BTreeMap<String, String>,
    /// Whether fields that other field managers hold are taken over, for example `true`. Else they are an error that names manager and field.
    #[tf(optional, default = false, config_only)]
    pub force_conflicts: bool,
    /// How routes name this gateway: `namespace/name`, for example `istio-system/cluster`.
    #[tf(computed)]
    pub reference: Computed<String>,
    /// What tells the cluster from every other: the UID of its `kube-system` namespace, for example `7c4bd8a2-3b1e-4f5a-9d6c-0e8f1a2b3c4d`.
    #[tf(computed)]
    pub cluster_uid: Computed<String>,
    /// The API version by which the object is read and written, chosen from what the cluster serves, for example `networking.istio.io/v1beta1`.
    #[tf(computed)]
    pub api_version: Computed<String>,
    /// A port with the hosts that are served on it.
    #[tf(block, min = 1)]
    pub server: Vec<Server>,
}

/// The resource.
pub type GatewayResource = IstioResource<Gateway>;

impl IstioObject for Gateway {
    const NAME: &'static str = "gateway";
    const KIND: &'static str = "Gateway";

    fn common(&self) -> Common {
        Common {
            id: self.id.clone(),
            account_id: self.account_id.clone(),
            region: self.region.clone(),
            cluster_id: self.cluster_id.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            labels: self.labels.clone(),
            annotations: self.annotations.clone(),
            force_conflicts: self.force_conflicts,
            cluster_uid: self.cluster_uid.clone(),
            api_version: self.api_version.clone(),
        }
    }

    fn spec(&self) -> Value {
        object([("selector", map(self.selector.clone())), ("servers", list(self.server.iter().map(Server::to_istio)))])
    }

    fn of(common: Common, spec: &Value, _: &Self) -> Self {
        let Common { id, account_id, region, cluster_id, namespace, name, .. } = common;
        let Common { labels, annotations, force_conflicts, cluster_uid, api_version, .. } = common;
        Self {
            id,
            account_id,
            region,
            cluster_id,
            reference: format!("{namespace}/{name}").into(),
            namespace,
            name,
            selector: text_map(spec, "selector"),
            labels,
            annotations,
            force_conflicts,
            cluster_uid,
            api_version,
            server: items(spec, "servers").iter().map(Server::of_istio).collect(),
        }
    }

    fn check(planned: &Planned<'_, Self>, diagnostics: &mut Diagnostics) {
        let servers = planned.each("server");
        server::check_port_names(&servers, diagnostics);
        server::check_shared_ports(&servers, diagnostics);
        for server in &servers {
            tls::check(server, diagnostics);
        }
    }
}
