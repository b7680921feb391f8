//! Ingress gateways in their clusters: a deployment and a service, named after the gateway.
//!
//! Labels and ports are as TCM's documents describe them: the label `app` is the gateway's name, and a port has one number
//! in container, service and load balancer. The image's name is assumed.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Service;
use kube::Client;
use kube::api::Api;
use serde_json::{Map, Value, json};

use super::wanted::{Place, WantedGateway};
use crate::bridge::apply::apply;
use crate::bridge::cluster::Clusters;
use crate::controllers::writes::{self, absent_is_done, delete};

/// The port that is open as long as there is a gateway.
pub(super) const ALWAYS: u16 = 80;

const MANAGER: &str = "tcm";

/// Puts a gateway into its cluster, or brings it up to date.
///
/// # Errors
/// What the cluster refuses.
pub(super) async fn put(client: &Client, place: &Place, gateway: &WantedGateway) -> kube::Result<()> {
    apply(client, MANAGER, "apps/v1", "Deployment", deployment(place, gateway)).await?;
    apply(client, MANAGER, "v1", "Service", service(place, gateway)).await?;
    let api: Api<Service> = Api::namespaced(client.clone(), &place.namespace);
    let Some(mut service) = api.get_opt(&place.name).await? else { return Ok(()) };
    let vip = gateway.balancer.as_ref().map(|balancer| balancer.vip.to_string());
    let status = json!({ "loadBalancer": vip.map_or_else(|| json!({}), |ip| json!({ "ingress": [{ "ip": ip }] })) });
    service.status = serde_json::from_value(status).map_err(kube::Error::SerdeError)?;
    absent_is_done(writes::status(&api, service).await).map(drop)
}

/// Takes a gateway out of its cluster.
///
/// # Errors
/// What the cluster refuses.
pub(super) async fn remove(clusters: &Clusters, place: &Place) -> kube::Result<()> {
    let Some(cluster) = clusters.get(&place.cluster) else { return Ok(()) };
    let (client, namespace) = (|| cluster.client.clone(), &place.namespace);
    delete(&Api::<Service>::namespaced(client(), namespace), &place.name).await?;
    delete(&Api::<Deployment>::namespaced(client(), namespace), &place.name).await
}

/// The labels of a gateway's pods, which Istio's selectors pick.
fn labels(place: &Place) -> Value {
    json!({ "app": place.name, "istio": "ingressgateway" })
}

fn metadata(place: &Place) -> Value {
    json!({ "name": place.name, "namespace": place.namespace, "labels": labels(place) })
}

/// The ports of its load balancer.
fn ports(gateway: &WantedGateway) -> BTreeSet<u16> {
    let listeners = gateway.balancer.iter().flat_map(|balancer| balancer.listeners.iter().copied());
    listeners.chain([ALWAYS]).collect()
}

fn deployment(place: &Place, WantedGateway { member, spec, .. }: &WantedGateway) -> Value {
    let image = format!("ccr.ccs.tencentyun.com/tcm/proxyv2:{}", member.version);
    json!({
        "metadata": metadata(place),
        "spec": {
            "replicas": spec["Workload"]["Replicas"].as_u64().unwrap_or(1),
            "selector": { "matchLabels": labels(place) },
            "template": {
                "metadata": { "labels": labels(place) },
                "spec": { "containers": [{
                    "name": "istio-proxy",
                    "image": image,
                    "args": ["proxy", "router"],
                    "resources": resources(&spec["Workload"]["Resources"]),
                }] },
            },
        },
    })
}

/// What a container may use, from the API's lists of names and quantities.
fn resources(wanted: &Value) -> Value {
    let quantities = |list: &Value| -> Map<String, Value> {
        let items = list.as_array().into_iter().flatten();
        items.filter_map(|item| Some((item["Name"].as_str()?.to_owned(), item["Quantity"].clone()))).collect()
    };
    json!({ "limits": quantities(&wanted["Limits"]), "requests": quantities(&wanted["Requests"]) })
}

fn service(place: &Place, gateway: &WantedGateway) -> Value {
    let port = |number| json!({ "name": format!("http-{number}"), "port": number, "targetPort": number });
    let wanted = &gateway.spec["Service"];
    let kind = wanted["Type"].as_str().filter(|kind| !kind.is_empty()).unwrap_or("LoadBalancer");
    let mut metadata = metadata(place);
    if let Some(balancer) = &gateway.balancer {
        metadata["annotations"] = json!({ "service.kubernetes.io/loadbalance-id": balancer.id });
    }
    let ports: Vec<Value> = ports(gateway).into_iter().map(port).collect();
    let mut spec = json!({ "type": kind, "selector": labels(place), "ports": ports });
    if let Some(policy) = wanted["ExternalTrafficPolicy"].as_str().filter(|_| kind != "ClusterIP") {
        spec["externalTrafficPolicy"] = policy.into();
    }
    json!({ "metadata": metadata, "spec": spec })
}
