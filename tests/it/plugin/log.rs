//! What the provider writes to stderr.

use jiff::Timestamp;
use serde_json::Value;
use tcmesh::proto::tfplugin6::{DynamicValue, configure_provider};

use crate::harness::plugin::{Plugin, call};

const CANARY: &str = "canary-7f3d";

/// The lines that a run with a refused client, a call and a secret leaves at a level.
async fn lines_at(level: &str) -> Vec<String> {
    let plugin = Plugin::start_with(&[("TF_LOG", level), ("TENCENTCLOUD_SECRET_KEY", CANARY)]).await;
    let mut rogue = plugin.tls();
    rogue.client = None;
    let refused = async { call(&plugin.connect_with(rogue).await?).await };
    assert!(refused.await.is_err());
    let config =
        Some(DynamicValue { json: format!(r#"{{"secret_key":"{CANARY}"}}"#).into(), ..DynamicValue::default() });
    let request = configure_provider::Request { config, ..configure_provider::Request::default() };
    // Whether this configuration is right does not matter here.
    let _ = plugin.connect().await.provider().configure_provider(request).await;
    plugin.shut_down().await.stderr.lines().map(str::to_owned).collect()
}

/// Whether Terraform's parser takes a line for one of its own.
fn is_hclog(line: &str) -> bool {
    let Ok(line) = serde_json::from_str::<Value>(line) else { return false };
    let time = line["@timestamp"].as_str().unwrap_or_default();
    let six_digits = time.len() == "2006-01-02T15:04:05.000000Z".len() && time.parse::<Timestamp>().is_ok();
    let level = line["@level"].as_str().unwrap_or_default();
    six_digits && line["@message"].is_string() && ["trace", "debug", "info", "warn", "error"].contains(&level)
}

#[tokio::test]
async fn item_67_every_line_is_one_that_terraform_can_read() {
    for level in ["TRACE", "DEBUG", "INFO", "WARN", "JSON"] {
        let lines = lines_at(level).await;
        assert!(!lines.is_empty(), "nothing at {level}");
        assert!(lines.iter().all(|line| is_hclog(line)), "{lines:#?}");
    }
}

#[tokio::test]
async fn item_67_no_secret_is_logged() {
    let lines = lines_at("TRACE").await;
    assert!(!lines.iter().any(|line| line.contains(CANARY)), "{lines:#?}");
}

#[tokio::test]
async fn without_a_level_nothing_is_logged() {
    assert_eq!(lines_at("").await, [""; 0]);
}
