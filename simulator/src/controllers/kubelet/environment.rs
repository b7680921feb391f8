//! The config maps and secrets that a container takes its environment from.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{ConfigMap, Container, Secret};
use kube::Client;
use kube::api::Api;

/// A config map or secret, or a key of it, that must be there.
struct Reference<'a> {
    kind: &'static str,
    name: &'a str,
    key: Option<&'a str>,
}

/// What a container's environment lacks, if anything.
///
/// # Errors
/// What the API refuses.
pub(super) async fn missing(client: &Client, namespace: &str, container: &Container) -> kube::Result<Option<String>> {
    for reference in references(container) {
        let Reference { kind, name, key } = reference;
        let Some(keys) = keys(client, namespace, kind, name).await? else {
            return Ok(Some(format!("{} {name:?} not found", kind.to_lowercase())));
        };
        if let Some(key) = key.filter(|key| !keys.contains(*key)) {
            return Ok(Some(format!("couldn't find key {key} in {kind} {namespace}/{name}")));
        }
    }
    Ok(None)
}

fn references(container: &Container) -> Vec<Reference<'_>> {
    let mut references = Vec::new();
    let mut add = |kind, name, key, optional: Option<bool>| {
        if optional != Some(true) {
            references.push(Reference { kind, name, key });
        }
    };
    for source in container.env.iter().flatten().filter_map(|variable| variable.value_from.as_ref()) {
        if let Some(map) = &source.config_map_key_ref {
            add("ConfigMap", map.name.as_str(), Some(map.key.as_str()), map.optional);
        }
        if let Some(secret) = &source.secret_key_ref {
            add("Secret", secret.name.as_str(), Some(secret.key.as_str()), secret.optional);
        }
    }
    for source in container.env_from.iter().flatten() {
        if let Some(map) = &source.config_map_ref {
            add("ConfigMap", map.name.as_str(), None, map.optional);
        }
        if let Some(secret) = &source.secret_ref {
            add("Secret", secret.name.as_str(), None, secret.optional);
        }
    }
    references
}

/// The keys of a config map or secret; none when it is not there.
async fn keys(client: &Client, namespace: &str, kind: &str, name: &str) -> kube::Result<Option<BTreeSet<String>>> {
    if kind == "Secret" {
        let api: Api<Secret> = Api::namespaced(client.clone(), namespace);
        let found = api.get_opt(name).await?;
        return Ok(found.map(|secret| secret.data.unwrap_or_default().into_keys().collect()));
    }
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);
    let found = api.get_opt(name).await?;
    Ok(found.map(|map| map.data.unwrap_or_default().into_keys().collect()))
}
