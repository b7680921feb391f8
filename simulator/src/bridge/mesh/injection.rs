//! Injection of sidecars: the webhook that a linked cluster's API server calls for its new pods.
//!
//! Injected are pods of the namespaces that carry the mesh's revision as a label (mesh documents, "Sidecar injection"), and of
//! those named in `AutoInjectionNamespaceList`, which are taken to carry it. The webhook fails closed, as Istio's does.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::kubernetes::{Admission, ApiError, Object, Review};
use crate::state::{Cloud, Mesh, MeshCluster};
use crate::world::ClusterKind;

/// The name of the webhook, for admission and in refusals.
pub(super) const WEBHOOK: &str = "rev.namespace.sidecar-injector.istio.io";
/// The label with the revision.
const REVISION: &str = "istio.io/rev";
/// The label and annotation by which a pod stays out.
const INJECT: &str = "sidecar.istio.io/inject";

/// Injection in a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Injection {
    /// The mesh's Istio version, such as `1.12.5`.
    version: String,
    /// The namespaces that the mesh names.
    namespaces: BTreeSet<String>,
    /// Whether the cluster's API server reaches the mesh's control plane.
    is_reachable: bool,
}

impl Injection {
    /// Injection in a linked cluster. API servers that the cloud runs reach control planes of their own account only: their
    /// addresses are of use inside their own VPC.
    pub(super) fn of(cloud: &Cloud, mesh: &Mesh, linked: &MeshCluster, id: &str) -> Self {
        let names = linked.config["AutoInjectionNamespaceList"].as_array().into_iter().flatten();
        let is_reachable = cloud
            .clusters
            .get(id)
            .is_none_or(|cluster| cluster.owner == mesh.owner || cluster.kind == ClusterKind::Independent);
        Self {
            version: mesh.version.clone(),
            namespaces: names.filter_map(Value::as_str).map(str::to_owned).collect(),
            is_reachable,
        }
    }

    /// The webhook.
    pub(super) fn webhook(self) -> Admission {
        Arc::new(move |review| {
            if review.group.is_empty() && review.resource == "pods" && review.old.is_none() && self.is_called(review) {
                self.inject(review.object)
            } else {
                Ok(())
            }
        })
    }

    fn revision(&self) -> String {
        self.version.replace('.', "-")
    }

    fn is_called(&self, review: &Review<'_>) -> bool {
        let revision = self.revision();
        let (namespace, pod) = (review.namespace, &*review.object);
        let label = |name: &str| namespace.and_then(|namespace| namespace.label(name));
        let named = namespace.is_some_and(|namespace| self.namespaces.contains(namespace.name()));
        let chosen = match label(REVISION) {
            Some(value) => value == revision,
            None => named || pod.label(REVISION) == Some(&revision),
        };
        chosen && label("istio-injection").is_none() && pod.label(INJECT) != Some("false")
    }

    fn inject(&self, pod: &mut Object) -> Result<(), ApiError> {
        if !self.is_reachable {
            let revision = self.revision();
            let url = format!("https://istiod-{revision}.istio-system.svc:443/inject?timeout=10s");
            let reason = format!("Post {url:?}: context deadline exceeded");
            return Err(ApiError::webhook_failed(WEBHOOK, &reason));
        }
        let stays_out = pod.at("/metadata/annotations").is_some_and(|annotations| annotations[INJECT] == "false");
        if let Some(containers) = pod.as_value_mut()["spec"]["containers"].as_array_mut().filter(|_| !stays_out) {
            let image = format!("istio/proxyv2:{}", self.version);
            containers.push(json!({ "name": "istio-proxy", "image": image, "args": ["proxy", "sidecar"] }));
        }
        Ok(())
    }
}
