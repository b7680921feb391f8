use bytes::Bytes;
use tcmesh::framework::value::Value;

use super::client::{Stored, Terraform, with};

fn ports(numbers: &[i64]) -> Value {
    let port = |number: &i64| Value::object([("number", (*number).into()), ("port_id", Value::Null)]);
    Value::List(numbers.iter().map(port).collect())
}

#[tokio::test]
async fn item_40_a_new_object_has_its_defaults_and_everything_computed_unknown() {
    let terraform = Terraform::configured().await;
    let config = terraform.thing([("port", ports(&[80])), ("secret", "canary".into())]);
    let planned = terraform.plan("test_thing", &config, &Stored::nothing()).await;
    assert_eq!(planned.diagnostics, [""; 0], "debug builds check Terraform's rules for plans");
    for name in ["id", "account", "token", "address", "revision"] {
        assert!(planned.state.field(name).is_unknown(), "{name}");
    }
    assert_eq!((planned.state.field("size"), planned.state.field("level")), (&1.into(), &"AU".into()));
    assert!(planned.state.field("secret").is_null());
    let Value::List(blocks) = planned.state.field("port") else { panic!("no blocks") };
    assert!(blocks[0].field("port_id").is_unknown());
}

#[tokio::test]
async fn item_41_a_plan_without_change_equals_the_prior_state() {
    let terraform = Terraform::configured().await;
    let config = terraform.thing([
        ("port", ports(&[80, 81])),
        ("secret", "s".into()),
        ("secret_version", 1.into()),
        ("key", "k".into()),
        ("tags", Value::Map([].into())),
    ]);
    let stored = terraform.create(&config).await;
    let planned = terraform.plan("test_thing", &config, &stored).await;
    assert_eq!(planned.state, stored.state);
    assert_eq!((planned.private, planned.identity), (stored.private.clone(), stored.identity.clone()));
    assert_eq!(terraform.read("test_thing", &stored).await, (stored, vec![]));
}

#[tokio::test]
async fn item_42_the_same_request_gives_the_same_plan_and_knowing_more_changes_nothing_known() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    let config = terraform.thing([("name", Value::Unknown), ("description", "d".into())]);
    for prior in [Stored::nothing(), stored] {
        let first = terraform.plan("test_thing", &config, &prior).await;
        assert_eq!(first, terraform.plan("test_thing", &config, &prior).await);
        for name in ["n", "m"] {
            let second = terraform.plan("test_thing", &with(config.clone(), "name", name.into()), &prior).await;
            let (Value::Map(first), Value::Map(second)) = (&first.state, &second.state) else { panic!("no objects") };
            for ((name, first), second) in first.iter().zip(second.values()) {
                assert!(first.is_unknown() || first == second, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn item_43_replacement_is_asked_for_by_paths_that_exist_and_only_for_changes() {
    let terraform = Terraform::configured().await;
    let tls = |mode: &str| Value::object([("mode", Value::from(mode))]);
    let config = terraform.thing([("tls", tls("SIMPLE"))]);
    assert_eq!(terraform.plan("test_thing", &config, &Stored::nothing()).await.requires_replace, [""; 0]);
    let stored = terraform.create(&config).await;
    let changed = terraform.thing([("tls", tls("MUTUAL")), ("level", "AG".into()), ("key", "k".into())]);
    let planned = terraform.plan("test_thing", &changed, &stored).await;
    assert_eq!(planned.requires_replace, ["level", "key", "tls.mode"]);
    let in_place = with(config, "description", "d".into());
    assert_eq!(terraform.plan("test_thing", &in_place, &stored).await.requires_replace, [""; 0]);
}

#[tokio::test]
async fn item_44_the_second_plan_of_a_replacement_starts_from_nothing_and_keeps_the_notes() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    let config = terraform.thing([("level", "AG".into())]);
    let first = terraform.plan("test_thing", &config, &stored).await;
    let without_prior = Stored { private: first.private.clone(), ..Stored::nothing() };
    let second = terraform.plan("test_thing", &config, &without_prior).await;
    assert!(second.state.field("id").is_unknown());
    assert_eq!((second.requires_replace, &second.private), (vec![], &stored.private));
    let private = second.private;
    let gone = super::client::Planned { state: Value::Null, private, ..first };
    assert_eq!(terraform.apply_planned("test_thing", &Value::Null, &stored, &gone).await, (Stored::nothing(), vec![]));
    terraform.create(&config).await;
}

#[tokio::test]
async fn item_45_a_destruction_is_planned_as_null_with_the_notes_for_it() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    let planned = terraform.plan("test_thing", &Value::Null, &stored).await;
    assert_eq!((planned.state, planned.private), (Value::Null, stored.private));
}

#[tokio::test]
async fn an_update_keeps_computed_values_that_the_change_does_not_touch() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    let planned = terraform.plan("test_thing", &terraform.thing([("size", 2.into())]), &stored).await.state;
    assert_eq!(planned.field("address"), stored.state.field("address"));
    assert!(planned.field("revision").is_unknown(), "volatile");
    let planned = terraform.plan("test_thing", &terraform.thing([("name", "m".into())]), &stored).await.state;
    assert!(planned.field("address").is_unknown(), "changes with the name");
    assert_eq!(planned.field("id"), stored.state.field("id"));
}

#[tokio::test]
async fn another_spelling_of_a_name_is_no_change() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    assert_eq!(
        terraform.plan("test_thing", &terraform.thing([("name", "N".into())]), &stored).await.state,
        stored.state
    );
}

#[tokio::test]
async fn rules_see_write_only_values_and_warn_in_the_plan() {
    let terraform = Terraform::configured().await;
    let config = terraform.thing([("secret_version", 1.into()), ("port", ports(&[23]))]);
    let told = terraform.plan("test_thing", &config, &Stored::nothing()).await.diagnostics;
    assert_eq!(told, ["error: Secret missing @secret", "warning: Telnet @port.0.number"]);
    let config = with(config, "secret", "s".into());
    let told = terraform.plan("test_thing", &config, &Stored::nothing()).await.diagnostics;
    assert_eq!(told, ["warning: Telnet @port.0.number"]);
    assert_eq!(terraform.validate("test_thing", &config, true).await, [""; 0]);
}

#[tokio::test]
async fn rules_see_the_settings_of_the_provider_once_they_are_known() {
    for (account, expected) in [("a".into(), vec!["error: Description missing @description"]), (Value::Unknown, vec![])]
    {
        let terraform = Terraform::new();
        terraform.configure(&with(terraform.settings(account), "region", "sz".into())).await;
        let plan = async |config| terraform.plan("test_thing", &config, &Stored::nothing()).await.diagnostics;
        assert_eq!(plan(terraform.thing([])).await, expected);
        assert_eq!(plan(terraform.thing([("description", Value::Unknown)])).await, [""; 0]);
    }
}

#[tokio::test]
async fn planning_makes_no_call() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.plan("test_thing", &terraform.thing([("size", 2.into())]), &stored).await;
    terraform.plan("test_thing", &Value::Null, &stored).await;
    assert_eq!(terraform.world.take_calls(), [""; 0]);
}

#[tokio::test]
async fn item_57_foreign_notes_are_no_error_in_a_plan() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    for private in [&b"\xff\x00garbage"[..], br#"{"schema_version":"1"}"#, b"[]"] {
        let foreign = Stored { private: Bytes::from_static(private), ..stored.clone() };
        assert_eq!(terraform.plan("test_thing", &terraform.thing([]), &foreign).await.diagnostics, [""; 0]);
        let (_, told) = terraform.read("test_thing", &foreign).await;
        assert_eq!(told, [""; 0]);
    }
}
