//! A cluster in memory, and a provider that is connected to it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use kube::api::{Api, ApiResource, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::GroupVersionKind;
use serde_json::{Value as Json, json};
use tcmesh::framework::value::Value;
use tcmesh::provider::{self, Tcmesh};
use tcmesh::scope::StopSwitch;
use tcmesh_simulator::controllers::{self, Controllers, NetworkRange, NodeOptions, SimulatedRuntime};
use tcmesh_simulator::kubernetes::istio::{self, Release};
use tcmesh_simulator::kubernetes::{ApiServer, Disturbance, Entry, Identity, MASTERS, Options, Store, SystemClock};

use crate::harness::client::{Stored, Terraform};

/// A cluster, and a Terraform whose provider block holds its kubeconfig.
pub(crate) struct World {
    pub(crate) server: ApiServer,
    pub(crate) terraform: Terraform<Tcmesh>,
    requests: Arc<Mutex<Vec<Entry>>>,
    fault: Arc<Mutex<Option<Fault>>>,
    _controllers: Controllers,
}

/// A disturbance of one request of the provider.
struct Fault {
    /// The method; any where it is empty.
    method: String,
    /// How many requests pass before.
    skipped: usize,
    disturbance: Disturbance,
}

/// A cluster with the namespaces `test` and `istio-system`.
pub(crate) async fn cluster(options: Options) -> ApiServer {
    let server = ApiServer::start(options).unwrap();
    let namespaces: Api<DynamicObject> =
        Api::all_with(server.client("admin"), &ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "Namespace")));
    for name in ["test", "istio-system"] {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        namespaces.create(&PostParams::default(), &serde_json::from_value(namespace).unwrap()).await.unwrap();
    }
    server
}

/// What makes a cluster of one node do something.
pub(crate) fn controllers(server: &ApiServer) -> Controllers {
    let address = Ipv4Addr::new(10, 0, 1, 4);
    Controllers::start(controllers::Options {
        client: server.client("kube-controller-manager"),
        clock: Arc::new(SystemClock),
        ca_pem: server.ca_pem(),
        nodes: vec![NodeOptions { name: "node-1".into(), address, labels: BTreeMap::new() }],
        network: Arc::new(NetworkRange::new("172.16.0.0/24".parse().unwrap())),
        runtime: Arc::new(SimulatedRuntime),
        load_balancers: None,
        foreign_groups: vec![istio::GROUP.to_owned()],
    })
}

/// A provider for a cluster.
pub(crate) async fn terraform(server: &ApiServer) -> Terraform<Tcmesh> {
    let terraform = Terraform::of(|| provider::server(StopSwitch::default()));
    let kubeconfig = server.kubeconfig(&Identity::new("terraform", &[MASTERS])).unwrap();
    let block = json!({"secret_id": "AKID", "secret_key": "key", "region": "ap-guangzhou", "kubernetes": {"kubeconfig": kubeconfig}});
    assert_eq!(terraform.configure(&terraform.provider(block)).await, [""; 0]);
    terraform
}

impl World {
    /// A cluster that is linked to a mesh of Istio 1.18.
    pub(crate) async fn start() -> Self {
        let world = Self::unlinked().await;
        world.server.attach(&istio::group(Release { major: 1, minor: 18 }, Store::new()));
        world
    }

    /// A cluster without a mesh.
    pub(crate) async fn unlinked() -> Self {
        let (requests, fault) = (Arc::<Mutex<Vec<Entry>>>::default(), Arc::<Mutex<Option<Fault>>>::default());
        let (journal, faults) = (Arc::clone(&requests), Arc::clone(&fault));
        let options = Options {
            journal: Some(Arc::new(move |entry| journal.lock().unwrap().push(entry))),
            faults: Some(Arc::new(move |incoming| {
                let mut fault = faults.lock().unwrap();
                let meant = |fault: &mut Fault| fault.method.is_empty() || fault.method == incoming.method;
                if incoming.user != "terraform" || !fault.as_mut().is_some_and(meant) {
                    return None;
                }
                let due = fault.take_if(|fault| fault.skipped == 0);
                fault.iter_mut().for_each(|fault| fault.skipped -= 1);
                due.map(|fault| fault.disturbance)
            })),
            ..Options::default()
        };
        let server = cluster(options).await;
        let terraform = terraform(&server).await;
        let _controllers = controllers(&server);
        Self { server, terraform, requests, fault, _controllers }
    }

    /// Disturbs the provider's next request of a method.
    pub(crate) fn disturb(&self, method: &str, disturbance: Disturbance) {
        *self.fault.lock().unwrap() = Some(Fault { method: method.to_owned(), skipped: 0, disturbance });
    }

    /// Disturbs the provider's request after `skipped` others.
    pub(crate) fn disturb_after(&self, skipped: usize, disturbance: Disturbance) {
        *self.fault.lock().unwrap() = Some(Fault { method: String::new(), skipped, disturbance });
    }

    /// Whether a disturbance is still to come; it then does not.
    pub(crate) fn is_undisturbed(&self) -> bool {
        self.fault.lock().unwrap().take().is_some()
    }

    /// The provider's writes since the last look, as `PATCH /path`.
    pub(crate) fn take_writes(&self) -> Vec<String> {
        let requests = std::mem::take(&mut *self.requests.lock().unwrap());
        let ours = requests.into_iter().filter(|entry| entry.write && entry.user == "terraform");
        ours.map(|entry| format!("{} {}", entry.method, entry.path.split('?').next().unwrap())).collect()
    }

    /// All requests of the provider since the last look.
    pub(crate) fn take_requests(&self) -> usize {
        std::mem::take(&mut *self.requests.lock().unwrap()).iter().filter(|entry| entry.user == "terraform").count()
    }

    /// The objects of a kind in a namespace, to somebody else.
    pub(crate) fn api(&self, api_version: &str, kind: &str, namespace: &str) -> Api<DynamicObject> {
        api(&self.server, api_version, kind, Some(namespace))
    }

    /// What the cluster holds of an object.
    pub(crate) async fn live(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Option<Json> {
        let found = self.api(api_version, kind, namespace).get_opt(name).await.unwrap();
        found.map(|found| serde_json::to_value(found).unwrap())
    }

    /// Somebody else changes an object.
    pub(crate) async fn change(&self, api_version: &str, kind: &str, namespace: &str, name: &str, patch: Json) {
        let params = PatchParams { field_manager: Some("kubectl-edit".into()), ..Default::default() };
        self.api(api_version, kind, namespace).patch(name, &params, &Patch::Merge(patch)).await.unwrap();
    }

    /// Somebody else makes an object.
    pub(crate) async fn make(&self, namespace: &str, object: Json) {
        let (api_version, kind) = (object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap());
        let params = PostParams { field_manager: Some("kubectl-create".into()), ..Default::default() };
        let api = self.api(api_version, kind, namespace);
        api.create(&params, &serde_json::from_value(object.clone()).unwrap()).await.unwrap();
    }

    /// Creates an object without a problem, and makes sure that nothing is left to do.
    pub(crate) async fn create(&self, type_name: &str, config: &Value) -> Stored {
        let (stored, told) = self.terraform.apply(type_name, config, &Stored::nothing()).await;
        assert_eq!(told, [""; 0], "{}", self.terraform.details());
        self.settled(type_name, config, &stored).await;
        stored
    }

    /// Updates an object without a problem, and makes sure that nothing is left to do.
    pub(crate) async fn update(&self, type_name: &str, config: &Value, prior: &Stored) -> Stored {
        let (stored, told) = self.terraform.apply(type_name, config, prior).await;
        assert_eq!(told, [""; 0], "{}", self.terraform.details());
        self.settled(type_name, config, &stored).await;
        stored
    }

    /// Makes sure that neither a refresh nor a plan finds anything.
    pub(crate) async fn settled(&self, type_name: &str, config: &Value, stored: &Stored) {
        let (read, told) = self.terraform.read(type_name, stored).await;
        assert_eq!((&read.state, told), (&stored.state, vec![]), "a refresh finds nothing");
        let planned = self.terraform.plan(type_name, config, &read).await;
        assert_eq!((&planned.state, planned.diagnostics), (&read.state, vec![]), "a plan finds nothing");
        self.take_requests();
    }
}

/// The objects of a kind in a cluster.
pub(crate) fn api(server: &ApiServer, api_version: &str, kind: &str, namespace: Option<&str>) -> Api<DynamicObject> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    match namespace {
        Some(namespace) => Api::namespaced_with(server.client("somebody"), namespace, &resource),
        None => Api::all_with(server.client("somebody"), &resource),
    }
}

/// What is at a path of a state, for example `rule.0.destination.0.weight`.
pub(crate) fn at<'a>(stored: &'a Stored, path: &str) -> &'a Value {
    path.split('.').fold(&stored.state, |value, step| match value {
        Value::List(items) => &items[step.parse::<usize>().unwrap()],
        value => value.field(step),
    })
}
