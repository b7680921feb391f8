//! A gateway as an element of its cluster's list.

use super::cluster_config::config;
use super::covers::covers;
use super::link_id::GatewayId;
use super::queue::describe;
use super::standing::{Failure, Goal, Standing, reach};
use crate::cloud::Client;
use crate::cloud::api::tcm::{
    Cluster, ClusterConfig, IngressGateway, LinkState, LoadBalancerStatus, Mesh, ResourceRequirements, WorkloadConfig,
};
use crate::framework::{Diagnostic, Error};
use crate::scope::Scope;

/// What a wait for a gateway found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It runs, and has the address that it should have.
    Running,
    /// It is no longer in the list.
    Vanished,
}

/// The gateway in its cluster's list.
pub(super) fn find<'a>(config: &'a ClusterConfig, id: &GatewayId) -> Option<&'a IngressGateway> {
    config.ingress_gateway_list.iter().flatten().find(|gateway| is(gateway, id))
}

fn is(gateway: &IngressGateway, id: &GatewayId) -> bool {
    (&gateway.name, &gateway.namespace) == (&id.name, &id.namespace)
}

/// Puts a gateway into the list. Of one that is there already, only what can be changed is.
pub(super) fn put(config: &mut ClusterConfig, id: &GatewayId, wanted: &IngressGateway) {
    let list = config.ingress_gateway_list.get_or_insert_default();
    match list.iter_mut().find(|gateway| is(gateway, id)) {
        Some(found) => {
            if let Some(wanted) = &wanted.workload {
                change_workload(found.workload.get_or_insert_default(), wanted);
            }
            if let (Some(found), Some(wanted)) = (&mut found.load_balancer, &wanted.load_balancer) {
                found.internet_max_bandwidth_out = wanted.internet_max_bandwidth_out;
            }
        }
        None => list.push(wanted.clone()),
    }
}

fn change_workload(found: &mut WorkloadConfig, wanted: &WorkloadConfig) {
    let WorkloadConfig { replicas, resources, horizontal_pod_autoscaler, .. } = wanted.clone();
    found.replicas = replicas.or(found.replicas);
    found.horizontal_pod_autoscaler = horizontal_pod_autoscaler.or(found.horizontal_pod_autoscaler.take());
    if let Some(ResourceRequirements { limits, requests }) = resources {
        let found = found.resources.get_or_insert_default();
        found.limits = limits.or(found.limits.take());
        found.requests = requests.or(found.requests.take());
    }
}

/// Takes a gateway out of the list.
pub(super) fn remove(config: &mut ClusterConfig, id: &GatewayId) {
    config.ingress_gateway_list.get_or_insert_default().retain(|gateway| !is(gateway, id));
}

/// Whether what can be changed of a gateway is as it should be.
pub(super) fn is_as_wanted(found: &IngressGateway, wanted: &IngressGateway) -> bool {
    let bandwidth = |gateway: &IngressGateway| gateway.load_balancer.as_ref()?.internet_max_bandwidth_out;
    covers(&found.workload, &wanted.workload) && covers(&bandwidth(found), &bandwidth(wanted))
}

/// The load balancer's address, once it has one.
pub(super) fn address(gateway: &IngressGateway) -> Option<String> {
    balancer(gateway)?.load_balancer_vip.clone().filter(|address| !address.is_empty())
}

/// The load balancer's host name, where it has one.
pub(super) fn hostname(gateway: &IngressGateway) -> Option<String> {
    balancer(gateway)?.load_balancer_hostname.clone().filter(|name| !name.is_empty())
}

fn balancer(gateway: &IngressGateway) -> Option<&LoadBalancerStatus> {
    gateway.status.as_ref()?.load_balancer.as_ref()
}

/// Makes sure that no such gateway is there yet.
///
/// # Errors
/// With the block that imports the one that is.
pub(super) fn refuse_existing(cluster: &Cluster, id: &GatewayId) -> Result<(), Error> {
    if cluster.config.as_ref().and_then(|config| find(config, id)).is_none() {
        return Ok(());
    }
    let detail = format!(
        "The cluster {} of the mesh {} has a gateway `{}` in the namespace `{}` already, so nothing was done. To manage it here, \
         import it:\n\nimport {{\n  to = tcmesh_ingress_gateway.<name>\n  id = \"{id}\"\n}}",
        id.link.cluster, id.link.mesh, id.name, id.namespace
    );
    Err(Diagnostic::error("Gateway already there", detail).at("name").into())
}

/// Waits until a gateway runs and has its address, or is no longer in the list.
///
/// # Errors
/// Where its cluster leaves the mesh; any of a look; the end of the scope.
pub(super) async fn running(scope: &Scope, client: &Client, id: &GatewayId, doing: String) -> Result<Found, Error> {
    let next = "Link the cluster again; the gateway is created with the next apply.";
    let goal = Goal { doing, what: "the gateway to be running", next };
    let look = async || Ok(standing(&describe(scope, client, id.link.mesh.as_str()).await?, id));
    reach(scope, client, goal, look).await
}

fn standing(mesh: &Mesh, id: &GatewayId) -> Standing<Found> {
    let cluster = mesh.cluster(id.link.cluster.as_str());
    let state = cluster.and_then(Cluster::link_state);
    if !matches!(state, Some(LinkState::Linked | LinkState::Linking)) {
        let state = state.map_or("not in the mesh", LinkState::as_str);
        return Standing::Failed(Failure { seen: format!("the cluster {} is {state}", id.link.cluster), reason: None });
    }
    let Some(gateway) = config(mesh, &id.link).and_then(|config| find(config, id)) else {
        return Standing::Reached(Found::Vanished);
    };
    let state = gateway.status.as_ref().and_then(|status| status.state.as_deref());
    let is_running = state.is_some_and(|state| state.eq_ignore_ascii_case("running"));
    let is_complete = address(gateway).or_else(|| hostname(gateway)).is_some()
        || !cluster.is_some_and(|it| gets_address(gateway, it));
    match (is_running, is_complete) {
        (true, true) => Standing::Reached(Found::Running),
        (true, false) => Standing::Pending("running, without an address: its load balancer may not be usable".into()),
        (false, _) => Standing::Pending(state.unwrap_or("no state yet").into()),
    }
}

/// Whether the mesh gives a gateway an address. A service of another type has no load balancer, and that of a registered
/// cluster is not the mesh's to know (TCM documents, "Ingress gateway").
pub(super) fn gets_address(gateway: &IngressGateway, cluster: &Cluster) -> bool {
    let service = gateway.service.as_ref().and_then(|service| service.r#type.as_deref());
    service.is_none_or(|service| service == "LoadBalancer") && is_own(cluster)
}

fn is_own(cluster: &Cluster) -> bool {
    cluster.r#type.as_deref().is_none_or(|kind| ["TKE", "EKS"].contains(&kind))
}

/// What to tell of a gateway in a cluster whose load balancers the mesh does not know.
pub(super) fn no_address(cluster: &Cluster) -> Option<Diagnostic> {
    let detail = format!(
        "The cluster {} is a registered one: the mesh cannot make a load balancer there, and tells no address. `address` and \
         `hostname` stay empty; look at the gateway's service in the cluster.",
        cluster.cluster_id
    );
    (!is_own(cluster)).then(|| Diagnostic::warning("No address of the gateway", detail).at("cluster_id"))
}

/// The error for a gateway that stays in the list although it was sent without it.
pub(super) fn stays(id: &GatewayId) -> Error {
    let detail = format!(
        "The list of gateways was sent without {}/{}, and the gateway is still there: the cloud merges the list that it is sent \
         into its own where others remain. The public API has no other way to delete one: delete it in the console (mesh {}, \
         ingress gateways), and apply again.",
        id.namespace, id.name, id.link.mesh
    );
    Diagnostic::error("The gateway stays", detail).into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn id() -> GatewayId {
        "mesh-1#cls-1#istio-system#gw".parse().expect("an ID")
    }

    /// A mesh whose cluster, of this kind and in this state, has one gateway.
    fn mesh(kind: &str, state: &str, gateway: Value) -> Mesh {
        let mut gateway = gateway;
        gateway["Name"] = json!("gw");
        gateway["Namespace"] = json!("istio-system");
        let config = json!({"IngressGatewayList": [gateway]});
        let cluster = json!({
            "ClusterId": "cls-1", "Region": "r", "Type": kind, "Config": config, "Status": {"LinkState": state},
        });
        let mesh = json!({"MeshId": "mesh-1", "State": "RUNNING", "ClusterList": [cluster]});
        serde_json::from_value(mesh).expect("a mesh")
    }

    fn running(address: &str) -> Value {
        json!({"Status": {"State": "running", "LoadBalancer": {"LoadBalancerVip": address}}})
    }

    #[test]
    fn a_gateway_runs_once_it_has_its_address() {
        let found = standing(&mesh("TKE", "LINKED", running("203.0.113.1")), &id());
        assert_eq!(found, Standing::Reached(Found::Running));
        for waiting in [running(""), json!({}), json!({"Status": {"State": "upgrading"}})] {
            let found = standing(&mesh("TKE", "LINKED", waiting.clone()), &id());
            assert!(matches!(found, Standing::Pending(_)), "{waiting}: {found:?}");
        }
    }

    #[test]
    fn where_there_is_no_address_none_is_waited_for() {
        let registered = standing(&mesh("TDCC", "LINKED", running("")), &id());
        assert_eq!(registered, Standing::Reached(Found::Running));
        let internal = json!({"Service": {"Type": "ClusterIP"}, "Status": {"State": "running"}});
        assert_eq!(standing(&mesh("TKE", "LINKED", internal), &id()), Standing::Reached(Found::Running));
    }

    #[test]
    fn a_gateway_that_vanishes_and_a_cluster_that_leaves_are_told_apart() {
        let other = GatewayId { name: "other".into(), ..id() };
        let found = standing(&mesh("TKE", "LINKED", running("203.0.113.1")), &other);
        assert_eq!(found, Standing::Reached(Found::Vanished));
        let left = standing(&mesh("TKE", "UNLINKING", running("203.0.113.1")), &id());
        assert!(matches!(left, Standing::Failed(Failure { seen, .. }) if seen == "the cluster cls-1 is UNLINKING"));
    }

    #[test]
    fn of_a_gateway_that_is_there_only_what_can_be_changed_is() {
        let found = json!({
            "Name": "gw", "Namespace": "istio-system", "Service": {"Type": "LoadBalancer"},
            "LoadBalancer": {"LoadBalancerType": "OPEN", "VipIsp": "BGP", "InternetMaxBandwidthOut": 10},
            "Workload": {"Replicas": 1, "DeployMode": "IN_GENERAL_NODE", "Resources": {"Limits": [{"Name": "cpu", "Quantity": "2"}]}},
        });
        let wanted = json!({
            "Name": "gw", "Namespace": "istio-system", "Service": {"Type": "NodePort"},
            "LoadBalancer": {"LoadBalancerType": "INTERNAL", "InternetMaxBandwidthOut": 20},
            "Workload": {"Replicas": 3, "Resources": {"Requests": [{"Name": "cpu", "Quantity": "1"}]}},
        });
        let wanted: IngressGateway = serde_json::from_value(wanted).expect("a gateway");
        let mut config: ClusterConfig = serde_json::from_value(json!({"IngressGatewayList": [found]})).expect("a list");
        assert!(!is_as_wanted(find(&config, &id()).expect("it is there"), &wanted));
        put(&mut config, &id(), &wanted);
        let changed = find(&config, &id()).expect("it is there").clone();
        assert!(is_as_wanted(&changed, &wanted));
        let expected = json!({
            "Name": "gw", "Namespace": "istio-system", "Service": {"Type": "LoadBalancer"},
            "LoadBalancer": {"LoadBalancerType": "OPEN", "VipIsp": "BGP", "InternetMaxBandwidthOut": 20},
            "Workload": {
                "Replicas": 3, "DeployMode": "IN_GENERAL_NODE",
                "Resources": {"Limits": [{"Name": "cpu", "Quantity": "2"}], "Requests": [{"Name": "cpu", "Quantity": "1"}]},
            },
        });
        assert_eq!(changed, serde_json::from_value(expected).expect("a gateway"));
    }

    #[test]
    fn a_removal_leaves_the_others() {
        let list = json!([{"Name": "gw", "Namespace": "other"}, {"Name": "gw", "Namespace": "istio-system"}]);
        let mut config = serde_json::from_value(json!({"IngressGatewayList": list})).expect("a list");
        remove(&mut config, &id());
        assert!(find(&config, &id()).is_none());
        assert_eq!(config.ingress_gateway_list.map_or(0, |list| list.len()), 1);
    }
}
