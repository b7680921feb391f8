//! Installed, kept current, found again, repaired, removed.

use kube::api::DynamicObject;
use serde_json::json;
use tcmesh::framework::value::Value;

use super::support::{AGENT, Member, NAMESPACE, TOKEN, manifest, objects, texts, without};
use crate::harness::client::{Stored, by_id, with};

const ALL: [&str; 9] = [
    "Namespace clusternet-system",
    "ServiceAccount clusternet-agent",
    "ServiceAccount clusternet-app-deployer",
    "Secret clusternet-agent-cluster-registration",
    "ClusterRole clusternet:app:deployer",
    "ClusterRoleBinding clusternet:app:deployer",
    "Role clusternet:agent:admin",
    "RoleBinding clusternet:agent:admin",
    "Deployment clusternet-agent",
];

/// Nothing was written in the cluster since the last look.
const NOTHING: [&str; 0] = [];

#[tokio::test]
async fn an_agent_is_installed_in_the_order_in_which_its_objects_need_each_other_and_runs() {
    let member = Member::start().await;
    let (stored, ..) = member.installed().await;
    assert_eq!(objects(&stored), ALL);
    let live = member.live("apps/v1", "Deployment", NAMESPACE, "clusternet-agent").await.unwrap();
    assert_eq!(live["status"]["availableReplicas"], 3);
    for name in ["id", "registered_cluster_id"] {
        assert_eq!(stored.state.field(name), &"cls-65r1c5nu".into(), "{name}");
    }
    assert_eq!(stored.state.field("control_plane"), &"unknown".into());
    assert!(stored.state.field("account_id").is_null() && stored.state.field("cluster_uid").as_str().is_some());
    assert_eq!(texts(stored.state.field("drift")), [""; 0]);
}

#[tokio::test]
async fn no_secret_gets_into_the_state() {
    let member = Member::start().await;
    let (stored, ..) = member.installed().await;
    let secret = member.live("v1", "Secret", NAMESPACE, "clusternet-agent-cluster-registration").await.unwrap();
    let encoded = secret["data"]["regToken"].as_str().unwrap();
    let kept = format!("{:?} {:?}", stored.state, String::from_utf8_lossy(&stored.private));
    assert!(!kept.contains(TOKEN) && !kept.contains(encoded) && !kept.contains("6443"), "{kept}");
}

#[tokio::test]
async fn another_token_changes_nothing_and_another_hub_is_a_change_in_place() {
    let member = Member::start().await;
    let (stored, _, first) = member.installed().await;
    let renewed = member.config(Some(&first.replace(TOKEN, "fedcba.fedcba9876543210")), "1");
    member.settled(AGENT, &renewed, &stored).await;
    let moved = member.config(Some(&manifest("https://10.0.1.6:6443", TOKEN)), "1");
    let planned = member.terraform.plan(AGENT, &moved, &stored).await;
    assert_ne!(planned.state.field("manifest_hash"), stored.state.field("manifest_hash"));
    assert!(planned.state.field("objects").is_unknown() && planned.requires_replace.is_empty());
    assert_eq!(planned.state.field("registered_cluster_id"), &"cls-65r1c5nu".into(), "dependents need not wait");
    member.update(AGENT, &moved, &stored).await;
    let secret = member.live("v1", "Secret", NAMESPACE, "clusternet-agent-cluster-registration").await.unwrap();
    assert_eq!(secret["data"]["parentURL"], "aHR0cHM6Ly8xMC4wLjEuNjo2NDQz");
}

#[tokio::test]
async fn what_a_new_manifest_no_longer_has_is_deleted() {
    let member = Member::start().await;
    let (stored, _, first) = member.installed().await;
    let extra = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra, namespace: clusternet-system}\n";
    let second = format!("{}{extra}", without(&first, "clusternet:agent:admin"));
    let stored = member.update(AGENT, &member.config(Some(&second), "1"), &stored).await;
    let expected = [&ALL[..4], &["ConfigMap extra"], &ALL[4..6], &ALL[8..]].concat();
    assert_eq!(objects(&stored), expected);
    let role = "rbac.authorization.k8s.io/v1";
    assert!(!member.has(role, "Role", "clusternet:agent:admin").await);
    assert!(!member.has(role, "RoleBinding", "clusternet:agent:admin").await);
    assert!(member.has("v1", "ConfigMap", "extra").await);
}

#[tokio::test]
async fn another_version_applies_the_manifest_again() {
    let member = Member::start().await;
    let (stored, _, first) = member.installed().await;
    let config = member.config(Some(&first.replace(TOKEN, "fedcba.fedcba9876543210")), "2");
    let (stored, told) = member.terraform.apply(AGENT, &config, &stored).await;
    assert_eq!(told, [""; 0]);
    assert_eq!(member.take_writes().len(), ALL.len());
    member.settled(AGENT, &config, &stored).await;
    let pods = member.api("v1", "Pod", NAMESPACE).list(&Default::default()).await.unwrap();
    let version = |pod: &DynamicObject| pod.metadata.annotations.clone().unwrap()["tcmesh-manifest"].clone();
    let mut running = pods.items.iter().filter(|pod| pod.metadata.deletion_timestamp.is_none()).map(version);
    assert!(running.all(|version| version.starts_with("2 ")), "their pods have the new token");
}

#[tokio::test]
async fn what_only_terraform_uses_changes_without_a_write() {
    let member = Member::start().await;
    let (stored, config, _) = member.installed().await;
    let later = with(config, "reachable_through", Value::List(vec!["ccn-1#VPC#ap-guangzhou#vpc-1".into()]));
    let (stored, told) = member.terraform.apply(AGENT, &later, &stored).await;
    assert_eq!((told, member.take_writes()), (vec![], vec![]));
    member.settled(AGENT, &later, &stored).await;
}

#[tokio::test]
async fn an_object_that_somebody_deleted_or_changed_is_restored_in_place() {
    let member = Member::start().await;
    let (stored, config, _) = member.installed().await;
    let service_accounts = member.api("v1", "ServiceAccount", NAMESPACE);
    service_accounts.delete("clusternet-app-deployer", &Default::default()).await.unwrap();
    let image =
        json!({"spec": {"template": {"spec": {"containers": [{"name": "clusternet-agent", "image": "other"}]}}}});
    member.change("apps/v1", "Deployment", NAMESPACE, "clusternet-agent", image).await;
    let (read, told) = member.terraform.read(AGENT, &stored).await;
    assert_eq!(told, [""; 0]);
    let expected = [
        "ServiceAccount clusternet-system/clusternet-app-deployer is gone",
        "Deployment clusternet-system/clusternet-agent was changed by somebody else",
    ];
    assert_eq!(texts(read.state.field("drift")), expected);
    let planned = member.terraform.plan(AGENT, &config, &read).await;
    assert_eq!((texts(planned.state.field("drift")), &planned.requires_replace[..]), (vec![], &[][..]));
    assert!(!planned.state.field("objects").is_unknown(), "the manifest is the same");
    member.update(AGENT, &config, &read).await;
    let live = member.live("apps/v1", "Deployment", NAMESPACE, "clusternet-agent").await.unwrap();
    assert_ne!(live["spec"]["template"]["spec"]["containers"][0]["image"], "other");
}

#[tokio::test]
async fn fields_that_others_add_are_no_drift() {
    let member = Member::start().await;
    let (stored, config, _) = member.installed().await;
    let annotation = json!({"metadata": {"annotations": {"example.com/owner": "b"}}});
    member.change("apps/v1", "Deployment", NAMESPACE, "clusternet-agent", annotation).await;
    member.settled(AGENT, &config, &stored).await;
}

#[tokio::test]
async fn an_agent_of_which_nothing_is_left_is_gone() {
    let member = Member::start().await;
    let (stored, config, _) = member.installed().await;
    let (gone, told) = member.terraform.destroy(AGENT, &stored).await;
    assert_eq!((&gone.state, told), (&Value::Null, vec![]));
    let (read, told) = member.terraform.read(AGENT, &stored).await;
    assert_eq!((&read.state, told), (&Value::Null, vec![]));
    assert!(member.terraform.plan(AGENT, &config, &read).await.state.field("id").is_unknown(), "it is created again");
    let (gone, told) = member.terraform.destroy(AGENT, &stored).await;
    assert_eq!((&gone.state, told), (&Value::Null, vec![]), "deleted twice");
}

#[tokio::test]
async fn a_destroyed_agent_leaves_nothing_behind_whatever_was_gone_before() {
    for gone in ["", "Deployment", "ClusterRole", "Namespace"] {
        let member = Member::start().await;
        let (stored, ..) = member.installed().await;
        match gone {
            "Deployment" => drop(
                member.api("apps/v1", gone, NAMESPACE).delete("clusternet-agent", &Default::default()).await.unwrap(),
            ),
            "ClusterRole" | "Namespace" => member.delete_cluster_wide(gone).await,
            _ => {}
        }
        let (left, told) = member.terraform.destroy(AGENT, &stored).await;
        assert_eq!((&left.state, told), (&Value::Null, vec![]), "{gone}: {}", member.terraform.details());
        assert_eq!(member.left().await, [""; 0], "{gone}");
    }
}

#[tokio::test]
async fn a_missing_manifest_is_told_in_the_plan_where_it_is_needed_and_nowhere_else() {
    let member = Member::start().await;
    let missing = ["error: Manifest missing @manifest_wo"];
    let none = member.config(None, "1");
    assert_eq!(member.terraform.validate(AGENT, &none, true).await, [""; 0], "an ephemeral value may come later");
    assert_eq!(member.terraform.plan(AGENT, &none, &Stored::nothing()).await.diagnostics, missing);
    let (stored, ..) = member.installed().await;
    member.settled(AGENT, &none, &stored).await;
    assert_eq!(member.terraform.plan(AGENT, &member.config(None, "2"), &stored).await.diagnostics, missing);
    let strayed = Stored { state: with(stored.state.clone(), "drift", Value::List(vec!["x".into()])), ..stored };
    let planned = member.terraform.plan(AGENT, &none, &strayed).await;
    assert_eq!(planned.diagnostics, ["warning: Manifest missing @manifest_wo"], "others can be applied");
    let (kept, told) = member.terraform.apply_planned(AGENT, &none, &strayed, &planned).await;
    assert_eq!(told, missing);
    assert_eq!(kept.state.field("manifest_hash"), strayed.state.field("manifest_hash"));
}

#[tokio::test]
async fn what_is_no_manifest_of_an_agent_is_told_at_the_argument() {
    let member = Member::start().await;
    for wrong in ["kind: [", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", "# nothing\n"] {
        let told = member.terraform.validate(AGENT, &member.config(Some(wrong), "1"), true).await;
        assert_eq!(told, ["error: Invalid value @manifest_wo"], "{wrong}");
    }
    assert_eq!(member.take_requests(), 0);
}

#[tokio::test]
async fn an_agent_is_imported_and_taken_on_without_a_write() {
    let member = Member::start().await;
    let (stored, config, _) = member.installed().await;
    let imported = member.terraform.import(by_id(AGENT, "cls-65r1c5nu")).await.unwrap();
    let (read, told) = member.terraform.read(AGENT, &imported).await;
    assert_eq!((told, objects(&read)), (vec![], ALL.map(String::from).to_vec()));
    member.take_writes();
    let (taken_on, told) = member.terraform.apply(AGENT, &config, &read).await;
    assert_eq!((told, member.take_writes()), (vec![], NOTHING.map(String::from).to_vec()));
    assert_eq!(taken_on.state, stored.state, "the import knows as much as the create");
    member.settled(AGENT, &config, &taken_on).await;
    let absent = Member::start().await;
    let imported = absent.terraform.import(by_id(AGENT, "cls-65r1c5nu")).await.unwrap();
    assert_eq!(absent.terraform.read(AGENT, &imported).await.1, ["error: Nothing to import"]);
}

#[tokio::test]
async fn an_agent_of_somebody_else_is_not_replaced() {
    let member = Member::start().await;
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
    member.make_cluster_wide(&namespace).await;
    let container = json!({"name": "clusternet-agent", "image": "other"});
    let template = json!({"metadata": {"labels": {"app": "other"}}, "spec": {"containers": [container]}});
    let other = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "clusternet-agent"},
        "spec": {"selector": {"matchLabels": {"app": "other"}}, "template": template}});
    member.make(NAMESPACE, other).await;
    let config = member.config(Some(&manifest("https://10.0.1.5:6443", TOKEN)), "1");
    let (stored, told) = member.terraform.apply(AGENT, &config, &Stored::nothing()).await;
    assert_eq!((&stored.state, told), (&Value::Null, vec!["error: The cluster has an agent".to_owned()]));
    assert!(member.terraform.details().contains("id = \"cls-65r1c5nu\""), "{}", member.terraform.details());
    assert_eq!(member.take_writes(), NOTHING);
}

#[tokio::test]
async fn an_agent_of_ours_whose_creation_was_lost_is_taken_on() {
    let member = Member::start().await;
    let (_, config, _) = member.installed().await;
    let (stored, told) = member.terraform.apply(AGENT, &config, &Stored::nothing()).await;
    assert_eq!(told, ["warning: Existing agent taken on"]);
    member.settled(AGENT, &config, &stored).await;
}

#[tokio::test]
async fn an_absence_in_another_cluster_says_nothing() {
    let (member, other) = (Member::start().await, Member::start().await);
    let (stored, ..) = member.installed().await;
    let (read, told) = other.terraform.read(AGENT, &stored).await;
    assert_eq!(read.state, stored.state);
    assert_eq!(told, ["error: Cannot make sure that this is the object's cluster"], "{}", other.terraform.details());
    let (kept, told) = other.terraform.destroy(AGENT, &stored).await;
    assert_eq!((kept.state, told.len()), (stored.state, 1));
}
