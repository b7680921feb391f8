//! The hub's approver: every request whose name is right is approved, nobody confirms.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::api::{Api, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::{Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{CLUSTERS, ID_LABEL, NAME_LABEL};
use crate::controllers::objects::{apply, objects};

const MANAGER: &str = "clusternet-hub";
const ACCESS: &str = "rbac.authorization.k8s.io/v1";
/// The role of a cluster in the namespace that is its own.
const DEDICATED_ROLE: &str = "clusternet-managedcluster-role";
/// Ten years: those of Clusternet's hub do not end.
const TOKEN_SECONDS: i64 = 10 * 365 * 24 * 3_600;

/// Answers every request that has no answer yet, and tells how many there were. `is_expected` says which names clusters
/// may register under.
///
/// # Errors
/// What the hub refuses.
pub(crate) async fn approve(client: &Client, ca_pem: &str, is_expected: impl Fn(&str) -> bool) -> kube::Result<usize> {
    let api = objects(client, CLUSTERS, "ClusterRegistrationRequest", None);
    let mut answered = 0;
    for request in api.list(&ListParams::default()).await? {
        if request.data["status"]["result"].is_string() {
            continue;
        }
        let spec = &request.data["spec"];
        let id = spec["clusterId"].as_str().unwrap_or_default();
        let name = spec["clusterName"].as_str().unwrap_or_default();
        let status = match fault(&request.name_any(), id, is_expected(name)) {
            Some(fault) => json!({ "result": "Denied", "errorMessage": fault }),
            None => take_in(client, ca_pem, &request, id, name).await?,
        };
        let patch = Patch::Merge(json!({ "status": status }));
        api.patch_status(&request.name_any(), &PatchParams::default(), &patch).await?;
        answered += 1;
    }
    Ok(answered)
}

fn fault(request: &str, id: &str, is_expected: bool) -> Option<String> {
    let expected = format!("clusternet-{id}");
    match request == expected {
        false => Some(format!("the name of ClusterRegistrationRequest must be {expected}, but got {request}")),
        true if !is_expected => Some("no cluster of this name is to be registered".to_owned()),
        true => None,
    }
}

/// Makes what a cluster needs in the hub, and gives the answer to its request.
async fn take_in(client: &Client, ca_pem: &str, request: &DynamicObject, id: &str, name: &str) -> kube::Result<Value> {
    let labels = BTreeMap::from([
        ("clusternet.io/created-by".to_owned(), "clusternet-agent".to_owned()),
        (ID_LABEL.to_owned(), id.to_owned()),
        (NAME_LABEL.to_owned(), name.to_owned()),
    ]);
    let namespace = find_or_create(&Api::<Namespace>::all(client.clone()), &labels).await?.name_any();
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), &namespace);
    let account = find_or_create(&accounts, &labels).await?.name_any();
    let spec = &request.data["spec"];
    let managed = json!({
        "metadata": { "name": name, "namespace": namespace, "labels": labels },
        "spec": { "clusterId": id, "clusterType": spec["clusterType"], "syncMode": spec["syncMode"] },
    });
    apply(client, MANAGER, CLUSTERS, "ManagedCluster", managed).await?;
    grant(client, &namespace, &account, id).await?;
    let wanted = TokenRequest {
        spec: TokenRequestSpec { expiration_seconds: Some(TOKEN_SECONDS), ..TokenRequestSpec::default() },
        ..TokenRequest::default()
    };
    let issued = accounts.create_token_request(&account, &PostParams::default(), &wanted).await?;
    Ok(json!({
        "result": "Approved",
        "dedicatedNamespace": namespace,
        "managedClusterName": name,
        "token": STANDARD.encode(issued.status.map(|status| status.token).unwrap_or_default()),
        "caCertificate": STANDARD.encode(ca_pem),
    }))
}

/// The object with these labels; a new one of a generated name where there is none.
async fn find_or_create<K>(api: &Api<K>, labels: &BTreeMap<String, String>) -> kube::Result<K>
where
    K: Clone + std::fmt::Debug + Default + DeserializeOwned + Serialize + Resource,
{
    let selector = format!("{ID_LABEL}={}", labels[ID_LABEL]);
    if let Some(found) = api.list(&ListParams::default().labels(&selector)).await?.items.pop() {
        return Ok(found);
    }
    let mut new = K::default();
    new.meta_mut().generate_name = Some("clusternet-".to_owned());
    new.meta_mut().labels = Some(labels.clone());
    api.create(&PostParams::default(), &new).await
}

/// What a cluster may do in the hub: ask, and everything in its own namespace.
async fn grant(client: &Client, namespace: &str, account: &str, id: &str) -> kube::Result<()> {
    let subjects = json!([{ "kind": "ServiceAccount", "name": account, "namespace": namespace }]);
    let role_ref =
        |kind: &str, name: &str| json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name });
    let rule = |groups: &str, resources: &[&str], verbs: &[&str]| json!({ "apiGroups": [groups], "resources": resources, "verbs": verbs });
    let name = format!("clusternet-{id}");
    let asks = rule("clusters.clusternet.io", &["clusterregistrationrequests"], &["create", "get"]);
    let role = json!({ "metadata": { "name": name }, "rules": [asks] });
    apply(client, MANAGER, ACCESS, "ClusterRole", role).await?;
    let binding = json!({
        "metadata": { "name": name }, "roleRef": role_ref("ClusterRole", &name), "subjects": subjects,
    });
    apply(client, MANAGER, ACCESS, "ClusterRoleBinding", binding).await?;
    let metadata = json!({ "name": DEDICATED_ROLE, "namespace": namespace });
    let role = json!({ "metadata": metadata, "rules": [rule("*", &["*"], &["*"])] });
    apply(client, MANAGER, ACCESS, "Role", role).await?;
    let binding = json!({ "metadata": metadata, "roleRef": role_ref("Role", DEDICATED_ROLE), "subjects": subjects });
    apply(client, MANAGER, ACCESS, "RoleBinding", binding).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_must_be_named_after_its_cluster_and_be_expected() {
        assert_eq!(fault("clusternet-1", "1", true), None);
        assert!(fault("clusternet-2", "1", true).is_some_and(|fault| fault.contains("must be clusternet-1")));
        assert!(fault("clusternet-1", "1", false).is_some());
    }
}
