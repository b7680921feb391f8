use bytes::Bytes;
use tcmesh::framework::value::{Typed, Value};
use tcmesh::framework::{Type, msgpack};
use tcmesh::proto::tfplugin6::{
    DynamicValue, apply_resource_change, close_ephemeral_resource, configure_provider, import_resource_state,
    open_ephemeral_resource, plan_resource_change, read_data_source, read_resource, renew_ephemeral_resource,
    upgrade_resource_identity, upgrade_resource_state, validate_resource_config,
};

use super::client::{Stored, Terraform, message, timeouts, told, value, with};

fn strings(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| Value::from(*text)).collect()
}

#[tokio::test]
async fn item_23_json_in_place_of_msgpack_gives_the_same_plan() {
    let terraform = Terraform::configured().await;
    let config = terraform.thing([("size", 7.into()), ("hosts", Value::List(strings(&["a.b"])))]);
    let json = br#"{"name":"n","size":7,"hosts":["a.b"],"port":[]}"#;
    let json = Some(DynamicValue { msgpack: Bytes::new(), json: Bytes::from_static(json) });
    let request = plan_resource_change::Request {
        type_name: "test_thing".to_owned(),
        proposed_new_state: json.clone(),
        config: json,
        ..Default::default()
    };
    let answer = terraform.client.clone().plan_resource_change(request).await.unwrap().into_inner();
    let planned = terraform.plan("test_thing", &config, &Stored::nothing()).await;
    assert_eq!(value(answer.planned_state.as_ref(), terraform.schema("test_thing")), planned.state);
}

#[tokio::test]
async fn item_24_numbers_come_back_as_they_were_written() {
    let terraform = Terraform::configured().await;
    let large = format!("1{}", "0".repeat(100));
    for text in ["9223372036854775808", &large, "0.1", "0.5", "-3", "18446744073709551615"] {
        let config = terraform.thing([("share", Value::Number(text.parse().unwrap()))]);
        let (stored, told) = terraform.apply("test_thing", &config, &Stored::nothing()).await;
        assert_eq!(told, ["warning: Created"], "{text}");
        assert_eq!(stored.state.field("share"), &Value::Number(text.parse().unwrap()));
    }
}

#[tokio::test]
async fn item_26_refined_unknown_values_are_accepted_and_plain_ones_answered() {
    let terraform = Terraform::configured().await;
    let plain = msgpack::encode(&terraform.thing([("description", Value::Unknown)]));
    let position = plain.windows(3).position(|window| window == [0xd4, 0, 0]).unwrap();
    let refined = [&plain[..position], &[0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2], &plain[position + 3..]].concat();
    let refined = Some(DynamicValue { msgpack: refined.into(), json: Bytes::new() });
    let request = plan_resource_change::Request {
        type_name: "test_thing".to_owned(),
        proposed_new_state: refined.clone(),
        config: refined,
        ..Default::default()
    };
    let answer = terraform.client.clone().plan_resource_change(request).await.unwrap().into_inner();
    assert_eq!(told(answer.diagnostics), [""; 0]);
    let planned = value(answer.planned_state.as_ref(), terraform.schema("test_thing"));
    assert!(planned.field("description").is_unknown());
}

#[tokio::test]
async fn item_27_every_object_has_exactly_the_schemas_attributes() {
    // The client checks this of every answer; here it sees one with blocks, nested attributes and timeouts.
    let terraform = Terraform::configured().await;
    let config = terraform.thing([
        ("endpoint", Value::object([("host", Value::from("h")), ("port", Value::Null)])),
        ("port", Value::List(vec![Value::object([("number", Value::from(1)), ("port_id", Value::Null)])])),
        ("tls", Value::object([("mode", Value::from("SIMPLE"))])),
        ("timeouts", timeouts([("create", "90s")])),
    ]);
    let stored = terraform.create(&config).await;
    assert_eq!(stored.state.field("endpoint").field("port"), &80.into());
    assert_eq!(stored.state.field("timeouts"), &timeouts([("create", "90s")]));
    assert_eq!(terraform.read("test_thing", &stored).await, (stored, vec![]));
}

#[tokio::test]
async fn item_28_values_of_any_type_come_back_with_their_type() {
    let terraform = Terraform::configured().await;
    let typed = |r#type, value| Value::Typed(Box::new(Typed { r#type, value }));
    let object = Type::Object([("a".to_owned(), Type::Tuple(vec![Type::Bool]))].into());
    let values = [
        Value::Null,
        typed(Type::String, Value::Null),
        typed(Type::Set(Box::new(Type::Number)), Value::set([2.into(), 1.into()])),
        typed(object, Value::object([("a", Value::List(vec![true.into()]))])),
    ];
    for value in values {
        let stored = terraform.create(&terraform.thing([("anything", value.clone())])).await;
        assert_eq!(stored.state.field("anything"), &value);
        assert_eq!(terraform.read("test_thing", &stored).await.0, stored);
    }
    for value in [Value::Unknown, typed(Type::String, Value::Unknown)] {
        let config = terraform.thing([("anything", value.clone())]);
        let planned = terraform.plan("test_thing", &config, &Stored::nothing()).await;
        assert_eq!((planned.state.field("anything"), planned.diagnostics), (&value, vec![]));
    }
}

#[tokio::test]
async fn item_29_absent_blocks_are_empty_lists_and_null_objects() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    for state in [&stored.state, &terraform.read("test_thing", &stored).await.0.state] {
        assert_eq!(state.field("port"), &Value::List(vec![]));
        assert_eq!(state.field("tls"), &Value::Null);
    }
}

#[tokio::test]
async fn item_30_one_text_in_another_normal_form_stays_what_the_provider_was_given() {
    // Terraform compares texts in their composed form; what the provider must do is not to change them.
    let terraform = Terraform::configured().await;
    for text in ["\u{e9}", "e\u{301}"] {
        let stored = terraform.create(&terraform.thing([("description", text.into())])).await;
        assert_eq!(stored.state.field("description"), &text.into());
    }
}

#[tokio::test]
async fn item_31_the_order_of_a_set_and_duplicates_in_it_are_no_change() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([("zones", Value::Set(strings(&["c", "a", "b"])))])).await;
    let id = stored.state.field("id").as_str().unwrap().to_owned();
    terraform.world.change(&id, |record| record.zones = ["b", "c", "a", "a"].map(str::to_owned).into());
    let (read, told) = terraform.read("test_thing", &stored).await;
    assert_eq!((&read, told), (&stored, vec![]));
    let other_order = terraform.thing([("zones", Value::Set(strings(&["b", "a", "c", "c"])))]);
    assert_eq!(terraform.plan("test_thing", &other_order, &read).await.state, stored.state);
}

#[tokio::test]
async fn item_32_nothing_that_is_left_out_of_a_request_is_a_panic() {
    let terraform = Terraform::configured().await;
    let mut client = terraform.client.clone();
    let name = || "test_thing".to_owned();
    let mut answers = Vec::new();
    let request = validate_resource_config::Request { type_name: name(), ..Default::default() };
    answers.extend(client.validate_resource_config(request).await.unwrap().into_inner().diagnostics);
    let request = plan_resource_change::Request { type_name: name(), ..Default::default() };
    answers.extend(client.plan_resource_change(request).await.unwrap().into_inner().diagnostics);
    let request = apply_resource_change::Request { type_name: name(), ..Default::default() };
    answers.extend(client.apply_resource_change(request).await.unwrap().into_inner().diagnostics);
    let request = read_resource::Request { type_name: name(), ..Default::default() };
    answers.extend(client.read_resource(request).await.unwrap().into_inner().diagnostics);
    let request = import_resource_state::Request { type_name: name(), ..Default::default() };
    answers.extend(client.import_resource_state(request).await.unwrap().into_inner().diagnostics);
    let request = upgrade_resource_state::Request { type_name: name(), ..Default::default() };
    answers.extend(client.upgrade_resource_state(request).await.unwrap().into_inner().diagnostics);
    let request = upgrade_resource_identity::Request { type_name: name(), ..Default::default() };
    answers.extend(client.upgrade_resource_identity(request).await.unwrap().into_inner().diagnostics);
    let request = read_data_source::Request { type_name: "test_lookup".to_owned(), ..Default::default() };
    answers.extend(client.read_data_source(request).await.unwrap().into_inner().diagnostics);
    let type_name = || "test_token".to_owned();
    let request = open_ephemeral_resource::Request { type_name: type_name(), ..Default::default() };
    answers.extend(client.open_ephemeral_resource(request).await.unwrap().into_inner().diagnostics);
    let request = renew_ephemeral_resource::Request { type_name: type_name(), ..Default::default() };
    answers.extend(client.renew_ephemeral_resource(request).await.unwrap().into_inner().diagnostics);
    let request = close_ephemeral_resource::Request { type_name: type_name(), ..Default::default() };
    answers.extend(client.close_ephemeral_resource(request).await.unwrap().into_inner().diagnostics);
    let request = configure_provider::Request::default();
    answers.extend(client.configure_provider(request).await.unwrap().into_inner().diagnostics);
    let told = told(answers);
    assert!(told.iter().all(|line| !line.contains("panicked")), "{told:?}");
    assert!(told.contains(&"error: No state to read".to_owned()), "{told:?}");
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_an_error_at_its_path() {
    let terraform = Terraform::configured().await;
    let config = with(with(terraform.thing([]), "size", "many".into()), "tags", Value::Bool(true));
    // The elements of a set have no names: a path to one ends at the set.
    let config = with(config, "zones", Value::set([Value::from("z"), Value::Bool(true)]));
    let request = validate_resource_config::Request {
        type_name: "test_thing".to_owned(),
        config: message(&config),
        client_capabilities: None,
    };
    let answer = terraform.client.clone().validate_resource_config(request).await.unwrap().into_inner();
    let wrong = |name| format!("error: Wrong type of value @{name}");
    assert_eq!(told(answer.diagnostics), [wrong("size"), wrong("tags"), wrong("zones")]);
}
