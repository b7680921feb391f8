//! Connections that take any certificate are warned of.

use std::fs;

use serde_json::{Value as Json, json};
use tcmesh::framework::value::Value;
use tcmesh::proto::tfplugin6::validate_provider_config;
use tcmesh::provider;
use tcmesh::scope::StopSwitch;
use tempfile::NamedTempFile;

use crate::harness::client::{Terraform, message, told, with};

async fn validate(block: &Value) -> Vec<String> {
    let terraform = Terraform::of(|| provider::server(StopSwitch::default()));
    let request = validate_provider_config::Request { config: message(block) };
    told(terraform.client.clone().validate_provider_config(request).await.unwrap().into_inner().diagnostics)
}

fn block(attributes: Json) -> Value {
    Terraform::of(|| provider::server(StopSwitch::default())).provider(attributes)
}

fn kubeconfig(more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters: [{{name: a, cluster: {{server: 'https://a'{more}}}}}]\n\
         contexts: [{{name: a, context: {{cluster: a, user: a}}}}]\nusers: [{{name: a, user: {{}}}}]\n"
    )
}

#[tokio::test]
async fn each_way_to_leave_certificates_unchecked_warns_at_its_attribute() {
    let skip = kubeconfig(", insecure-skip-tls-verify: true");
    let file = NamedTempFile::new().unwrap();
    fs::write(&file, &skip).unwrap();
    for (attributes, at) in [
        (json!({"insecure": true}), "insecure"),
        (json!({"kubernetes": {"host": "https://a", "insecure": true}}), "kubernetes.insecure"),
        (json!({"kubernetes": {"kubeconfig": skip}}), "kubernetes.kubeconfig"),
        (json!({"kubernetes": {"config_path": file.path().to_str()}}), "kubernetes.config_path"),
    ] {
        assert_eq!(validate(&block(attributes)).await, [format!("warning: Insecure connection @{at}")]);
    }
}

#[tokio::test]
async fn who_checks_certificates_or_cannot_say_yet_is_not_warned() {
    for attributes in [
        json!({"insecure": false, "kubernetes": {"host": "https://a", "insecure": false}}),
        json!({"kubernetes": {"kubeconfig": kubeconfig("")}}),
        json!({"kubernetes": {"kubeconfig": ": no kubeconfig ["}}),
        json!({"kubernetes": {"config_path": "/nowhere"}}),
        json!({"kubernetes": {"host": "https://a"}}),
    ] {
        assert_eq!(validate(&block(attributes)).await, [""; 0]);
    }
    let unknown = with(block(json!({})), "kubernetes", Value::Unknown);
    assert_eq!(validate(&unknown).await, [""; 0]);
}
