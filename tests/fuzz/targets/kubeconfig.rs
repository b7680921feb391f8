//! Kubeconfigs, which come from users and from the cloud.
//!
//! A client is made of those that name neither a program nor a file: what they name would be run and read.

use kube::config::Kubeconfig;
use tcmesh::kubernetes::Connection;
use tokio::runtime::Runtime;

use super::CANARY;
use crate::engine::{Taker, Target, run};

const TARGET: Target = Target {
    name: "kubeconfig",
    test: concat!(module_path!(), "::survives"),
    tokens: &[
        CANARY,
        "clusters:\n",
        "- cluster:\n",
        "users:\n",
        "contexts:\n",
        "current-context: a\n",
        "server: https://127.0.0.1:1\n",
        "server: unix:///a\n",
        "https://[::1",
        "https://a:99999",
        "certificate-authority-data: ",
        "client-certificate-data: ",
        "client-key-data: ",
        "token: canary-7c1f\n",
        "password: canary-7c1f\n",
        "tls-server-name: ",
        "proxy-url: socks5://a\n",
        "insecure-skip-tls-verify: true\n",
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t",
        "&a ",
        "*a",
        "<<: *a\n",
        "---\n",
        "extensions:\n",
        "null",
        "{}",
    ],
    start,
};

#[test]
fn survives() {
    run(&TARGET);
}

fn start() -> Taker {
    // Installed once; a second time is refused, which does no harm.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Box::new(move |input| {
        let Ok(text) = std::str::from_utf8(input) else { return String::new() };
        let said = match Connection::from_kubeconfig(text, None) {
            Ok(connection) => {
                let shown = format!("{connection:?}");
                assert!(!shown.contains(CANARY) || connection.server().contains(CANARY), "{shown}");
                client(&runtime, text, &connection)
            }
            Err(error) => error.to_string(),
        };
        assert!(!said.contains(CANARY) || shows_names(text), "{said}");
        said
    })
}

fn client(runtime: &Runtime, text: &str, connection: &Connection) -> String {
    if reaches_out(text) {
        return "a program or a file".into();
    }
    match runtime.block_on(connection.client()) {
        Ok(_) => "a client".into(),
        Err(error) => error.to_string(),
    }
}

fn reaches_out(text: &str) -> bool {
    let Ok(kubeconfig) = Kubeconfig::from_yaml(text) else { return true };
    let users = kubeconfig.auth_infos.iter().filter_map(|named| named.auth_info.as_ref());
    let mut clusters = kubeconfig.clusters.iter().filter_map(|named| named.cluster.as_ref());
    let mut users = users.map(|user| {
        user.exec.is_some()
            || user.auth_provider.is_some()
            || user.token_file.is_some()
            || user.client_certificate.is_some()
            || user.client_key.is_some()
    });
    users.any(|reaches_out| reaches_out) || clusters.any(|cluster| cluster.certificate_authority.is_some())
}

/// Whether the secret stands where a name does, which messages tell.
fn shows_names(text: &str) -> bool {
    let Ok(kubeconfig) = Kubeconfig::from_yaml(text) else { return false };
    let contexts = kubeconfig.contexts.iter().map(|named| named.name.as_str());
    let clusters = kubeconfig.contexts.iter().filter_map(|named| Some(named.context.as_ref()?.cluster.as_str()));
    contexts.chain(clusters).chain(kubeconfig.current_context.as_deref()).any(|name| name.contains(CANARY))
}
