//! A mesh of fakes, and objects to put before it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Value, json};
use tcmesh_simulator::gateway::{
    BrokenHop, ConnectionRefused, Endpoint, Endpoints, Flag, Gateway, GatewayPod, Mesh, Network, Objects, Outcome,
    PodAnswer, Pods, RoutingTable, ServicePorts, Workload,
};

/// How long a gateway of these tests waits for a connection.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_millis(200);
/// Where its clients are.
pub(crate) const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// What a pod does.
#[derive(Clone)]
pub(crate) enum Pod {
    /// Answers with a status and a text.
    Says(StatusCode, &'static str),
    /// Refuses connections.
    Refuses,
    /// Takes requests and never answers.
    IsSilent,
}

/// Services, network and pods.
#[derive(Default)]
pub(crate) struct World {
    services: Mutex<HashMap<String, Vec<ServicePorts>>>,
    pods: Mutex<HashMap<IpAddr, Pod>>,
    unreachable: Mutex<HashSet<IpAddr>>,
    calls: Mutex<Vec<(IpAddr, Request<Bytes>)>>,
}

impl World {
    /// Adds pods to the port 80 of the service `NAME.test` of a cluster.
    pub(crate) fn add(&self, name: &str, cluster: &str, pods: &[(&str, Pod)]) {
        let endpoint = |address: &str| Endpoint {
            cluster: cluster.to_owned(),
            address: address.parse().unwrap(),
            port: 8080,
            labels: BTreeMap::new(),
            ready: true,
        };
        let endpoints = pods.iter().map(|(address, _)| endpoint(address)).collect();
        let host = format!("{name}.test.svc.cluster.local");
        self.services.lock().unwrap().entry(host).or_default().push([(80, endpoints)].into());
        self.pods.lock().unwrap().extend(pods.iter().map(|(address, pod)| (address.parse().unwrap(), pod.clone())));
    }

    /// Takes the service `NAME.test` away from all clusters.
    pub(crate) fn forget(&self, name: &str) {
        self.services.lock().unwrap().remove(&format!("{name}.test.svc.cluster.local"));
    }

    /// Lets the network lose what is sent to an address.
    pub(crate) fn cut_off(&self, address: &str) {
        self.unreachable.lock().unwrap().insert(address.parse().unwrap());
    }

    /// The requests that reached pods so far.
    pub(crate) fn calls(&self) -> Vec<(IpAddr, Request<Bytes>)> {
        self.calls.lock().unwrap().clone()
    }

    /// All of it behind a gateway.
    pub(crate) fn mesh(self: &Arc<Self>) -> Mesh {
        Mesh {
            endpoints: Arc::clone(self) as _,
            network: Arc::clone(self) as _,
            pods: Arc::clone(self) as _,
            connect_timeout: CONNECT_TIMEOUT,
        }
    }

    /// A gateway before it, with the table of some objects.
    pub(crate) fn gateway(self: &Arc<Self>, objects: &[Value]) -> Gateway {
        let workload = Workload {
            namespace: "istio-system".into(),
            labels: [("istio".to_owned(), "ingressgateway".to_owned())].into(),
            version: "1.18.5".parse().unwrap(),
        };
        let pod = GatewayPod { cluster: "cls-1".into(), address: "172.16.0.9".parse().unwrap() };
        Gateway::new(RoutingTable::new(&Objects::read(objects), &workload), pod, self.mesh())
    }
}

impl Endpoints for World {
    fn services(&self, host: &str) -> Vec<ServicePorts> {
        self.services.lock().unwrap().get(host).cloned().unwrap_or_default()
    }
}

impl Network for World {
    fn reach(&self, from: &GatewayPod, to: &Endpoint) -> Result<(), BrokenHop> {
        let lost = self.unreachable.lock().unwrap().contains(&to.address);
        if lost { Err(BrokenHop(format!("no route from {} to {}", from.address, to.address))) } else { Ok(()) }
    }
}

impl Pods for World {
    fn call<'a>(&'a self, pod: &'a Endpoint, request: Request<Bytes>) -> PodAnswer<'a> {
        self.calls.lock().unwrap().push((pod.address, request));
        let behaviour = self.pods.lock().unwrap()[&pod.address].clone();
        Box::pin(async move {
            match behaviour {
                Pod::Says(status, text) => {
                    let mut response = Response::new(Bytes::from(text));
                    *response.status_mut() = status;
                    response.headers_mut().insert("server", HeaderValue::from_static("prism"));
                    response.headers_mut().insert("keep-alive", HeaderValue::from_static("timeout=5"));
                    Ok(response)
                }
                Pod::Refuses => Err(ConnectionRefused),
                Pod::IsSilent => std::future::pending().await,
            }
        })
    }
}

/// A pod that answers 200 with a text.
pub(crate) fn says(text: &'static str) -> Pod {
    Pod::Says(StatusCode::OK, text)
}

/// The gateway `istio-system/main` for all hosts below `imroc.cc` on port 80.
pub(crate) fn main_gateway() -> Value {
    json!({
        "kind": "Gateway",
        "metadata": { "name": "main", "namespace": "istio-system" },
        "spec": {
            "selector": { "istio": "ingressgateway" },
            "servers": [{ "port": { "number": 80, "name": "HTTP-80", "protocol": "HTTP" }, "hosts": ["*.imroc.cc"] }],
        },
    })
}

/// The virtual service `test/NAME` for the host `NAME.imroc.cc`.
pub(crate) fn routes(name: &str, http: Value) -> Value {
    let mut service = json!({
        "kind": "VirtualService",
        "metadata": { "name": name, "namespace": "test" },
        "spec": { "hosts": [format!("{name}.imroc.cc")], "gateways": ["istio-system/main"] },
    });
    service["spec"]["http"] = http;
    service
}

/// A rule that sends everything to the service `test/NAME`, with more members.
pub(crate) fn to(name: &str, more: Value) -> Value {
    let mut rule = json!({ "route": [{ "destination": { "host": name, "port": { "number": 80 } } }] });
    if let Value::Object(more) = more {
        rule.as_object_mut().unwrap().extend(more);
    }
    rule
}

/// A GET of `host/path`.
pub(crate) fn get(url: &str) -> Request<Body> {
    let (host, path) = url.split_once('/').unwrap();
    Request::get(format!("/{path}")).header("host", host).body(Body::empty()).unwrap()
}

/// An answer as it can be compared.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: http::HeaderMap,
    /// The body.
    pub(crate) body: String,
    /// How it came about.
    pub(crate) outcome: Option<Outcome>,
}

impl Answer {
    /// Reads a response.
    pub(crate) async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
            outcome: parts.extensions.get().cloned(),
        }
    }

    /// Status and body.
    pub(crate) fn brief(&self) -> (u16, &str) {
        (self.status, &self.body)
    }

    /// What went wrong.
    pub(crate) fn flag(&self) -> Flag {
        self.outcome.as_ref().unwrap().flag
    }

    /// How it came about, in words.
    pub(crate) fn detail(&self) -> &str {
        &self.outcome.as_ref().unwrap().detail
    }
}

/// What a gateway answers on port 80.
pub(crate) async fn ask(gateway: &Gateway, request: Request<Body>) -> Answer {
    Answer::of(gateway.handle(80, CLIENT, request).await).await
}
