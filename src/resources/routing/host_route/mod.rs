//! `tcmesh_host_route`: an Istio `VirtualService`, which says where the requests for a host go.

mod answer;
mod check;
mod destination;
mod headers;
mod matching;
mod resilience;
mod rule;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

pub use answer::{DirectResponse, Redirect, Rewrite};
pub use destination::{Destination, Mirror};
pub use headers::{Cors, HeaderChanges};
pub use matching::{Match, PathMatch, TextMatch};
pub use resilience::{Abort, Delay, Fault, Retries};
pub use rule::RouteRule;

use super::json::{items, list, object, texts};
use super::object::{Common, IstioObject, IstioResource};
use crate::framework::{Computed, Diagnostics, Model, Planned};
use crate::resources::ids::checks;
use crate::resources::names;

/// An Istio `VirtualService`: which service answers which host and path. Its rules are tried in their order; the first one that matches
/// decides.
///
/// The objects of a mesh are served by every cluster that is linked to it: name any of them; the services may be in others. Several routes
/// for one host are merged by the mesh in no fixed order: keep the rules of a host in one route. An object of the same name that somebody
/// else made is left alone: the error says how to import it.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct HostRoute {
    /// The ID: cluster, namespace and name, for example `cls-65r1c5nu#test#cluster1`; without the first part for the cluster of the
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
    /// The namespace, for example `test`.
    #[tf(required, force_new, identity, check = names::label)]
    pub namespace: String,
    /// The name, for example `cluster1`.
    #[tf(required, force_new, identity, check = names::subdomain)]
    pub name: String,
    /// The hosts, for example `["cluster1.example.com"]`; `*.example.com` stands for all under it.
    #[tf(required, length(1..=1000), each = names::host)]
    pub hosts: Vec<String>,
    /// The gateways whose traffic takes this route, as `namespace/name`, for example `[tcmesh_gateway.main.reference]`; `mesh` stands for
    /// the sidecars. Without any, the route is for the sidecars alone.
    #[tf(optional, each = names::gateway)]
    pub gateways: Vec<String>,
    /// The namespaces that see the route, for example `["istio-system"]`; `.` is the route's own, `*` are all, as without this argument.
    /// The gateway's namespace must be among them.
    #[tf(optional, each = names::export)]
    pub export_to: Vec<String>,
    /// Labels of the object, for example `{ team = "web" }`. Those that others set are left alone.
    #[tf(optional, check = names::labels)]
    pub labels: BTreeMap<String, String>,
    /// Annotations of the object, for example `{ "example.com/owner" = "web" }`. Those that others set are left alone.
    #[tf(optional, check = names::annotations)]
    pub annotations: BTreeMap<String, String>,
    /// Whether fields that other field managers hold are taken over, for example `true`. Else they are an error that names manager and field.
    #[tf(optional, default = false, config_only)]
    pub force_conflicts: bool,
    /// What tells the cluster from every other: the UID of its `kube-system` namespace, for example `7c4bd8a2-3b1e-4f5a-9d6c-0e8f1a2b3c4d`.
    #[tf(computed)]
    pub cluster_uid: Computed<String>,
    /// The API version by which the object is read and written, chosen from what the cluster serves, for example `networking.istio.io/v1beta1`.
    #[tf(computed)]
    pub api_version: Computed<String>,
    /// What happens to some of the requests. The first rule that matches decides.
    #[tf(block, min = 1)]
    pub rule: Vec<RouteRule>,
}

/// The resource.
pub type HostRouteResource = IstioResource<HostRoute>;

impl IstioObject for HostRoute {
    const NAME: &'static str = "host_route";
    const KIND: &'static str = "VirtualService";

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
        object([
            ("hosts", list(self.hosts.clone())),
            ("gateways", list(self.gateways.clone())),
            ("exportTo", list(self.export_to.clone())),
            ("http", list(self.rule.iter().map(|rule| rule.to_istio(&self.namespace)))),
        ])
    }

    fn of(common: Common, spec: &Value, prior: &Self) -> Self {
        let Common { id, account_id, region, cluster_id, namespace, name, .. } = common;
        let Common { labels, annotations, force_conflicts, cluster_uid, api_version, .. } = common;
        let rule = items(spec, "http").iter().enumerate();
        Self {
            id,
            account_id,
            region,
            cluster_id,
            hosts: texts(spec, "hosts"),
            gateways: texts(spec, "gateways"),
            export_to: texts(spec, "exportTo"),
            labels,
            annotations,
            force_conflicts,
            cluster_uid,
            api_version,
            rule: rule.map(|(index, live)| RouteRule::of_istio(live, prior.rule.get(index), &namespace)).collect(),
            namespace,
            name,
        }
    }

    fn check(planned: &Planned<'_, Self>, diagnostics: &mut Diagnostics) {
        check::check(planned, diagnostics);
    }
}
