//! Meshes as the API answers them.

use serde_json::{Value, json};

use crate::clock::beijing_offset;
use crate::state::{Cloud, Gateway, GatewayState, LinkState, Mesh, MeshCluster, MeshState, Prometheus};

/// `Mesh`.
pub(super) fn mesh(cloud: &Cloud, mesh: &Mesh) -> Value {
    json!({
        "MeshId": mesh.id,
        "DisplayName": mesh.name,
        "Type": "HOSTED",
        "Region": mesh.region,
        "Version": mesh.version,
        "State": mesh.phase.state(),
        "CreatedTime": beijing_offset(mesh.created),
        "UpdatedTime": beijing_offset(mesh.updated),
        "ClusterList": mesh.clusters.iter().map(|it| cluster(cloud, it)).collect::<Value>(),
        "Config": mesh.config,
        "Status": {
            "ServiceCount": 0,
            "CanaryVersion": "",
            "StateMessage": state_message(mesh),
            "ActiveOperationList": operations(mesh),
            "TPS": mesh.prometheus.as_ref().map(|it| prometheus(mesh, it)),
        },
        "TagList": tags(cloud, mesh),
    })
}

fn tags(cloud: &Cloud, mesh: &Mesh) -> Value {
    let tag = |(key, value): (&String, &String)| json!({ "Key": key, "Value": value, "Passthrough": mesh.passed_on.contains(key) });
    cloud.tags.of(&mesh.tagged()).map(tag).collect()
}

fn state_message(mesh: &Mesh) -> &'static str {
    match mesh.phase.state() {
        MeshState::CreateFailed => "InstallError: the control plane could not be installed",
        MeshState::DeleteFailed => "UninstallError: the control plane could not be removed",
        _ => "",
    }
}

/// `ActiveOperationList`: null where nothing is under way.
fn operations(mesh: &Mesh) -> Value {
    let any = |state: LinkState| mesh.clusters.iter().any(|it| it.phase.state() == state);
    let under_way = [
        (mesh.phase.state() == MeshState::Creating, "INSTALL_MESH"),
        (any(LinkState::Linking), "LINK_CLUSTERS"),
        (any(LinkState::Unlinking), "UNLINK_CLUSTERS"),
    ];
    let operation = |kind: &str| json!({ "OperationId": format!("{}-{kind}", mesh.id), "Type": kind });
    let operations: Vec<Value> = under_way.iter().filter(|it| it.0).map(|it| operation(it.1)).collect();
    if operations.is_empty() { Value::Null } else { json!(operations) }
}

fn prometheus(mesh: &Mesh, prometheus: &Prometheus) -> Value {
    json!({
        "PrometheusId": format!("{}-{}", mesh.id, prometheus.id),
        "DisplayName": prometheus.id,
        "InstanceId": prometheus.id,
        "VpcId": prometheus.config["VpcId"],
        "Region": prometheus.config["Region"],
        "State": prometheus.phase.state(),
        "Grafana": { "Enabled": false, "InternalURL": "", "PublicURL": "" },
        "Type": "tmp",
    })
}

fn cluster(cloud: &Cloud, cluster: &MeshCluster) -> Value {
    let known = cluster.member.as_ref().and_then(|id| cloud.clusters.get(id));
    let registered = cloud.registrations.clusters.get(&cluster.id);
    let name = registered.map(|it| &it.name).or(known.map(|it| &it.name));
    let gateways: Vec<Value> = cluster.gateways.iter().map(|it| gateway(cloud, it)).collect();
    let mut config = cluster.config.clone();
    config["IngressGatewayList"] = json!(gateways);
    json!({
        "ClusterId": cluster.id,
        "Region": cluster.region,
        "Role": cluster.role,
        "VpcId": cluster.vpc_id,
        "SubnetId": cluster.subnet_id,
        "DisplayName": name,
        "State": if known.is_some() { "RUNNING" } else { "" },
        "LinkedTime": cluster.linked.map(beijing_offset),
        "Config": config,
        "Status": {
            "LinkState": cluster.phase.state(),
            "LinkErrorDetail": if cluster.phase.state() == LinkState::LinkFailed { cluster.error.as_str() } else { "" },
        },
        "Type": cluster.kind,
        "HostedNamespaces": [],
    })
}

fn gateway(cloud: &Cloud, gateway: &Gateway) -> Value {
    let balancer = gateway.balancer_id.as_ref().and_then(|id| cloud.balancers.balancers.get(id));
    let mut view = gateway.spec.clone();
    if gateway.phase.state() == GatewayState::Running {
        view["Status"] = json!({
            "LoadBalancer": {
                "LoadBalancerId": balancer.map(|it| it.id.as_str()).unwrap_or_default(),
                "LoadBalancerName": balancer.map(|it| it.name.as_str()).unwrap_or_default(),
                "LoadBalancerVip": balancer.map(|it| it.vip.to_string()).unwrap_or_default(),
                "LoadBalancerHostname": balancer.map(crate::state::Balancer::domain),
            },
            "CurrentVersion": "",
            "DesiredVersion": "",
            "State": "running",
        });
    }
    view
}
