//! Events: what happened to an object, for people to read.

use std::hash::{DefaultHasher, Hash, Hasher};

use k8s_openapi::api::core::v1::{Event as ApiEvent, EventSource};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::api::{Api, ObjectMeta, PostParams};
use kube::core::Status;
use kube::{Client, Resource, ResourceExt};

use crate::kubernetes::Timestamp;

/// What happened.
pub(crate) struct Event {
    kind: &'static str,
    reason: &'static str,
    message: String,
    component: &'static str,
}

impl Event {
    /// Something went as it should.
    pub(crate) fn normal(reason: &'static str, message: String, component: &'static str) -> Self {
        Self { kind: "Normal", reason, message, component }
    }

    /// Something went wrong.
    pub(crate) fn warning(reason: &'static str, message: String, component: &'static str) -> Self {
        Self { kind: "Warning", reason, message, component }
    }

    fn about<K: Resource<DynamicType = ()>>(self, object: &K, namespace: String, now: Time) -> ApiEvent {
        let mut hasher = DefaultHasher::new();
        (self.reason, &self.message, &object.meta().uid).hash(&mut hasher);
        ApiEvent {
            metadata: ObjectMeta {
                name: Some(format!("{}.{:016x}", object.name_any(), hasher.finish())),
                namespace: Some(namespace),
                ..ObjectMeta::default()
            },
            involved_object: object.object_ref(&()),
            type_: Some(self.kind.to_owned()),
            reason: Some(self.reason.to_owned()),
            message: Some(self.message),
            source: Some(EventSource { component: Some(self.component.to_owned()), host: None }),
            first_timestamp: Some(now.clone()),
            last_timestamp: Some(now),
            count: Some(1),
            ..ApiEvent::default()
        }
    }
}

/// Records what happened to an object. The same is recorded once.
///
/// # Errors
/// What the API refuses; a namespace that takes nothing new is no error.
pub(crate) async fn record<K>(client: &Client, object: &K, event: Event, now: Timestamp) -> kube::Result<()>
where
    K: Resource<DynamicType = ()>,
{
    let namespace = object.namespace().unwrap_or_else(|| "default".to_owned());
    let api: Api<ApiEvent> = Api::namespaced(client.clone(), &namespace);
    match api.create(&PostParams::default(), &event.about(object, namespace, Time(super::seconds(now)))).await {
        Err(kube::Error::Api(status)) if is_no_matter(&status) => Ok(()),
        result => result.map(drop),
    }
}

/// The same was recorded before, or the namespace is ending.
fn is_no_matter(status: &Status) -> bool {
    status.is_already_exists() || status.is_forbidden() || status.is_not_found()
}
