//! From a kind to its place in the API's paths. Well-known kinds need no call; others are asked for, one group version
//! a time, since a full discovery of a cluster is slow and fails when one aggregated API is down.

use kube::api::ApiResource;
use kube::core::GroupVersionKind;

use super::ObjectReference;

const NAMESPACED: &[(&str, &[&str])] = &[
    ("", &["ConfigMap", "Endpoints", "Event", "PersistentVolumeClaim", "Pod", "Secret", "Service", "ServiceAccount"]),
    ("apps", &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
    ("autoscaling", &["HorizontalPodAutoscaler"]),
    ("batch", &["CronJob", "Job"]),
    ("coordination.k8s.io", &["Lease"]),
    ("networking.k8s.io", &["Ingress", "NetworkPolicy"]),
    ("policy", &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", &["Role", "RoleBinding"]),
    (
        "networking.istio.io",
        &["DestinationRule", "EnvoyFilter", "Gateway", "ServiceEntry", "Sidecar", "VirtualService"],
    ),
    ("security.istio.io", &["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"]),
];

const CLUSTER_WIDE: &[(&str, &[&str])] = &[
    ("", &["Namespace", "Node", "PersistentVolume"]),
    ("admissionregistration.k8s.io", &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("storage.k8s.io", &["StorageClass"]),
];

/// Whether objects of this well-known kind live in a namespace; `None` for kinds that only the cluster knows.
pub(super) fn namespaced(group: &str, kind: &str) -> Option<bool> {
    let lists = |table: &[(&str, &[&str])]| table.iter().any(|(g, kinds)| *g == group && kinds.contains(&kind));
    lists(NAMESPACED).then_some(true).or_else(|| lists(CLUSTER_WIDE).then_some(false))
}

/// The path of a well-known kind; `None` for the others.
pub(super) fn well_known(object: &ObjectReference) -> Option<ApiResource> {
    namespaced(object.group(), &object.kind)?;
    Some(ApiResource::from_gvk_with_plural(&kind_of(object), &plural(&object.kind)))
}

/// Group, version and kind as kube wants them.
pub(super) fn kind_of(object: &ObjectReference) -> GroupVersionKind {
    GroupVersionKind::gvk(object.group(), object.version(), &object.kind)
}

fn plural(kind: &str) -> String {
    let lower = kind.to_lowercase();
    match kind {
        "Endpoints" => lower,
        _ if lower.ends_with('y') && !lower.ends_with("ay") => format!("{}ies", &lower[..lower.len() - 1]),
        _ if lower.ends_with('s') => format!("{lower}es"),
        _ => format!("{lower}s"),
    }
}

/// Where a kind stands when several objects are applied: what others need comes first. Deletion goes the other way.
pub(super) fn rank(kind: &str) -> usize {
    const ORDER: &[&str] = &[
        "Namespace",
        "CustomResourceDefinition",
        "StorageClass",
        "PersistentVolume",
        "ServiceAccount",
        "Secret",
        "ConfigMap",
        "PersistentVolumeClaim",
        "ClusterRole",
        "ClusterRoleBinding",
        "Role",
        "RoleBinding",
        "Service",
    ];
    ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(reference: &str) -> String {
        let object: ObjectReference = reference.parse().unwrap();
        let resource = well_known(&object).unwrap();
        format!("{}/{}", resource.api_version, resource.plural)
    }

    #[test]
    fn plurals_are_those_of_the_api() {
        assert_eq!(path("v1/Endpoints/a/b"), "v1/endpoints");
        assert_eq!(path("networking.istio.io/v1/Gateway/a/b"), "networking.istio.io/v1/gateways");
        assert_eq!(path("networking.istio.io/v1/ServiceEntry/a/b"), "networking.istio.io/v1/serviceentries");
        assert_eq!(path("networking.k8s.io/v1/NetworkPolicy/a/b"), "networking.k8s.io/v1/networkpolicies");
        assert_eq!(path("networking.k8s.io/v1/Ingress/a/b"), "networking.k8s.io/v1/ingresses");
        assert_eq!(path("storage.k8s.io/v1/StorageClass//b"), "storage.k8s.io/v1/storageclasses");
    }

    #[test]
    fn namespaces_come_first_and_workloads_last() {
        assert!(rank("Namespace") < rank("ConfigMap") && rank("ConfigMap") < rank("Deployment"));
    }

    #[test]
    fn an_unknown_kind_is_left_to_the_cluster() {
        assert_eq!(namespaced("example.org", "Widget"), None);
    }
}
