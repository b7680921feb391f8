//! Hubs and registrations: what the shared suite does not reach.

use serde_json::json;
use tcmesh::framework::value::Value;
use tcmesh::proto::tfplugin6::open_ephemeral_resource;
use tcmesh::provider::Tcmesh;

use super::cloud::{Cloud, create};
use crate::harness::client::{Stored, Terraform, message, told};

const HUB: &str = "tcmesh_tdcc_hub";
const REGISTRATION: &str = "tcmesh_tdcc_registration";
const MANIFEST: &str = "tcmesh_tdcc_agent_manifest";

fn hub() -> serde_json::Value {
    json!({"zone": "ap-guangzhou-3", "vpc_id": "vpc-hub00001", "subnet_id": "subnet-hub00001"})
}

fn with(mut config: serde_json::Value, name: &str, value: serde_json::Value) -> serde_json::Value {
    config[name] = value;
    config
}

/// What is told of the creation of an object that is refused.
async fn refused(terraform: &Terraform<Tcmesh>, type_name: &str, config: serde_json::Value) -> Vec<String> {
    let config = terraform.config(type_name, config);
    let (stored, told) = terraform.apply(type_name, &config, &Stored::nothing()).await;
    assert_eq!(stored.state, Value::Null);
    told
}

fn id(stored: &Stored) -> String {
    stored.state.field("id").as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_account_that_has_a_hub_takes_it_on_only_when_asked_and_only_as_it_is() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("a", json!({})).await;
    let (first, _) = create(&terraform, HUB, hub()).await;
    assert_eq!(refused(&terraform, HUB, hub()).await, ["error: The account has a hub"]);
    let import = format!("id = \"{}\"", id(&first));
    assert!(terraform.details().contains(&import), "{}", terraform.details());
    let elsewhere =
        json!({"zone": "ap-guangzhou-4", "vpc_id": "vpc-app00002", "subnet_id": "subnet-app00002", "adopt": true});
    assert_eq!(refused(&terraform, HUB, elsewhere).await, ["error: The account's hub is another one @adopt"]);
    let (second, _) = create(&terraform, HUB, with(hub(), "adopt", true.into())).await;
    assert_eq!(id(&second), id(&first));
}

#[tokio::test]
async fn a_hub_that_clusters_are_registered_with_names_them_and_stays() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("a", json!({})).await;
    let (hub, _) = create(&terraform, HUB, hub()).await;
    let registration = json!({"hub_id": id(&hub), "name": "cluster3", "cluster_region": "ap-guangzhou"});
    let (registration, _) = create(&terraform, REGISTRATION, registration).await;
    let (kept, told) = terraform.destroy(HUB, &hub).await;
    assert_eq!((&kept.state, told), (&hub.state, vec!["error: The hub has registered clusters".to_owned()]));
    assert!(terraform.details().contains(&format!("{} (cluster3, WaitingRegister)", id(&registration))));
    assert_eq!(terraform.destroy(REGISTRATION, &registration).await.1, [""; 0]);
    let (gone, told) = terraform.destroy(HUB, &hub).await;
    assert_eq!((&gone.state, told), (&Value::Null, vec![]));
}

#[tokio::test]
async fn a_zone_of_another_region_is_told_in_the_plan() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("a", json!({})).await;
    let config = terraform.config(HUB, with(hub(), "zone", "ap-shanghai-2".into()));
    let told = terraform.plan(HUB, &config, &Stored::nothing()).await.diagnostics;
    assert_eq!(told, ["error: Zone of another region @zone"]);
    let config = terraform.config(HUB, with(hub(), "zone", "guangzhou".into()));
    assert_eq!(terraform.validate(HUB, &config, true).await, ["error: Invalid value @zone"]);
}

#[tokio::test]
async fn what_authorises_the_service_is_told_where_it_is_refused() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("a", json!({})).await;
    let config = with(hub(), "service_role_policy", "NoSuchPolicy".into());
    let told = refused(&terraform, HUB, config).await;
    assert_eq!(told, ["error: Cannot authorise TDCC by the role TKE_QCSRole with the policy NoSuchPolicy"]);
    assert!(terraform.details().contains("`authorize_service = false`"), "{}", terraform.details());
}

#[tokio::test]
async fn a_tke_cluster_of_the_hubs_account_is_taken_over_under_its_own_id() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("a", json!({})).await;
    let (hub, _) = create(&terraform, HUB, hub()).await;
    let config = json!({"hub_id": id(&hub), "name": "any", "cluster_region": "ap-guangzhou", "kind": "tke",
        "tke_cluster_id": "cls-app00002"});
    let (stored, _) = create(&terraform, REGISTRATION, config.clone()).await;
    assert_eq!((id(&stored), stored.state.field("name")), ("cls-app00002".into(), &"any".into()));
    let told = refused(&terraform, REGISTRATION, config).await;
    assert_eq!(told, ["error: The cluster is registered already @tke_cluster_id"]);
    let (gone, told) = terraform.destroy(REGISTRATION, &stored).await;
    assert_eq!((&gone.state, told), (&Value::Null, vec![]));
}

#[tokio::test]
async fn a_registration_needs_a_hub_of_its_account() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("b", json!({})).await;
    let config = json!({"hub_id": "cls-9ts4ddnr", "name": "cluster3", "cluster_region": "ap-guangzhou"});
    assert_eq!(refused(&terraform, REGISTRATION, config).await, ["error: No such hub @hub_id"]);
    assert!(terraform.details().contains("Account 100000000002 has no hub `cls-9ts4ddnr` in ap-guangzhou"));
}

#[tokio::test]
async fn arguments_of_the_other_kind_are_told_before_anything_is_done() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("a", json!({})).await;
    let base = json!({"hub_id": "cls-9ts4ddnr", "name": "cluster3", "cluster_region": "ap-guangzhou"});
    let cases = [
        (json!({"kind": "tke"}), "error: TKE cluster missing @tke_cluster_id"),
        (json!({"tke_cluster_id": "cls-app00002"}), "error: Argument of another kind @tke_cluster_id"),
        (
            json!({"kind": "tke", "tke_cluster_id": "cls-app00002", "description": "d"}),
            "error: Argument of another kind @description",
        ),
    ];
    for (more, expected) in cases {
        let mut config = base.clone();
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let told = terraform.validate(REGISTRATION, &terraform.config(REGISTRATION, config), true).await;
        assert_eq!(told, [expected]);
    }
}

#[tokio::test]
async fn without_the_actions_of_tdcc_each_error_names_the_manual_path_in_the_plan() {
    let cloud = Cloud::start("").await;
    let terraform = cloud.terraform("a", json!({"tdcc": {"enabled": false}})).await;
    let registration = json!({"hub_id": "cls-9ts4ddnr", "name": "cluster3", "cluster_region": "ap-guangzhou"});
    for (type_name, config) in [(HUB, hub()), (REGISTRATION, registration)] {
        let config = terraform.config(type_name, config);
        let told = terraform.plan(type_name, &config, &Stored::nothing()).await.diagnostics;
        assert_eq!(told, ["error: The actions of TDCC are switched off"]);
    }
    let config = message(&terraform.config(MANIFEST, json!({"registration_id": "cls-65r1c5nu"})));
    let type_name = MANIFEST.to_owned();
    let request = open_ephemeral_resource::Request { type_name, config, client_capabilities: None };
    let opened = terraform.client.clone().open_ephemeral_resource(request).await.unwrap().into_inner();
    assert!(opened.diagnostics[0].detail.contains("view registration command"), "{:?}", opened.diagnostics);
    assert_eq!(told(opened.diagnostics), ["error: The actions of TDCC are switched off"]);
}
