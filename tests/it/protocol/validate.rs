use tcmesh::framework::value::Value;
use tcmesh::proto::tfplugin6::{
    validate_data_resource_config, validate_ephemeral_resource_config, validate_provider_config,
};

use super::client::{Terraform, message, told, with};

async fn validate_provider(terraform: &Terraform, config: &Value) -> Vec<String> {
    let request = validate_provider_config::Request { config: message(config) };
    told(terraform.client.clone().validate_provider_config(request).await.unwrap().into_inner().diagnostics)
}

async fn validate_data_source(terraform: &Terraform, config: &Value) -> Vec<String> {
    let request =
        validate_data_resource_config::Request { type_name: "test_lookup".to_owned(), config: message(config) };
    told(terraform.client.clone().validate_data_resource_config(request).await.unwrap().into_inner().diagnostics)
}

/// The object with everything that a configuration may set unknown.
fn unknown(config: Value) -> Value {
    let Value::Map(attributes) = config else { panic!("no object") };
    Value::object(attributes.into_keys().map(|name| (name, Value::Unknown)))
}

#[tokio::test]
async fn item_33_unknown_values_are_never_wrong() {
    let terraform = Terraform::new();
    for type_name in ["test_thing", "test_pair"] {
        let config = unknown(terraform.object(type_name, []));
        assert_eq!(terraform.validate(type_name, &config, true).await, [""; 0]);
    }
    assert_eq!(validate_data_source(&terraform, &unknown(terraform.object("test_lookup", []))).await, [""; 0]);
    assert_eq!(validate_provider(&terraform, &unknown(terraform.settings(Value::Null))).await, [""; 0]);
    let config = message(&unknown(terraform.object("test_token", [])));
    let request = validate_ephemeral_resource_config::Request { type_name: "test_token".to_owned(), config };
    let answer = terraform.client.clone().validate_ephemeral_resource_config(request).await.unwrap().into_inner();
    assert_eq!(told(answer.diagnostics), [""; 0]);
}

#[tokio::test]
async fn item_33_a_configuration_of_nothing_lacks_what_is_required_and_no_more() {
    let terraform = Terraform::new();
    let missing = |name| format!("error: Missing argument @{name}");
    assert_eq!(terraform.validate("test_thing", &terraform.object("test_thing", []), true).await, [missing("name")]);
    let pair = terraform.object("test_pair", []);
    assert_eq!(terraform.validate("test_pair", &pair, true).await, [missing("left"), missing("right")]);
    assert_eq!(validate_provider(&terraform, &terraform.settings(Value::Null)).await, [missing("account")]);
}

#[tokio::test]
async fn a_number_that_the_provider_cannot_hold_is_refused_where_it_stands() {
    let terraform = Terraform::new();
    for number in [Value::from(0.5), Value::Number("9223372036854775808".parse().unwrap())] {
        let config = terraform.thing([("secret", "s".into()), ("secret_version", number)]);
        assert_eq!(terraform.validate("test_thing", &config, true).await, ["error: Wrong value @secret_version"]);
    }
}

#[tokio::test]
async fn item_34_an_unknown_provider_configuration_is_no_error_until_a_call_needs_it() {
    let terraform = Terraform::new();
    assert_eq!(terraform.configure(&terraform.settings(Value::Unknown)).await, [""; 0]);
    let config = terraform.thing([]);
    let planned = terraform.plan("test_thing", &config, &super::client::Stored::nothing()).await;
    assert_eq!(planned.diagnostics, [""; 0], "planning needs no configuration");
    let (_, told) = terraform.apply("test_thing", &config, &super::client::Stored::nothing()).await;
    assert_eq!(told, ["error: Provider configuration is not known yet"]);
    assert_eq!(terraform.world.take_calls(), [""; 0]);
    assert_eq!(terraform.configure(&terraform.settings("a".into())).await, [""; 0]);
    terraform.create(&config).await;
}

#[tokio::test]
async fn item_34_a_read_answers_what_was_known_where_the_configuration_is_not() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.configure(&terraform.settings(Value::Unknown)).await;
    let (read, told) = terraform.read("test_thing", &stored).await;
    assert_eq!((read, told), (stored, vec!["warning: Objects were not refreshed".to_owned()]));
    assert_eq!(terraform.world.take_calls(), [""; 0]);
}

#[tokio::test]
async fn item_35_the_last_configuration_counts() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    assert_eq!(terraform.configure(&terraform.settings("b".into())).await, [""; 0]);
    assert_eq!(terraform.read("test_thing", &stored).await.1, ["error: Wrong account"]);
    let wrong = with(terraform.settings("a".into()), "secret", "wrong".into());
    assert_eq!(terraform.configure(&wrong).await, ["error: Wrong secret @secret"]);
    assert_eq!(terraform.read("test_thing", &stored).await.1, ["error: Provider is not configured"]);
}

#[tokio::test]
async fn item_36_validation_and_planning_work_before_the_configuration() {
    let terraform = Terraform::new();
    let config = terraform.thing([]);
    assert_eq!(terraform.validate("test_thing", &config, true).await, [""; 0]);
    assert_eq!(terraform.plan("test_thing", &config, &super::client::Stored::nothing()).await.diagnostics, [""; 0]);
}

#[tokio::test]
async fn everything_wrong_is_reported_at_its_path() {
    let terraform = Terraform::new();
    let port = |number: i64| Value::object([("number", number.into()), ("port_id", Value::Null)]);
    let config = terraform.thing([
        ("id", "mine".into()),
        ("name", "".into()),
        ("level", "XX".into()),
        ("hosts", Value::List(vec!["a.b".into(), "ab".into()])),
        ("port", Value::List(vec![port(0)])),
        ("timeouts", Value::object([("create", Value::from("soon"))])),
    ]);
    let expected = [
        "error: Read-only attribute @id",
        "error: Invalid value @name",
        "error: Invalid value @level",
        "error: Invalid value @hosts.1",
        "error: Invalid value @port.0.number",
        "error: Invalid value @timeouts.create",
    ];
    assert_eq!(terraform.validate("test_thing", &config, true).await, expected);
}

#[tokio::test]
async fn rules_over_several_values_run_with_what_is_known() {
    let terraform = Terraform::new();
    let config = terraform.thing([("size", 101.into()), ("level", "AG".into())]);
    assert_eq!(terraform.validate("test_thing", &config, true).await, ["error: Too big @size"]);
    let unknown = with(config, "level", Value::Unknown);
    assert_eq!(terraform.validate("test_thing", &unknown, true).await, [""; 0]);
    let settings = with(terraform.settings("a".into()), "secret", "".into());
    assert_eq!(validate_provider(&terraform, &settings).await, ["error: Empty secret @secret"]);
    let lookup = terraform.object("test_lookup", [("id", "".into())]);
    assert_eq!(validate_data_source(&terraform, &lookup).await, ["error: Empty ID @id"]);
}

#[tokio::test]
async fn item_38_a_deprecated_attribute_is_a_warning_where_it_is_set() {
    let terraform = Terraform::new();
    let config = terraform.thing([("label", "l".into())]);
    assert_eq!(terraform.validate("test_thing", &config, true).await, ["warning: Deprecated argument @label"]);
    assert_eq!(terraform.validate("test_thing", &terraform.thing([]), true).await, [""; 0]);
}

#[tokio::test]
async fn item_39_a_write_only_value_needs_a_client_that_knows_such() {
    let terraform = Terraform::new();
    let config = terraform.thing([("secret", "s".into())]);
    assert_eq!(terraform.validate("test_thing", &config, true).await, [""; 0]);
    assert_eq!(terraform.validate("test_thing", &config, false).await, ["error: Write-only argument @secret"]);
    assert_eq!(terraform.validate("test_thing", &terraform.thing([]), false).await, [""; 0]);
}
