use tcmesh::framework::msgpack;
use tcmesh::framework::value::Value;
use tcmesh::proto::tfplugin6::ResourceIdentityData;

use super::client::{Stored, Terraform, timeouts, with};
use super::provider::{Fault, Record};

fn id(stored: &Stored) -> &str {
    stored.state.field("id").as_str().unwrap()
}

fn notes(stored: &Stored) -> serde_json::Value {
    serde_json::from_slice(&stored.private).unwrap()
}

fn identity(identity: &Option<ResourceIdentityData>) -> Vec<u8> {
    identity.as_ref().unwrap().identity_data.as_ref().unwrap().msgpack.to_vec()
}

fn identity_of(id: &str, account: &str) -> Vec<u8> {
    msgpack::encode(&Value::object([("id", Value::from(id)), ("account", account.into())]))
}

#[tokio::test]
async fn item_46_a_new_object_is_what_was_planned_with_everything_known() {
    let terraform = Terraform::configured().await;
    let config = terraform.thing([("secret", "canary".into()), ("description", "d".into())]);
    let (stored, told) = terraform.apply("test_thing", &config, &Stored::nothing()).await;
    assert_eq!(told, ["warning: Created"], "debug builds check Terraform's rules for states");
    assert_eq!(stored.state.field("description"), &"d".into());
    assert_eq!(stored.state.field("address"), &"n.example".into());
    assert_eq!(stored.state.field("token"), &"token-1".into(), "kept, since no read answers it");
    assert!(stored.state.field("secret").is_null());
    assert_eq!(notes(&stored), serde_json::json!({"region": "gz"}));
    assert_eq!(identity(&stored.identity), identity_of(id(&stored), "a"));
    let calls = ["create with secret Some(\"canary\")", "read t-1, region Some(\"gz\")"];
    assert_eq!(terraform.world.take_calls(), calls);
}

#[tokio::test]
async fn an_update_is_carried_out_and_read_back() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    let config = terraform.thing([("description", "d".into()), ("secret", "s".into()), ("secret_version", 2.into())]);
    let (updated, told) = terraform.apply("test_thing", &config, &stored).await;
    assert_eq!(told, [""; 0]);
    assert_eq!(updated.state.field("description"), &"d".into());
    assert_eq!((updated.state.field("revision"), updated.state.field("token")), (&2.into(), &"token-1".into()));
    assert_eq!(notes(&updated), serde_json::json!({"region": "gz", "updated": true}));
    assert_eq!(updated.identity, stored.identity);
    assert_eq!(terraform.plan("test_thing", &config, &updated).await.state, updated.state);
    let calls = ["check_owner", "update with secret Some(\"s\")", "read t-1, region Some(\"gz\")"];
    assert_eq!(terraform.world.take_calls(), calls);
}

#[tokio::test]
async fn what_the_api_changes_is_kept_as_planned_with_a_warning() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::Normalises);
    let config = terraform.thing([("description", "d".into())]);
    let (stored, told) = terraform.apply("test_thing", &config, &Stored::nothing()).await;
    // The name was changed too, but only to another spelling of the same.
    assert_eq!(told, ["warning: Created", "warning: Value changed by the API @description"]);
    assert_eq!((stored.state.field("name"), stored.state.field("description")), (&"n".into(), &"d".into()));
}

#[tokio::test]
async fn item_48_a_refused_creation_leaves_nothing_behind() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::Refused);
    let (stored, told) = terraform.apply("test_thing", &terraform.thing([]), &Stored::nothing()).await;
    assert_eq!((stored, told), (Stored::nothing(), vec!["error: The API refused".to_owned()]));
}

#[tokio::test]
async fn item_48_a_creation_that_fails_halfway_keeps_what_was_created() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::FailsAfter);
    let config = terraform.thing([("description", "d".into()), ("secret", "canary".into())]);
    let (stored, told) = terraform.apply("test_thing", &config, &Stored::nothing()).await;
    assert_eq!(told, ["warning: Created", "error: The API failed"]);
    assert_eq!((id(&stored), stored.state.field("description")), ("t-1", &"d".into()));
    assert_eq!(stored.state.field("address"), &Value::Null, "what is not known is null");
    assert!(stored.state.field("secret").is_null());
    assert_eq!(notes(&stored), serde_json::json!({"region": "gz"}));
    assert_eq!(identity(&stored.identity), identity_of("t-1", "a"));
    terraform.world.set_fault(Fault::None);
    assert_eq!(terraform.destroy("test_thing", &stored).await, (Stored::nothing(), vec![]));
}

#[tokio::test]
async fn a_creation_that_does_not_tell_what_it_created_is_an_error() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::Silent);
    let (stored, told) = terraform.apply("test_thing", &terraform.thing([]), &Stored::nothing()).await;
    assert_eq!((stored, told), (Stored::nothing(), vec!["error: The new object is not known".to_owned()]));
}

#[tokio::test]
async fn an_object_that_is_not_found_right_after_its_creation_stays_in_the_state() {
    let terraform = Terraform::configured().await;
    for (fault, problem) in [
        (Fault::Vanishes, "error: Not found"),
        (Fault::Unreadable, "error: The API failed"),
        (Fault::PanicsInRead, "error: The provider panicked"),
    ] {
        terraform.world.set_fault(fault);
        let (stored, told) = terraform.apply("test_thing", &terraform.thing([]), &Stored::nothing()).await;
        assert_eq!(told, ["warning: Created", problem]);
        assert!(id(&stored).starts_with("t-") && stored.identity.is_some() && !stored.private.is_empty());
    }
}

#[tokio::test]
async fn values_that_would_hurt_terraform_are_errors_and_null() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::Incomplete);
    let (stored, told) = terraform.apply("test_thing", &terraform.thing([]), &Stored::nothing()).await;
    let missing = |name| format!("error: No value after the operation @{name}");
    assert_eq!(told[1..3], [missing("share"), missing("address")]);
    assert!(stored.state.field("address").is_null());
    assert_eq!(stored.state.field("share"), &Value::Number("0.5".parse().unwrap()), "planned values stay");
}

#[tokio::test]
async fn item_49_a_failed_update_answers_what_is_in_effect() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.world.set_fault(Fault::FailsAfter);
    let config = terraform.thing([("description", "d".into()), ("size", 5.into())]);
    let (updated, told) = terraform.apply("test_thing", &config, &stored).await;
    assert_eq!(told, ["error: The API failed"]);
    assert_eq!((updated.state.field("size"), updated.state.field("description")), (&5.into(), &Value::Null));
    assert_eq!(notes(&updated), serde_json::json!({"region": "gz", "updated": true}));
    assert_eq!(updated.identity, stored.identity);
    terraform.world.set_fault(Fault::None);
    let (updated, told) = terraform.apply("test_thing", &config, &updated).await;
    assert_eq!((updated.state.field("description"), told), (&"d".into(), vec![]));
}

#[tokio::test]
async fn item_49_a_refused_update_keeps_the_prior_state() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([("key", "k".into()), ("secret_version", 1.into())])).await;
    terraform.world.set_fault(Fault::Refused);
    let config = terraform.thing([("key", "k".into()), ("secret_version", 2.into()), ("size", 5.into())]);
    let (after, told) = terraform.apply("test_thing", &config, &stored).await;
    assert_eq!((after, told), (stored, vec!["error: The API refused".to_owned()]));
}

#[tokio::test]
async fn item_50_a_failed_deletion_keeps_the_object() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.world.set_fault(Fault::Refused);
    let (after, told) = terraform.destroy("test_thing", &stored).await;
    assert_eq!((&after, told), (&stored, vec!["error: The API refused".to_owned()]));
    terraform.world.set_fault(Fault::PanicsAfter);
    let (after, told) = terraform.destroy("test_thing", &stored).await;
    assert_eq!((&after, told), (&stored, vec!["error: The provider panicked".to_owned()]));
}

#[tokio::test]
async fn a_deletion_tells_what_it_leaves_behind_however_it_ends() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([("on_destroy", "keep".into())])).await;
    terraform.world.set_fault(Fault::Refused);
    let told = ["warning: Kept", "error: The API refused"].map(str::to_owned).to_vec();
    assert_eq!(terraform.destroy("test_thing", &stored).await, (stored.clone(), told));
    terraform.world.set_fault(Fault::None);
    let told = vec!["warning: Kept".to_owned()];
    assert_eq!(terraform.destroy("test_thing", &stored).await, (Stored::nothing(), told));
    assert_eq!(terraform.world.len(), 1);
}

#[tokio::test]
async fn item_50_deleting_what_is_gone_succeeds() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    for _ in 0..2 {
        assert_eq!(terraform.destroy("test_thing", &stored).await, (Stored::nothing(), vec![]));
    }
    assert_eq!(terraform.world.len(), 0);
}

#[tokio::test]
async fn an_absence_seen_with_the_wrong_accounts_keys_is_never_a_deletion() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.configure(&terraform.settings("b".into())).await;
    terraform.world.remove("t-1");
    let wrong = vec!["error: Wrong account".to_owned()];
    assert_eq!(terraform.destroy("test_thing", &stored).await, (stored.clone(), wrong.clone()));
    assert_eq!(terraform.read("test_thing", &stored).await, (stored.clone(), wrong.clone()));
    let config = terraform.thing([("size", 2.into())]);
    assert_eq!(terraform.apply("test_thing", &config, &stored).await, (stored, wrong));
}

#[tokio::test]
async fn item_51_a_panic_in_a_creation_keeps_what_was_created() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::PanicsAfter);
    let (stored, told) = terraform.apply("test_thing", &terraform.thing([]), &Stored::nothing()).await;
    assert_eq!(told, ["warning: Created", "error: The provider panicked"]);
    assert_eq!((id(&stored), notes(&stored)), ("t-1", serde_json::json!({"region": "gz"})));
    terraform.world.set_fault(Fault::None);
    terraform.create(&terraform.thing([])).await;
}

#[tokio::test]
async fn item_51_a_panic_in_an_update_or_a_read_loses_nothing() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.world.set_fault(Fault::PanicsInRead);
    let (read, told) = terraform.read("test_thing", &stored).await;
    assert_eq!((&read, told), (&stored, vec!["error: The provider panicked".to_owned()]));
    terraform.world.set_fault(Fault::PanicsAfter);
    let (updated, told) = terraform.apply("test_thing", &terraform.thing([("size", 2.into())]), &stored).await;
    assert_eq!(told, ["error: The provider panicked"]);
    assert_eq!((updated.state.field("size"), &updated.identity), (&2.into(), &stored.identity));
}

#[tokio::test]
async fn a_change_of_timeouts_alone_makes_no_call() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    let timeouts = timeouts([("create", "1h")]);
    let config = terraform.thing([("timeouts", timeouts.clone())]);
    let planned = terraform.plan("test_thing", &config, &stored).await;
    assert_eq!(planned.state, with(stored.state.clone(), "timeouts", timeouts));
    let (updated, told) = terraform.apply_planned("test_thing", &config, &stored, &planned).await;
    assert_eq!((updated.state, told), (planned.state, vec![]));
    assert_eq!(terraform.world.take_calls(), [""; 0]);
}

#[tokio::test]
async fn a_resource_whose_identity_holds_no_id_lives_as_well() {
    let terraform = Terraform::configured().await;
    let config = terraform.object("test_pair", [("left", "l".into()), ("right", "r".into())]);
    let (stored, told) = terraform.apply("test_pair", &config, &Stored::nothing()).await;
    assert_eq!((stored.state.field("left"), told), (&"l".into(), vec![]));
    assert_eq!(terraform.read("test_pair", &stored).await, (stored.clone(), vec![]));
    assert_eq!(terraform.destroy("test_pair", &stored).await, (Stored::nothing(), vec![]));
}

#[tokio::test]
async fn a_state_without_an_id_is_an_error_that_says_so() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    let lost = Stored { state: with(stored.state, "id", Value::Null), ..stored };
    assert_eq!(terraform.destroy("test_thing", &lost).await.1, ["error: No ID"]);
    assert_eq!(terraform.world.get("t-1").map(|Record { account, .. }| account).as_deref(), Some("a"));
}
