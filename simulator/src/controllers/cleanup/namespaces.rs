//! Namespaces that end: first what is in them, then they themselves.

use k8s_openapi::api::core::v1::{Namespace, NamespaceCondition};
use kube::api::{Api, DeleteParams, ListParams, PostParams};
use kube::{Client, ResourceExt};

use super::super::{now, writes};
use super::inventory::Kinds;
use crate::kubernetes::Clock;

/// The finalizer that stands for the content of a namespace.
const CONTENT: &str = "kubernetes";

/// What is still in a namespace.
#[derive(Default)]
struct Remaining {
    /// How many objects of which resources.
    objects: Vec<(String, usize)>,
    /// The finalizers that hold them.
    finalizers: Vec<String>,
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
        let left = objects.list_metadata(&ListParams::default()).await?.items;
        remaining.finalizers.extend(left.iter().flat_map(|object| object.finalizers().to_vec()));
        if !left.is_empty() {
            let resource = &kind.resource;
            let qualified = if resource.group.is_empty() {
                resource.plural.clone()
            } else {
                format!("{}.{}", resource.plural, resource.group)
            };
            remaining.objects.push((qualified, left.len()));
        }
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
    namespace: Namespace,
    remaining: &Remaining,
    clock: &dyn Clock,
) -> kube::Result<()> {
    let objects: Vec<_> = remaining
        .objects
        .iter()
        .map(|(resource, count)| format!("{resource} has {count} resource instances"))
        .collect();
    let mut finalizers: Vec<_> = remaining
        .finalizers
        .iter()
        .map(|name| (name, remaining.finalizers.iter().filter(|it| *it == name).count()))
        .collect();
    finalizers.sort_unstable();
    finalizers.dedup();
    let finalizers: Vec<_> =
        finalizers.iter().map(|(name, count)| format!("{name} in {count} resource instances")).collect();
    let old = namespace.status.clone().unwrap_or_default();
    let condition = |kind: &str, reason: &str, message: String, holds: bool| {
        let status = if holds { "True" } else { "False" };
        let since = old.conditions.iter().flatten().find(|old| old.type_ == kind && old.status == status);
        NamespaceCondition {
            type_: kind.to_owned(),
            status: status.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message),
            last_transition_time: since.and_then(|old| old.last_transition_time.clone()).or_else(|| Some(now(clock))),
        }
    };
    let content = format!("Some resources are remaining: {}", objects.join(", "));
    let held = format!("Some content in the namespace has finalizers remaining: {}", finalizers.join(", "));
    let conditions = vec![
        condition("NamespaceContentRemaining", "SomeResourcesRemain", content, true),
        condition("NamespaceFinalizersRemaining", "SomeFinalizersRemain", held, !finalizers.is_empty()),
    ];
    if old.conditions.as_ref() == Some(&conditions) {
        return Ok(());
    }
    let mut namespace = namespace.clone();
    namespace.status.get_or_insert_default().conditions = Some(conditions);
    writes::absent_is_done(writes::status(api, namespace).await).map(drop)
}
