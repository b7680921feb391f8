//! The roles and bindings that every cluster has and that users meet (Kubernetes documentation, "Default roles and role
//! bindings").

use serde_json::{Value, json};

use super::ACCESS;
use crate::kubernetes::object::Object;

const READ: [&str; 3] = ["get", "list", "watch"];
const WRITE: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
/// The groups and resources of what people keep in namespaces.
const GROUPS: [&str; 5] = ["", "apps", "batch", "coordination.k8s.io", "discovery.k8s.io"];
const CONTENT: [&str; 19] = [
    "configmaps",
    "endpoints",
    "events",
    "pods",
    "pods/status",
    "services",
    "serviceaccounts",
    "deployments",
    "deployments/scale",
    "deployments/status",
    "replicasets",
    "replicasets/scale",
    "statefulsets",
    "statefulsets/scale",
    "daemonsets",
    "jobs",
    "endpointslices",
    "leases",
    "serviceaccounts/token",
];
const DISCOVERY: [&str; 10] =
    ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version"];
const PUBLIC: [&str; 4] = ["/healthz", "/livez", "/readyz", "/version"];
/// What users may ask about themselves.
const REVIEW_GROUPS: [&str; 2] = ["authorization.k8s.io", "authentication.k8s.io"];
const REVIEWS: [&str; 2] = ["selfsubjectaccessreviews", "selfsubjectreviews"];

/// The roles.
pub(super) fn roles() -> Vec<Object> {
    let namespaces = rule(&[""], &["namespaces"], &READ);
    let secrets = rule(&[""], &["secrets"], &WRITE);
    let grants = rule(&[ACCESS], &["roles", "rolebindings"], &WRITE);
    vec![
        role("cluster-admin", vec![rule(&["*"], &["*"], &["*"]), urls(&["*"], &["*"])]),
        role("admin", vec![rule(&GROUPS, &CONTENT, &WRITE), secrets.clone(), grants, namespaces.clone()]),
        role("edit", vec![rule(&GROUPS, &CONTENT, &WRITE), secrets, namespaces.clone()]),
        role("view", vec![rule(&GROUPS, &CONTENT, &READ), namespaces]),
        role("system:discovery", vec![urls(&DISCOVERY, &["get"])]),
        role("system:public-info-viewer", vec![urls(&PUBLIC, &["get"])]),
        role("system:basic-user", vec![rule(&REVIEW_GROUPS, &REVIEWS, &["create"])]),
    ]
}

fn rule(groups: &[&str], resources: &[&str], verbs: &[&str]) -> Value {
    json!({"apiGroups": groups, "resources": resources, "verbs": verbs})
}

fn urls(urls: &[&str], verbs: &[&str]) -> Value {
    json!({"nonResourceURLs": urls, "verbs": verbs})
}

fn role(name: &str, rules: Vec<Value>) -> Object {
    let mut role = Object::new("rbac.authorization.k8s.io/v1", "ClusterRole", name);
    role.set("/metadata/labels/kubernetes.io~1bootstrapping", "rbac-defaults");
    role.set("/rules", rules);
    role
}

/// Who has which of the roles.
pub(super) fn bindings() -> Vec<Object> {
    let everybody = ["system:authenticated", "system:unauthenticated"];
    vec![
        binding("cluster-admin", &["system:masters"]),
        binding("system:discovery", &["system:authenticated"]),
        binding("system:basic-user", &["system:authenticated"]),
        binding("system:public-info-viewer", &everybody),
    ]
}

fn binding(name: &str, groups: &[&str]) -> Object {
    let mut binding = Object::new("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", name);
    binding.set("/metadata/labels/kubernetes.io~1bootstrapping", "rbac-defaults");
    binding.set("/roleRef", json!({"apiGroup": ACCESS, "kind": "ClusterRole", "name": name}));
    let subjects: Vec<_> =
        groups.iter().map(|name| json!({"kind": "Group", "apiGroup": ACCESS, "name": name})).collect();
    binding.set("/subjects", subjects);
    binding
}
