//! What a cluster has from the start, and the objects that show which groups it serves.

use std::collections::BTreeSet;

use serde_json::json;

use super::clock::rfc3339;
use super::ids;
use super::object::Object;
use super::registry::GroupVersion;
use super::server::Server;
use super::store::{Resource, Store};

mod roles;

const ACCESS: &str = "rbac.authorization.k8s.io";
const AGGREGATION: &str = "apiregistration.k8s.io";
/// The label of the objects that stand for groups that the server serves itself.
const AUTOMANAGED: &str = "kube-aggregator.kubernetes.io/automanaged";

/// Fills an empty store with what every cluster has.
pub(crate) fn fill(server: &Server) {
    for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
        let mut namespace = Object::new("v1", "Namespace", name);
        namespace.set("/metadata/labels/kubernetes.io~1metadata.name", name);
        namespace.set("/spec/finalizers", json!(["kubernetes"]));
        namespace.set("/status/phase", "Active");
        add(server, "", "namespaces", namespace);
    }
    add(server, "", "services", api_service(server));
    roles::roles().into_iter().for_each(|role| add(server, ACCESS, "clusterroles", role));
    roles::bindings().into_iter().for_each(|binding| add(server, ACCESS, "clusterrolebindings", binding));
    sync_api_services(server);
}

/// Brings the objects that stand for served groups in line with what is served.
pub(crate) fn sync_api_services(server: &Server) {
    let resource = Resource::new(AGGREGATION, "apiservices");
    let served = server.registry.group_versions();
    let names: BTreeSet<_> = served.iter().map(name_of).collect();
    let (existing, _) = server.store.list(&resource, None);
    for object in existing.iter().filter(|object| object.label(AUTOMANAGED).is_some()) {
        if !names.contains(object.name()) {
            // If somebody else was faster, there is nothing left to do.
            server.store.remove(&resource, (**object).clone(), object.resource_version()).ok();
        }
    }
    for version in served.iter().filter(|version| !existing.iter().any(|it| it.name() == name_of(version))) {
        add(server, AGGREGATION, "apiservices", api_service_of(server, version));
    }
}

fn name_of(version: &GroupVersion) -> String {
    format!("{}.{}", version.version, version.group)
}

fn api_service_of(server: &Server, version: &GroupVersion) -> Object {
    let mut object = Object::new("apiregistration.k8s.io/v1", "APIService", &name_of(version));
    object.set(&format!("/metadata/labels/{}", AUTOMANAGED.replace('/', "~1")), "true");
    object.set(
        "/spec",
        json!({"group": version.group, "version": version.version, "groupPriorityMinimum": 1000,
        "versionPriority": 100}),
    );
    object.set(
        "/status/conditions",
        json!([{"type": "Available", "status": "True", "reason": "Local",
        "message": "Local APIServices are always available", "lastTransitionTime": rfc3339(server.clock.now())}]),
    );
    object
}

fn add(server: &Server, group: &str, plural: &str, mut object: Object) {
    object.set("/metadata/uid", ids::uid());
    object.set("/metadata/creationTimestamp", rfc3339(server.clock.now()));
    let store: &Store = &server.store;
    // An object of the same name is as good.
    store.create(&Resource::new(group, plural), object).ok();
}

/// The service by which pods reach the server.
fn api_service(server: &Server) -> Object {
    let mut service = Object::new("v1", "Service", "kubernetes");
    let address = server.addresses.first().to_string();
    service.set("/metadata/namespace", "default");
    service.set("/metadata/labels", json!({"component": "apiserver", "provider": "kubernetes"}));
    service.set(
        "/spec",
        json!({"type": "ClusterIP", "clusterIP": address, "clusterIPs": [address],
        "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
        "sessionAffinity": "None", "internalTrafficPolicy": "Cluster", "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack"}),
    );
    service.set("/status", json!({"loadBalancer": {}}));
    service
}
