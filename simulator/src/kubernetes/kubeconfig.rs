//! Kubeconfigs: how clients outside the process find a server and say who they are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::certificates::UserCertificate;
use super::identity::Identity;
use super::server::Server;

/// A kubeconfig with a client certificate.
pub(crate) fn with_certificate(
    server: &Server,
    url: &str,
    identity: &Identity,
    certificate: &UserCertificate,
) -> String {
    let credentials = json!({"client-certificate-data": STANDARD.encode(&certificate.certificate),
        "client-key-data": STANDARD.encode(&certificate.key)});
    write(server, url, &identity.user, &credentials)
}

/// A kubeconfig with a bearer token.
pub(crate) fn with_token(server: &Server, url: &str, user: &str, token: &str) -> String {
    write(server, url, user, &json!({"token": token}))
}

/// JSON is YAML: what a kubeconfig needs, in a form that every reader takes.
fn write(server: &Server, url: &str, user: &str, credentials: &Value) -> String {
    let name = &server.name;
    let cluster = json!({"server": url, "certificate-authority-data": STANDARD.encode(server.authority.pem())});
    let config = json!({"apiVersion": "v1", "kind": "Config", "current-context": name, "preferences": {},
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}]});
    format!("{config:#}\n")
}
