use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::jiff::SignedDuration;
use kube::api::{Api, ListParams};
use serde_json::json;
use tcmesh_simulator::kubernetes::{Clock, Identity, MASTERS, Options, Timestamp};

use crate::support::{Cluster, client_from, refused};

/// A clock that stands until it is moved.
struct Standing(Arc<AtomicI64>);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).expect("a time")
    }

    fn sleep_until(&self, _: Timestamp) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn roles_decide_what_a_user_may_do() {
    let cluster = Cluster::start().await;
    let client = cluster.client_of("reader").await;
    let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), "test");
    let refusal = refused(config_maps.list(&ListParams::default()).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (403, "Forbidden"));
    assert_eq!(
        refusal.message,
        "configmaps is forbidden: User \"reader\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"test\""
    );
    let role = json!({"metadata": {"name": "read"}, "rules": [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}]});
    cluster.create("rbac.authorization.k8s.io/v1", "Role", Some("test"), role).await.expect("a role");
    let binding = json!({"metadata": {"name": "read"}, "roleRef": {"kind": "Role", "name": "read"},
        "subjects": [{"kind": "User", "name": "reader"}]});
    cluster.create("rbac.authorization.k8s.io/v1", "RoleBinding", Some("test"), binding).await.expect("a binding");
    config_maps.list(&ListParams::default()).await.expect("allowed");
    let secrets: Api<Secret> = Api::namespaced(client.clone(), "test");
    assert_eq!(refused(secrets.list(&ListParams::default()).await).code, 403);
    let elsewhere: Api<ConfigMap> = Api::namespaced(client, "default");
    assert_eq!(refused(elsewhere.get("c").await).code, 403);
}

#[tokio::test]
async fn a_cluster_role_gives_rights_everywhere() {
    let cluster = Cluster::start().await;
    let binding = json!({"metadata": {"name": "viewers"}, "roleRef": {"kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "User", "name": "viewer"}]});
    cluster.create("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", None, binding).await.expect("a binding");
    let client = cluster.client_of("viewer").await;
    let everywhere: Api<ConfigMap> = Api::all(client.clone());
    everywhere.list(&ListParams::default()).await.expect("allowed");
    let test: Api<ConfigMap> = Api::namespaced(client, "test");
    assert_eq!(refused(test.create(&Default::default(), &ConfigMap::default()).await).code, 403);
}

#[tokio::test]
async fn somebody_unknown_may_ask_for_the_version_only() {
    let cluster = Cluster::start().await;
    let client = client_from(&cluster.server.kubeconfig_with_token("nobody", "")).await;
    client.apiserver_version().await.expect("allowed");
    let refusal = refused(Api::<ConfigMap>::namespaced(client, "test").get("c").await);
    assert!(refusal.message.contains("User \"system:anonymous\" cannot get resource"), "{}", refusal.message);
}

#[tokio::test]
async fn a_token_ends_with_the_servers_clock() {
    let time = Arc::new(AtomicI64::new(1_000_000));
    let options = Options { clock: Arc::new(Standing(Arc::clone(&time))), ..Options::default() };
    let cluster = Cluster::start_with(options).await;
    let token = cluster.server.token(&Identity::new("u", &[MASTERS]), SignedDuration::from_hours(1));
    let client = client_from(&cluster.server.kubeconfig_with_token("u", &token)).await;
    let api: Api<ConfigMap> = Api::namespaced(client, "test");
    api.list(&ListParams::default()).await.expect("valid");
    time.fetch_add(3_600, Ordering::Relaxed);
    let refusal = refused(api.list(&ListParams::default()).await);
    assert_eq!((refusal.code, refusal.reason.as_str()), (401, "Unauthorized"));
}

#[tokio::test]
async fn a_bootstrap_token_is_a_secret_and_ends_with_it() {
    let cluster = Cluster::start().await;
    let data = json!({"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true",
        "expiration": "2999-01-01T00:00:00Z", "auth-extra-groups": "system:bootstrappers:test"});
    let secret = json!({"metadata": {"name": "bootstrap-token-abcdef"}, "type": "bootstrap.kubernetes.io/token", "stringData": data});
    cluster.create("v1", "Secret", Some("kube-system"), secret).await.expect("a secret");
    let client = client_from(&cluster.server.kubeconfig_with_token("b", "abcdef.0123456789abcdef")).await;
    let api: Api<ConfigMap> = Api::namespaced(client, "test");
    let refusal = refused(api.get("c").await);
    assert!(refusal.message.contains("User \"system:bootstrap:abcdef\""), "{}", refusal.message);
    let secrets: Api<Secret> = Api::namespaced(cluster.client.clone(), "kube-system");
    secrets.delete("bootstrap-token-abcdef", &Default::default()).await.expect("deleted");
    assert_eq!(refused(api.get("c").await).code, 401);
}

#[tokio::test]
async fn a_service_account_has_tokens_as_long_as_it_lives() {
    let cluster = Cluster::start().await;
    cluster
        .create("v1", "ServiceAccount", Some("test"), json!({"metadata": {"name": "sa"}}))
        .await
        .expect("an account");
    let request = json!({"spec": {"expirationSeconds": 600}});
    let request = http::Request::post("/api/v1/namespaces/test/serviceaccounts/sa/token")
        .header("content-type", "application/json")
        .body(request.to_string().into_bytes());
    let answer: serde_json::Value = cluster.client.request(request.expect("a request")).await.expect("a token");
    let token = answer["status"]["token"].as_str().expect("a token");
    let client = client_from(&cluster.server.kubeconfig_with_token("sa", token)).await;
    let api: Api<ConfigMap> = Api::namespaced(client, "test");
    assert!(refused(api.get("c").await).message.contains("User \"system:serviceaccount:test:sa\""));
    cluster.api("v1", "ServiceAccount").delete("sa", &Default::default()).await.expect("deleted");
    assert_eq!(refused(api.get("c").await).code, 401);
}

#[tokio::test]
async fn another_authority_is_not_trusted() {
    let (one, other) = (Cluster::start().await, Cluster::start().await);
    let foreign = other.server.kubeconfig(&Identity::new("admin", &[MASTERS])).expect("a kubeconfig");
    let crossed = foreign.replace(&other.server.url(), &one.server.url());
    let client = client_from(&crossed).await;
    assert!(client.apiserver_version().await.is_err());
}
