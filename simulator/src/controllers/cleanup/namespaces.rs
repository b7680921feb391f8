//! Namespaces that end: first what is in them, then they themselves.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Namespace, NamespaceCondition};
use kube::api::{Api, DeleteParams, ListParams, PostParams};
use kube::core::ApiResource;
use kube::{Client, ResourceExt};

use super::super::{now, writes};
use super::inventory::{Kind, Kinds};
use crate::kubernetes::Clock;

/// The finalizer that stands for the content of a namespace.
const CONTENT: &str = "kubernetes";

/// What is still in a namespace.
#[derive(Default)]
struct Remaining {
    /// How many objects of which resources.
    objects: BTreeMap<String, usize>,
    /// How many of them are held by which finalizers.
    finalizers: BTreeMap<String, usize>,
}

impl Remaining {
    fn add(&mut self, kind: &Kind, objects: &[impl ResourceExt]) {
        let ApiResource { group, plural, .. } = &kind.resource;
        let resource = if group.is_empty() { plural.clone() } else { format!("{plural}.{group}") };
        if !objects.is_empty() {
            self.objects.insert(resource, objects.len());
        }
        for finalizer in objects.iter().flat_map(ResourceExt::finalizers) {
            *self.finalizers.entry(finalizer.clone()).or_default() += 1;
        }
    }

    fn objects(&self) -> String {
        let texts = self.objects.iter().map(|(resource, count)| format!("{resource} has {count} resource instances"));
        texts.collect::<Vec<_>>().join(", ")
    }

    fn finalizers(&self) -> String {
        let texts = self.finalizers.iter().map(|(name, count)| format!("{name} in {count} resource instances"));
        texts.collect::<Vec<_>>().join(", ")
    }
}

/// Empties a namespace that ends, and lets it go when it is empty.
///
/// # Errors
/// What the API refuses.
pub(super) async fn look_at(name: &str, client: &Client, clock: &dyn Clock, kinds: &Kinds) -> kube::Result<()> {
    let api: Api<Namespace> = Api::all(client.clone());
    let found = api.get_opt(name).await?.filter(|found| found.metadata.deletion_timestamp.is_some());
    let Some(namespace) = found.filter(has_content) else { return Ok(()) };
    let mut remaining = Remaining::default();
    for kind in kinds.values().filter(|kind| kind.namespaced) {
        let objects = kind.api(client, Some(name));
        if writes::absent_is_done(objects.list_metadata(&ListParams::default()).await)?
            .is_none_or(|list| list.items.is_empty())
        {
            continue;
        }
        objects.delete_collection(&DeleteParams::background(), &ListParams::default()).await?;
        remaining.add(kind, &objects.list_metadata(&ListParams::default()).await?.items);
    }
    match remaining.objects.is_empty() {
        true => finalize(&api, namespace).await,
        false => report(&api, namespace, &remaining, clock).await,
    }
}

fn has_content(namespace: &Namespace) -> bool {
    namespace.spec.iter().flat_map(|spec| spec.finalizers.iter().flatten()).any(|finalizer| finalizer == CONTENT)
}

async fn finalize(api: &Api<Namespace>, mut namespace: Namespace) -> kube::Result<()> {
    let name = namespace.name_any();
    if let Some(finalizers) = namespace.spec.as_mut().and_then(|spec| spec.finalizers.as_mut()) {
        finalizers.retain(|finalizer| finalizer != CONTENT);
    }
    let finalized = api.replace_subresource("finalize", &name, &PostParams::default(), &namespace).await;
    writes::absent_is_done(finalized).map(drop)
}

/// Tells what holds the namespace.
async fn report(
    api: &Api<Namespace>,
    mut namespace: Namespace,
    remaining: &Remaining,
    clock: &dyn Clock,
) -> kube::Result<()> {
    let old = namespace.status.as_ref().and_then(|status| status.conditions.clone()).unwrap_or_default();
    let content = format!("Some resources are remaining: {}", remaining.objects());
    let held = format!("Some content in the namespace has finalizers remaining: {}", remaining.finalizers());
    let conditions = [
        ("NamespaceContentRemaining", "SomeResourcesRemain", content, true),
        ("NamespaceFinalizersRemaining", "SomeFinalizersRemain", held, !remaining.finalizers.is_empty()),
    ];
    let conditions: Vec<_> = conditions
        .into_iter()
        .map(|(kind, reason, message, holds)| {
            let status = if holds { "True" } else { "False" };
            let since = old.iter().find(|old| old.type_ == kind && old.status == status);
            NamespaceCondition {
                type_: kind.to_owned(),
                status: status.to_owned(),
                reason: Some(reason.to_owned()),
                message: Some(message),
                last_transition_time: since
                    .and_then(|old| old.last_transition_time.clone())
                    .or_else(|| Some(now(clock))),
            }
        })
        .collect();
    if old == conditions {
        return Ok(());
    }
    namespace.status.get_or_insert_default().conditions = Some(conditions);
    writes::absent_is_done(writes::status(api, namespace).await).map(drop)
}
