//! The kinds that every server has: their names here, their shapes in `types.txt`, their behaviour in the modules.
//!
//! What the modules default, decide and check is from the Kubernetes API reference of 1.33 and the messages that its API
//! server answers with. Left out are kinds that the controllers here give no meaning (volumes, quotas, autoscalers,
//! ingresses …), and checks that need the machine behind a pod.

use std::sync::{Arc, LazyLock};

use super::kinds::{Behaviour, Kind, Plain, Scale, Shown, Version};
use super::names::NameRule;
use super::schema::Schema;
use super::schema::language::Types;

mod access;
pub(crate) mod blank;
mod configuration;
pub(crate) mod definitions;
mod endpoints;
mod namespaces;
mod pod_spec;
mod pods;
mod services;
mod workloads;

/// The types of the built-in kinds.
pub(crate) fn types() -> &'static Types {
    static TYPES: LazyLock<Types> = LazyLock::new(|| Types::parse(&[include_str!("types.txt")]));
    &TYPES
}

/// The shape of object metadata.
pub(crate) fn metadata() -> Schema {
    static METADATA: LazyLock<Schema> = LazyLock::new(|| types().named_type("ObjectMeta"));
    METADATA.clone()
}

/// The built-in kinds. They are the same objects for every server of the process.
pub(crate) fn kinds() -> Vec<Arc<Kind>> {
    static KINDS: LazyLock<Vec<Arc<Kind>>> = LazyLock::new(|| {
        let groups = [core(), apps(), batch(), access(), others()];
        groups.into_iter().flatten().map(Arc::new).collect()
    });
    KINDS.clone()
}

/// A built-in kind by its name in paths.
///
/// # Panics
/// When there is none: for names that this program itself writes.
pub(crate) fn kind(plural: &str) -> Arc<Kind> {
    let found = kinds().into_iter().find(|kind| kind.plural == plural);
    found.unwrap_or_else(|| panic!("{plural} is no built-in kind"))
}

fn core() -> Vec<Kind> {
    let core = |kind, plural| Kind::built_in("", "v1", kind, plural);
    vec![
        core("Namespace", "namespaces")
            .of_the_cluster()
            .short("ns")
            .status()
            .selected_by(&["status.phase"])
            .named(NameRule::Label)
            .behaving(&namespaces::Namespaces),
        core("ConfigMap", "configmaps").short("cm").behaving(&configuration::ConfigMaps),
        core("Secret", "secrets").selected_by(&["type"]).behaving(&configuration::Secrets),
        core("Service", "services")
            .short("svc")
            .in_all()
            .status()
            .selected_by(&["spec.clusterIP", "spec.type"])
            .named(NameRule::ServiceLabel)
            .behaving(&services::Services),
        core("Endpoints", "endpoints").short("ep").behaving(&endpoints::Endpoints),
        core("Pod", "pods")
            .short("po")
            .in_all()
            .status()
            .selected_by(&[
                "spec.nodeName",
                "spec.restartPolicy",
                "spec.serviceAccountName",
                "status.phase",
                "status.podIP",
            ])
            .behaving(&pods::Pods),
        core("Node", "nodes").of_the_cluster().short("no").status().selected_by(&["spec.unschedulable"]),
        core("ServiceAccount", "serviceaccounts").short("sa").behaving(&Shown),
        core("Event", "events").short("ev").selected_by(&[
            "involvedObject.kind",
            "involvedObject.name",
            "involvedObject.namespace",
            "involvedObject.uid",
            "reason",
            "type",
        ]),
    ]
}

fn apps() -> Vec<Kind> {
    let apps = |kind, plural| Kind::built_in("apps", "v1", kind, plural).in_all().status().generation();
    vec![
        apps("Deployment", "deployments").short("deploy").scale().behaving(&workloads::Deployments),
        apps("ReplicaSet", "replicasets").short("rs").scale().behaving(&workloads::ReplicaSets),
        apps("StatefulSet", "statefulsets").short("sts").scale().behaving(&workloads::StatefulSets),
        apps("DaemonSet", "daemonsets").short("ds").behaving(&workloads::DaemonSets),
    ]
}

fn batch() -> Vec<Kind> {
    let jobs = Kind::built_in("batch", "v1", "Job", "jobs").in_all().status().generation();
    vec![jobs.selected_by(&["status.successful"]).behaving(&workloads::Jobs)]
}

fn access() -> Vec<Kind> {
    let access =
        |kind, plural| Kind::built_in("rbac.authorization.k8s.io", "v1", kind, plural).named(NameRule::PathSegment);
    vec![
        access("Role", "roles"),
        access("ClusterRole", "clusterroles").of_the_cluster(),
        access("RoleBinding", "rolebindings").behaving(&access::Bindings),
        access("ClusterRoleBinding", "clusterrolebindings").of_the_cluster().behaving(&access::Bindings),
    ]
}

fn others() -> Vec<Kind> {
    let hooks = "admissionregistration.k8s.io";
    vec![
        Kind::built_in("coordination.k8s.io", "v1", "Lease", "leases"),
        Kind::built_in("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices").generation(),
        Kind::built_in("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions")
            .of_the_cluster()
            .short("crd")
            .status()
            .generation()
            .behaving(&definitions::Definitions),
        Kind::built_in("apiregistration.k8s.io", "v1", "APIService", "apiservices").of_the_cluster().status(),
        Kind::built_in(hooks, "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations")
            .of_the_cluster()
            .generation(),
        Kind::built_in(hooks, "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations")
            .of_the_cluster()
            .generation(),
    ]
}

impl Kind {
    fn built_in(group: &str, version: &str, kind: &str, plural: &str) -> Self {
        Self {
            group: group.to_owned(),
            versions: vec![Version { name: version.to_owned(), schema: types().kind(kind) }],
            storage_version: version.to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
            singular: kind.to_lowercase(),
            short_names: Vec::new(),
            categories: Vec::new(),
            namespaced: true,
            selectable_fields: Vec::new(),
            has_status: false,
            scale: None,
            has_generation: false,
            is_custom: false,
            naming: NameRule::Subdomain,
            behaviour: &Plain,
        }
    }

    fn of_the_cluster(self) -> Self {
        Self { namespaced: false, ..self }
    }

    fn short(self, name: &str) -> Self {
        Self { short_names: vec![name.to_owned()], ..self }
    }

    fn in_all(self) -> Self {
        Self { categories: vec!["all".to_owned()], ..self }
    }

    fn status(self) -> Self {
        Self { has_status: true, ..self }
    }

    fn generation(self) -> Self {
        Self { has_generation: true, ..self }
    }

    fn scale(self) -> Self {
        let scale = Scale {
            replicas: "/spec/replicas".to_owned(),
            status_replicas: "/status/replicas".to_owned(),
            selector: Some("/spec/selector".to_owned()),
        };
        Self { scale: Some(scale), ..self }
    }

    fn selected_by(self, fields: &[&str]) -> Self {
        Self { selectable_fields: fields.iter().map(|field| (*field).to_owned()).collect(), ..self }
    }

    fn named(self, naming: NameRule) -> Self {
        Self { naming, ..self }
    }

    fn behaving(self, behaviour: &'static dyn Behaviour) -> Self {
        Self { behaviour, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_kind_has_a_shape() {
        for kind in kinds() {
            assert!(kind.schema("v1").is_some(), "{}", kind.kind);
        }
    }
}
