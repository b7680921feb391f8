//! What is in a hub from the start, its bootstrap tokens, and what it forgets.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Namespace, Secret};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use kube::api::{Api, ListParams};
use kube::{Client, ResourceExt};
use serde_json::json;

use super::{BOOTSTRAPPERS, CLUSTERS, ID_LABEL, NAME_LABEL};
use crate::controllers::objects::{apply, objects};
use crate::controllers::writes::delete;
use crate::kubernetes::Timestamp;

const MANAGER: &str = "clusternet-hub";
const ACCESS: &str = "rbac.authorization.k8s.io/v1";
const BOOTSTRAPPING: &str = "clusternet:system:bootstrapping";
const TOKEN_TYPE: &str = "bootstrap.kubernetes.io/token";

/// A token with which an agent may ask to be taken in.
pub(crate) struct BootstrapToken {
    /// `id.secret`.
    pub(crate) text: String,
    /// When it stops working.
    pub(crate) expires: Timestamp,
}

/// Lets the bearers of bootstrap tokens ask to be taken in.
///
/// # Errors
/// What the hub refuses.
pub(crate) async fn set_up(client: &Client) -> kube::Result<()> {
    let requests = json!({
        "apiGroups": ["clusters.clusternet.io"],
        "resources": ["clusterregistrationrequests"],
        "verbs": ["get", "create"],
    });
    let role = json!({ "metadata": { "name": BOOTSTRAPPING }, "rules": [requests] });
    let binding = json!({
        "metadata": { "name": BOOTSTRAPPING },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": BOOTSTRAPPING },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": BOOTSTRAPPERS }],
    });
    apply(client, MANAGER, ACCESS, "ClusterRole", role).await?;
    apply(client, MANAGER, ACCESS, "ClusterRoleBinding", binding).await.map(drop)
}

/// Makes these the hub's bootstrap tokens, and no others.
///
/// # Errors
/// What the hub refuses.
pub(crate) async fn set_tokens(client: &Client, tokens: &[BootstrapToken]) -> kube::Result<()> {
    let api: Api<Secret> = Api::namespaced(client.clone(), "kube-system");
    let params = ListParams::default().fields(&format!("type={TOKEN_TYPE}"));
    let existing = api.list_metadata(&params).await?.items;
    let existing: BTreeSet<String> = existing.iter().map(ResourceExt::name_any).collect();
    let wanted: BTreeMap<String, &BootstrapToken> = tokens.iter().map(|token| (token.secret_name(), token)).collect();
    for name in existing.iter().filter(|name| !wanted.contains_key(*name)) {
        delete(&api, name).await?;
    }
    for (name, token) in wanted.into_iter().filter(|(name, _)| !existing.contains(name)) {
        apply(client, MANAGER, "v1", "Secret", token.secret(&name)).await?;
    }
    Ok(())
}

impl BootstrapToken {
    fn secret_name(&self) -> String {
        format!("bootstrap-token-{}", self.parts().0)
    }

    fn parts(&self) -> (&str, &str) {
        self.text.split_once('.').unwrap_or_default()
    }

    fn secret(&self, name: &str) -> serde_json::Value {
        let (id, secret) = self.parts();
        json!({
            "metadata": { "name": name, "namespace": "kube-system" },
            "type": TOKEN_TYPE,
            "stringData": {
                "token-id": id,
                "token-secret": secret,
                "expiration": self.expires.to_string(),
                "usage-bootstrap-authentication": "true",
                "usage-bootstrap-signing": "true",
                "auth-extra-groups": BOOTSTRAPPERS,
            },
        })
    }
}

/// Forgets the clusters that were taken in, but those of these names.
///
/// # Errors
/// What the hub refuses.
pub(crate) async fn forget_others(client: &Client, names: &BTreeSet<&str>) -> kube::Result<()> {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let taken_in = namespaces.list_metadata(&ListParams::default().labels(NAME_LABEL)).await?.items;
    let unwanted = |namespace: &&_| !names.contains(label(*namespace, NAME_LABEL)) && !is_ending(*namespace);
    for namespace in taken_in.iter().filter(unwanted) {
        let request = format!("clusternet-{}", label(namespace, ID_LABEL));
        delete(&objects(client, CLUSTERS, "ClusterRegistrationRequest", None), &request).await?;
        delete(&Api::<ClusterRoleBinding>::all(client.clone()), &request).await?;
        delete(&Api::<ClusterRole>::all(client.clone()), &request).await?;
        delete(&namespaces, &namespace.name_any()).await?;
    }
    Ok(())
}

fn label<'a>(object: &'a impl ResourceExt, name: &str) -> &'a str {
    object.labels().get(name).map(String::as_str).unwrap_or_default()
}

fn is_ending(object: &impl ResourceExt) -> bool {
    object.meta().deletion_timestamp.is_some()
}
