//! Pods, as the controllers that make them see them.

use k8s_openapi::api::core::v1::{Pod, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::api::{Api, ListParams, ObjectMeta};
use kube::core::Selector;
use kube::{Client, Resource, ResourceExt};

use super::owners::{control_by, is_controlled_by};

/// A pod from a template, controlled by its maker; its name begins with the maker's.
pub(crate) fn from_template<K: Resource<DynamicType = ()>>(owner: &K, template: &PodTemplateSpec) -> Pod {
    let metadata = template.metadata.clone().unwrap_or_default();
    Pod {
        metadata: ObjectMeta {
            generate_name: Some(format!("{}-", owner.name_any())),
            namespace: owner.namespace(),
            labels: metadata.labels,
            annotations: metadata.annotations,
            finalizers: metadata.finalizers,
            owner_references: Some(vec![control_by(owner)]),
            ..ObjectMeta::default()
        },
        spec: template.spec.clone(),
        status: None,
    }
}

/// The pods that an object controls and selects.
///
/// # Errors
/// What the API refuses.
pub(crate) async fn controlled_by<K: Resource<DynamicType = ()>>(
    client: &Client,
    owner: &K,
    selector: &LabelSelector,
) -> kube::Result<Vec<Pod>> {
    let api: Api<Pod> = Api::namespaced(client.clone(), &owner.namespace().unwrap_or_default());
    let mut pods = api.list(&selecting(selector)).await?.items;
    pods.retain(|pod| is_controlled_by(pod, owner));
    Ok(pods)
}

/// A list of what a selector selects.
pub(crate) fn selecting(selector: &LabelSelector) -> ListParams {
    match Selector::try_from(selector.clone()) {
        Ok(selector) => ListParams::default().labels_from(&selector),
        // The API lets no such selector in; it selects nothing.
        Err(_) => ListParams::default().fields("metadata.name="),
    }
}

/// The phase of a pod.
pub(crate) fn phase(pod: &Pod) -> &str {
    pod.status.as_ref().and_then(|status| status.phase.as_deref()).unwrap_or_default()
}

/// Whether a pod counts towards its maker's number: it has not ended and is not about to.
pub(crate) fn is_active(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_none() && !matches!(phase(pod), "Succeeded" | "Failed")
}

/// Whether a pod is ready.
pub(crate) fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// Counts the pods that a test picks.
pub(crate) fn count<'a>(pods: impl IntoIterator<Item = &'a Pod>, test: impl Fn(&Pod) -> bool) -> i32 {
    pods.into_iter().filter(|pod| test(pod)).count().try_into().unwrap_or(i32::MAX)
}
