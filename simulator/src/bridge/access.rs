//! Ways into the clusters, for the cloud to hand out.

use k8s_openapi::jiff::SignedDuration;
use kube::Client;
use serde_json::json;

use super::Bridge;
use crate::cluster_access::{ClusterAccess, ClusterServer, ClusterUser, Doing, Objects};
use crate::controllers::objects::apply;
use crate::kubernetes::{Identity, MASTERS};
use crate::state::SharedCloud;

/// The cluster role of who acquired all rights (TKE documents, "Predefined identities").
const ADMIN_ROLE: &str = "tke:admin";
/// The version of the kinds for access.
const ACCESS: &str = "rbac.authorization.k8s.io/v1";
/// How long the token of a serverless cluster's credential works.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

impl ClusterAccess for Bridge {
    fn server(&self, cluster_id: &str) -> Option<ClusterServer> {
        self.with_server(cluster_id, |server| ClusterServer { url: server.url(), ca_pem: server.ca_pem() })
    }

    fn kubeconfig(&self, cluster_id: &str, user: &ClusterUser) -> Option<String> {
        self.with_server(cluster_id, |server| server.kubeconfig(&identity(user)))?
    }

    fn kubeconfig_through(&self, hub_id: &str, cluster_id: &str, user: &ClusterUser) -> Option<String> {
        self.hubs.get(hub_id)?.server.kubeconfig_through(cluster_id, &identity(user)).ok()?
    }

    fn token(&self, cluster_id: &str, user: &ClusterUser) -> Option<String> {
        self.with_server(cluster_id, |server| server.token(&identity(user), TOKEN_LIFETIME))?
    }

    fn grant_admin<'a>(&'a self, cluster_id: &'a str, user: &'a str) -> Doing<'a> {
        Box::pin(async move {
            let Some(client) = self.with_server(cluster_id, |server| server.client("tke")) else { return };
            if let Err(error) = grant_admin(&client, user).await {
                tracing::warn!(cluster_id, user, %error, "rights could not be granted");
            }
        })
    }

    fn caught_up(&self) -> Doing<'_> {
        Box::pin(self.caught_up())
    }

    fn objects(&self) -> Objects {
        let clusters = self.clusters.iter().map(|(id, cluster)| (id.clone(), cluster.server.inventory()));
        let hubs = self.hubs.all().into_iter().map(|(id, hub)| (id, hub.server.inventory()));
        clusters.chain(hubs).collect()
    }

    fn reset<'a>(&'a self, _: &'a SharedCloud) -> Doing<'a> {
        Box::pin(self.begin_anew())
    }
}

/// Who a user of the cloud is in a cluster.
fn identity(user: &ClusterUser) -> Identity {
    Identity::new(&user.name, if user.admin { &[MASTERS] } else { &[] })
}

async fn grant_admin(client: &Client, user: &str) -> kube::Result<()> {
    let everything = json!({ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] });
    let pages = json!({ "nonResourceURLs": ["*"], "verbs": ["*"] });
    let role = json!({
        "metadata": { "name": ADMIN_ROLE },
        "rules": [everything, pages],
    });
    let binding = json!({
        "metadata": { "name": format!("{user}-ClusterRole") },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": ADMIN_ROLE },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user }],
    });
    apply(client, "tke", ACCESS, "ClusterRole", role).await?;
    apply(client, "tke", ACCESS, "ClusterRoleBinding", binding).await.map(drop)
}
