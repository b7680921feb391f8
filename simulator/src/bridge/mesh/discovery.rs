//! What is behind the gateways of a mesh: the services of its linked clusters, the network, and the pods.
//!
//! Istio learns of services by watching the clusters; here they are read when a request comes. Registered clusters are read
//! like any other.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::Value;

use crate::bridge::api::ClusterApi;
use crate::bridge::cluster::{Cluster, Clusters};
use crate::controllers::{HttpAnswer, HttpRequest};
use crate::gateway::{
    BrokenHop, ConnectionRefused, Endpoint, Endpoints, GatewayPod, Network, PodAnswer, Pods, ServicePorts,
};
use crate::kubernetes::Object;
use crate::network::{self, Address};
use crate::state::{LinkState, SharedCloud};

/// The label by which a slice names its service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// A mesh as its gateways see it.
pub(super) struct Discovery {
    pub(super) cloud: SharedCloud,
    pub(super) clusters: Arc<Clusters>,
    pub(super) mesh_id: String,
}

impl Discovery {
    /// The clusters that are linked now.
    fn linked(&self) -> Vec<&Cluster> {
        let members: Vec<String> = self.cloud.read(|cloud| {
            let mesh = cloud.meshes.iter().filter(|mesh| mesh.id == self.mesh_id);
            let linked = mesh.flat_map(|mesh| &mesh.clusters).filter(|it| it.phase.state() == LinkState::Linked);
            linked.filter_map(|it| it.member.clone()).collect()
        });
        members.iter().filter_map(|id| self.clusters.get(id)).collect()
    }
}

impl Endpoints for Discovery {
    fn services(&self, host: &str) -> Vec<ServicePorts> {
        let Some((name, namespace)) = host.strip_suffix(".svc.cluster.local").and_then(|it| it.split_once('.')) else {
            return Vec::new();
        };
        self.linked().into_iter().filter_map(|cluster| service(cluster, namespace, name)).collect()
    }
}

/// A service of a cluster, if the cluster has it.
fn service(cluster: &Cluster, namespace: &str, name: &str) -> Option<ServicePorts> {
    let api = &*cluster.server;
    let service = api.find("", "services", namespace, name)?;
    let slices = api.list("discovery.k8s.io", "endpointslices", namespace);
    let slices: Vec<_> = slices.iter().filter(|slice| slice.label(SERVICE_NAME) == Some(name)).collect();
    let ports = service.list("/spec/ports").iter().filter_map(|port| {
        let behind = slices.iter().flat_map(|slice| endpoints(cluster, slice, &port["name"]));
        Some((number(&port["port"])?, behind.collect()))
    });
    Some(ports.collect())
}

/// The pods of a slice, at its port of a name.
fn endpoints(cluster: &Cluster, slice: &Object, port: &Value) -> Vec<Endpoint> {
    let name = |port: &Value| port.as_str().unwrap_or_default().to_owned();
    let found = slice.list("/ports").iter().find(|it| name(&it["name"]) == name(port));
    let Some(port) = found.and_then(|port| number(&port["port"])) else { return Vec::new() };
    let endpoint = |it: &Value| {
        Some(Endpoint {
            cluster: cluster.described.id.clone(),
            address: it["addresses"][0].as_str()?.parse().ok()?,
            port,
            labels: pod_labels(&*cluster.server, slice.namespace(), &it["targetRef"]),
            ready: it["conditions"]["ready"] == true,
        })
    };
    slice.list("/endpoints").iter().filter_map(endpoint).collect()
}

fn pod_labels(api: &dyn ClusterApi, namespace: &str, reference: &Value) -> BTreeMap<String, String> {
    let pod = reference["name"].as_str().and_then(|name| api.find("", "pods", namespace, name));
    pod.map(|pod| owned_labels(&pod)).unwrap_or_default()
}

/// The labels of an object.
pub(super) fn owned_labels(object: &Object) -> BTreeMap<String, String> {
    object.labels().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn number(value: &Value) -> Option<u16> {
    value.as_u64()?.try_into().ok()
}

impl Network for Discovery {
    fn reach(&self, from: &GatewayPod, to: &Endpoint) -> Result<(), BrokenHop> {
        let (IpAddr::V4(ip), IpAddr::V4(target)) = (from.address, to.address) else {
            return Err(BrokenHop("the network carries IPv4 only".to_owned()));
        };
        let Some(cluster) = self.clusters.get(&from.cluster) else {
            return Err(BrokenHop(format!("{} is gone", from.cluster)));
        };
        let from = Address { vpc_id: cluster.described.vpc_id.clone(), ip };
        self.cloud.read(|cloud| network::path(cloud, &from, target)).map_err(|hop| BrokenHop(hop.to_string()))
    }
}

impl Pods for Discovery {
    fn call<'a>(&'a self, pod: &'a Endpoint, request: Request<Bytes>) -> PodAnswer<'a> {
        Box::pin(async move {
            let request = HttpRequest {
                port: pod.port,
                method: request.method().to_string(),
                path: request.uri().path().to_owned(),
            };
            let workloads = self.clusters.get(&pod.cluster).and_then(Cluster::workloads);
            match (workloads, pod.address) {
                (Some(workloads), IpAddr::V4(address)) => workloads.answer(address, &request).map(response),
                _ => None,
            }
            .ok_or(ConnectionRefused)
        })
    }
}

fn response(answer: HttpAnswer) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    if let Ok(kind) = HeaderValue::from_str(&answer.content_type) {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response
}
