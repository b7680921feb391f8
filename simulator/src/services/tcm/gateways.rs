//! Ingress gateways: there is no action for one, they are lists in the clusters of a mesh.

use super::config::{self, Cluster, IngressGateway};
use super::merge;
use crate::front::{ApiError, Call};
use crate::state::{Gateway, GatewayState, LinkState, Mesh, MeshCluster, Phase, begin_gateway};
use crate::world::GatewayListRule;

/// Gateways of a cluster that is not linked yet.
pub(super) fn waiting(cluster_id: &str, listed: Vec<IngressGateway>) -> Result<Vec<Gateway>, ApiError> {
    let phase = || Phase::settled(GatewayState::Waiting);
    listed.into_iter().map(|wanted| gateway(cluster_id, &wanted, phase())).collect()
}

fn gateway(cluster_id: &str, wanted: &IngressGateway, phase: Phase<GatewayState>) -> Result<Gateway, ApiError> {
    if wanted.cluster_id != cluster_id {
        let message = format!("The gateway `{}` names another cluster.", wanted.name);
        return Err(ApiError::new("InvalidParameter", message));
    }
    let spec = config::json_of(wanted);
    if spec["LoadBalancer"]["LoadBalancerType"] == "INTERNAL" && spec["LoadBalancer"]["SubnetId"].is_null() {
        return Err(ApiError::new("InvalidParameter", "An internal load balancer needs a `SubnetId`."));
    }
    Ok(Gateway { namespace: wanted.namespace.clone(), name: wanted.name.clone(), spec, phase, balancer_id: None })
}

/// Changes the clusters that are sent, and gives the gateways that go away. Other clusters are left alone.
pub(super) fn modify(call: &mut Call<'_>, mesh: &mut Mesh, sent: Vec<Cluster>) -> Result<Vec<Gateway>, ApiError> {
    let mut removed = Vec::new();
    for wanted in sent {
        let cluster = mesh.cluster_mut(&wanted.cluster_id).ok_or_else(|| {
            let message = format!("The cluster `{}` is no part of the mesh.", wanted.cluster_id);
            ApiError::new("ResourceNotFound", message)
        })?;
        let Some(config) = wanted.config else { continue };
        merge(&mut cluster.config, config::json_of(&config));
        if let Some(listed) = config.ingress_gateway_list {
            removed.extend(modify_list(call, cluster, &listed)?);
        }
    }
    Ok(removed)
}

fn modify_list(
    call: &mut Call<'_>,
    cluster: &mut MeshCluster,
    listed: &[IngressGateway],
) -> Result<Vec<Gateway>, ApiError> {
    if cluster.phase.state() != LinkState::Linked && !listed.is_empty() {
        return Err(ApiError::new("FailedOperation", format!("The cluster `{}` is not linked.", cluster.id)));
    }
    let same = |a: &Gateway, b: &IngressGateway| a.name == b.name && a.namespace == b.namespace;
    let keeps_absent = call.cloud.settings.ingress_gateway_list == GatewayListRule::Merge && !listed.is_empty();
    let is_listed = |it: &mut Gateway| listed.iter().any(|wanted| same(it, wanted));
    let removed = cluster.gateways.extract_if(.., |it| !keeps_absent && !is_listed(it)).collect();
    for wanted in listed {
        let new = gateway(&cluster.id, wanted, begin_gateway(&call.cloud.timing))?;
        match cluster.gateways.iter_mut().find(|it| same(it, wanted)) {
            Some(gateway) => change(call, gateway, new)?,
            None => cluster.gateways.push(new),
        }
    }
    Ok(removed)
}

/// Changes a gateway. Bandwidth and workload can be changed, all else cannot (TCM documents, "Ingress gateway").
fn change(call: &mut Call<'_>, gateway: &mut Gateway, wanted: Gateway) -> Result<(), ApiError> {
    let fixed = [
        &["LoadBalancerId"][..],
        &["LoadBalancer", "LoadBalancerType"],
        &["LoadBalancer", "SubnetId"],
        &["LoadBalancer", "InternetChargeType"],
    ];
    for place in fixed {
        let at = |gateway: &Gateway| place.iter().fold(gateway.spec.clone(), |value, name| value[name].clone());
        if !at(&wanted).is_null() && at(&wanted) != at(gateway) {
            return Err(ApiError::new("InvalidParameter", format!("`{}` cannot be changed.", place.join("."))));
        }
    }
    let bandwidth = wanted.spec["LoadBalancer"]["InternetMaxBandwidthOut"].as_u64();
    merge(&mut gateway.spec, wanted.spec);
    let balancer = gateway.balancer_id.as_ref().and_then(|id| call.cloud.balancers.balancers.get_mut(id));
    if let (Some(balancer), Some(bandwidth)) = (balancer, bandwidth) {
        balancer.bandwidth = bandwidth;
    }
    Ok(())
}
