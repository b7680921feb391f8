//! Agents in a cluster that the cloud knows.

use serde_json::json;
use tcmesh::framework::value::Value;

use super::cloud::{Cloud, MEMBER, create};
use super::support::{AGENT, TOKEN, manifest};
use crate::harness::client::{Stored, by_id, by_identity};

fn agent() -> serde_json::Value {
    json!({"cluster_id": MEMBER, "registration_id": "cls-65r1c5nu", "manifest_version": "1",
        "manifest_wo": manifest("https://10.0.1.5:6443", TOKEN)})
}

#[tokio::test]
async fn an_agent_knows_its_account_and_who_runs_the_control_plane() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("b", json!({"tdcc": {"enabled": false}})).await;
    let (stored, config) = create(&terraform, AGENT, agent()).await;
    let expected = [
        ("id", "cls-mem00003#cls-65r1c5nu"),
        ("account_id", "100000000002"),
        ("region", "ap-guangzhou"),
        ("control_plane", "independent"),
        ("registered_cluster_id", "cls-65r1c5nu"),
    ];
    for (name, value) in expected {
        assert_eq!(stored.state.field(name), &value.into(), "{name}");
    }
    let identity = [("id", "cls-mem00003#cls-65r1c5nu".into()), ("account_id", Value::Null), ("region", Value::Null)];
    for import in [by_id(AGENT, "cls-mem00003#cls-65r1c5nu"), by_identity(AGENT, identity)] {
        let imported = terraform.import(import).await.unwrap();
        let (read, told) = terraform.read(AGENT, &imported).await;
        assert_eq!(told, [""; 0], "{}", terraform.details());
        let (taken_on, told) = terraform.apply(AGENT, &config, &read).await;
        assert_eq!((&taken_on.state, told), (&stored.state, vec![]));
    }
}

#[tokio::test]
async fn keys_of_another_account_find_no_absence() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("b", json!({})).await;
    let (stored, _) = create(&terraform, AGENT, agent()).await;
    let other = cloud.terraform("a", json!({})).await;
    let (read, told) = other.read(AGENT, &stored).await;
    assert_eq!((&read.state, told), (&stored.state, vec!["error: Keys of another account @account_id".to_owned()]));
    let told = other.details();
    assert!(told.contains("100000000001") && told.contains("100000000002"), "{told}");
}

#[tokio::test]
async fn an_agent_is_gone_with_its_cluster() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("b", json!({})).await;
    let (stored, _) = create(&terraform, AGENT, agent()).await;
    cloud.delete_member();
    let terraform = cloud.terraform("b", json!({})).await;
    let (read, told) = terraform.read(AGENT, &stored).await;
    assert_eq!((&read.state, told), (&Value::Null, vec![]), "{}", terraform.details());
    let (gone, told) = terraform.destroy(AGENT, &stored).await;
    assert_eq!((&gone.state, told), (&Value::Null, vec![]), "{}", terraform.details());
}

#[tokio::test]
async fn a_cluster_of_another_account_is_told_at_the_argument() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("a", json!({})).await;
    let config = terraform.config(AGENT, agent());
    let (stored, told) = terraform.apply(AGENT, &config, &Stored::nothing()).await;
    assert_eq!((&stored.state, told), (&Value::Null, vec!["error: No such cluster @cluster_id".to_owned()]));
}

#[tokio::test]
async fn an_agent_without_any_cluster_is_told_in_the_plan() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("b", json!({})).await;
    let mut config = agent();
    config.as_object_mut().unwrap().remove("cluster_id");
    let config = terraform.config(AGENT, config);
    let told = terraform.plan(AGENT, &config, &Stored::nothing()).await.diagnostics;
    assert_eq!(told, ["error: No cluster @cluster_id"]);
}
