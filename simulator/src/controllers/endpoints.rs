//! Endpoints and endpoint slices: which pods stand behind a service.

use futures_util::stream::BoxStream;
use k8s_openapi::api::core::v1::{
    EndpointAddress, EndpointPort, EndpointSubset, Endpoints, ObjectReference, Pod, Service, ServicePort,
};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointPort as SlicePort, EndpointSlice};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::api::{Api, ListParams, ObjectMeta, Patch, PatchParams};
use kube::{Client, Resource, ResourceExt};

use super::owners::control_by;
use super::pods::{is_active, is_ready};
use super::watch::keys;
use super::work::{Again, Controller, Key};
use super::writes;

/// The controller of endpoints and endpoint slices.
pub(super) struct EndpointSets {
    pub(super) client: Client,
}

/// The pods behind a service.
struct Backends<'a> {
    service: &'a Service,
    pods: Vec<Pod>,
}

impl EndpointSets {
    /// What leads to work: changes of services and of pods.
    pub(super) fn triggers(client: &Client) -> Vec<BoxStream<'static, Key>> {
        let services: Api<Service> = Api::all(client.clone());
        let pods: Api<Pod> = Api::all(client.clone());
        vec![keys(services, |service| Some(Key::of(service))), keys(pods, |pod| Some(Key::all_in_namespace_of(pod)))]
    }

    async fn publish(&self, service: &Service) -> kube::Result<()> {
        let selector = service.spec.as_ref().and_then(|spec| spec.selector.clone()).unwrap_or_default();
        if selector.is_empty() {
            return Ok(());
        }
        let namespace = service.namespace().unwrap_or_default();
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), &namespace);
        let selector: Vec<_> = selector.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut pods = pods.list(&ListParams::default().labels(&selector.join(","))).await?.items;
        pods.retain(|pod| is_active(pod) && address(pod).is_some());
        let backends = Backends { service, pods };
        write(&Api::namespaced(self.client.clone(), &namespace), backends.endpoints()).await?;
        write(&Api::namespaced(self.client.clone(), &namespace), backends.slice()).await
    }
}

/// Writes an object as a whole, if it is not so already.
async fn write<K>(api: &Api<K>, object: K) -> kube::Result<()>
where
    K: Clone + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned + Resource<DynamicType = ()>,
{
    let params = PatchParams::apply(writes::MANAGER).force();
    api.patch(&object.name_any(), &params, &Patch::Apply(&object)).await.map(drop)
}

fn address(pod: &Pod) -> Option<&String> {
    pod.status.as_ref()?.pod_ip.as_ref()
}

fn reference(pod: &Pod) -> ObjectReference {
    ObjectReference {
        kind: Some("Pod".to_owned()),
        name: Some(pod.name_any()),
        namespace: pod.namespace(),
        uid: pod.uid(),
        ..ObjectReference::default()
    }
}

/// The port of a pod that a port of a service leads to.
fn target(pod: &Pod, port: &ServicePort) -> Option<i32> {
    match &port.target_port {
        None => Some(port.port),
        Some(IntOrString::Int(number)) => Some(*number),
        Some(IntOrString::String(name)) => {
            let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
            let mut ports = containers.flat_map(|container| container.ports.iter().flatten());
            ports.find(|port| port.name.as_ref() == Some(name)).map(|port| port.container_port)
        }
    }
}

impl Backends<'_> {
    fn ports(&self) -> Vec<(&ServicePort, i32)> {
        let ports = self.service.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
        // Where pods disagree on a named port, the first counts.
        let resolved = ports.filter_map(|port| Some((port, self.pods.iter().find_map(|pod| target(pod, port))?)));
        resolved.collect()
    }

    fn metadata(&self, name: String) -> ObjectMeta {
        ObjectMeta {
            name: Some(name),
            namespace: self.service.namespace(),
            labels: self.service.metadata.labels.clone(),
            ..ObjectMeta::default()
        }
    }

    fn endpoints(&self) -> Endpoints {
        let (ready, not_ready): (Vec<_>, Vec<_>) = self.pods.iter().partition(|pod| is_ready(pod));
        let ports = self.ports().into_iter().map(|(port, number)| EndpointPort {
            name: port.name.clone(),
            port: number,
            protocol: port.protocol.clone(),
            app_protocol: port.app_protocol.clone(),
        });
        let some = |pods: Vec<&Pod>| {
            Some(pods.into_iter().filter_map(endpoint_address).collect::<Vec<_>>()).filter(|list| !list.is_empty())
        };
        let subset = EndpointSubset {
            addresses: some(ready),
            not_ready_addresses: some(not_ready),
            ports: Some(ports.collect()),
        };
        Endpoints {
            metadata: self.metadata(self.service.name_any()),
            subsets: (!self.pods.is_empty()).then(|| vec![subset]),
        }
    }

    fn slice(&self) -> EndpointSlice {
        let mut metadata = self.metadata(format!("{}-0", self.service.name_any()));
        let labels = metadata.labels.get_or_insert_default();
        labels.insert("kubernetes.io/service-name".to_owned(), self.service.name_any());
        labels
            .insert("endpointslice.kubernetes.io/managed-by".to_owned(), "endpointslice-controller.k8s.io".to_owned());
        metadata.owner_references = Some(vec![control_by(self.service)]);
        let ports = self.ports().into_iter().map(|(port, number)| SlicePort {
            name: Some(port.name.clone().unwrap_or_default()),
            port: Some(number),
            protocol: port.protocol.clone(),
            app_protocol: port.app_protocol.clone(),
        });
        EndpointSlice {
            address_type: "IPv4".to_owned(),
            ports: Some(ports.collect()),
            endpoints: self.pods.iter().map(endpoint).collect(),
            metadata,
        }
    }
}

fn endpoint_address(pod: &Pod) -> Option<EndpointAddress> {
    let node_name = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
    Some(EndpointAddress { ip: address(pod)?.clone(), node_name, target_ref: Some(reference(pod)), hostname: None })
}

fn endpoint(pod: &Pod) -> Endpoint {
    let ready = Some(is_ready(pod));
    Endpoint {
        addresses: address(pod).cloned().into_iter().collect(),
        conditions: Some(EndpointConditions { ready, serving: ready, terminating: Some(false) }),
        node_name: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
        target_ref: Some(reference(pod)),
        ..Endpoint::default()
    }
}

impl Controller for EndpointSets {
    const NAME: &'static str = "endpoints";

    async fn reconcile(&self, key: &Key) -> kube::Result<Again> {
        let services: Api<Service> = Api::namespaced(self.client.clone(), &key.namespace);
        if key.name.is_empty() {
            for service in services.list(&ListParams::default()).await? {
                self.publish(&service).await?;
            }
            return Ok(None);
        }
        match services.get_opt(&key.name).await? {
            Some(service) if service.metadata.deletion_timestamp.is_none() => self.publish(&service).await?,
            Some(_) => {}
            None => {
                let endpoints: Api<Endpoints> = Api::namespaced(self.client.clone(), &key.namespace);
                writes::delete(&endpoints, &key.name).await?;
            }
        }
        Ok(None)
    }
}
