//! Types and parts of the protocol that this provider does not offer.

use tcmesh::framework::value::Value;
use tcmesh::proto::tfplugin6::invoke_action::event::Type;
use tcmesh::proto::tfplugin6::{self as message, Diagnostic};
use tonic::Code;
use tonic::codegen::tokio_stream::StreamExt;

use super::client::{Terraform, told};

/// Calls an RPC with a type that does not exist and answers its diagnostics.
macro_rules! ask {
    ($client:expr, $rpc:ident, $request:ident, $field:ident) => {{
        let request = message::$request::Request { $field: "test_nothing".to_owned(), ..Default::default() };
        let answer = $client.$rpc(request).await.unwrap().into_inner();
        (stringify!($rpc), answer.diagnostics)
    }};
}

#[tokio::test]
async fn item_37_a_type_that_does_not_exist_is_an_error_in_every_call() {
    let mut client = Terraform::configured().await.client.clone();
    let answers: [(&str, Vec<Diagnostic>); 15] = [
        ask!(client, validate_resource_config, validate_resource_config, type_name),
        ask!(client, upgrade_resource_state, upgrade_resource_state, type_name),
        ask!(client, upgrade_resource_identity, upgrade_resource_identity, type_name),
        ask!(client, read_resource, read_resource, type_name),
        ask!(client, plan_resource_change, plan_resource_change, type_name),
        ask!(client, apply_resource_change, apply_resource_change, type_name),
        ask!(client, import_resource_state, import_resource_state, type_name),
        ask!(client, validate_data_resource_config, validate_data_resource_config, type_name),
        ask!(client, read_data_source, read_data_source, type_name),
        ask!(client, validate_ephemeral_resource_config, validate_ephemeral_resource_config, type_name),
        ask!(client, open_ephemeral_resource, open_ephemeral_resource, type_name),
        ask!(client, renew_ephemeral_resource, renew_ephemeral_resource, type_name),
        ask!(client, close_ephemeral_resource, close_ephemeral_resource, type_name),
        ask!(client, validate_list_resource_config, validate_list_resource_config, type_name),
        ask!(client, validate_action_config, validate_action_config, type_name),
    ];
    for (rpc, diagnostics) in answers {
        assert_eq!(told(diagnostics), ["error: Unknown type"], "{rpc}");
    }
    let (_, diagnostics) = ask!(client, plan_action, plan_action, action_type);
    assert_eq!(told(diagnostics), ["error: Unknown type"]);
    let (_, diagnostics) = ask!(client, generate_resource_config, generate_resource_config, type_name);
    assert_eq!(told(diagnostics), ["error: Configuration is not generated"]);
}

#[tokio::test]
async fn item_37_a_name_without_the_providers_prefix_does_not_exist() {
    let terraform = Terraform::new();
    let request = message::validate_resource_config::Request { type_name: "thing".to_owned(), ..Default::default() };
    let answer = terraform.client.clone().validate_resource_config(request).await.unwrap().into_inner();
    assert_eq!(told(answer.diagnostics), ["error: Unknown type"]);
    let other = message::validate_resource_config::Request { type_name: "testthing".to_owned(), ..Default::default() };
    let answer = terraform.client.clone().validate_resource_config(other).await.unwrap().into_inner();
    assert_eq!(told(answer.diagnostics), ["error: Unknown type"]);
}

#[tokio::test]
async fn item_64_a_function_that_does_not_exist_is_a_function_error() {
    let request = message::call_function::Request { name: "nothing".to_owned(), arguments: vec![] };
    let answer = Terraform::new().client.clone().call_function(request).await.unwrap().into_inner();
    assert!(answer.error.unwrap().text.contains("`nothing`"));
}

#[tokio::test]
async fn item_62_a_list_resource_that_does_not_exist_is_one_event_with_an_error() {
    let request = message::list_resource::Request { type_name: "test_nothing".to_owned(), ..Default::default() };
    let events = Terraform::new().client.clone().list_resource(request).await.unwrap().into_inner();
    let events: Vec<_> = events.collect().await;
    assert_eq!(events.len(), 1);
    assert_eq!(told(events[0].clone().unwrap().diagnostic), ["error: Unknown type"]);
}

#[tokio::test]
async fn item_63_an_action_that_does_not_exist_ends_with_an_error() {
    let request = message::invoke_action::Request { action_type: "test_nothing".to_owned(), ..Default::default() };
    let events = Terraform::new().client.clone().invoke_action(request).await.unwrap().into_inner();
    let mut events: Vec<_> = events.collect().await;
    let Some(Type::Completed(completed)) = events.remove(0).unwrap().r#type else { panic!("not completed") };
    assert_eq!((told(completed.diagnostics), events.len()), (vec!["error: Unknown type".to_owned()], 0));
}

#[tokio::test]
async fn item_65_a_configuration_that_cannot_be_generated_is_an_error() {
    let request =
        message::generate_resource_config::Request { type_name: "test_thing".to_owned(), ..Default::default() };
    let answer = Terraform::new().client.clone().generate_resource_config(request).await.unwrap().into_inner();
    assert_eq!((answer.config, told(answer.diagnostics).len()), (None, 1));
}

#[tokio::test]
async fn state_stores_are_not_implemented() {
    let request = message::get_states::Request { type_name: "test_nothing".to_owned() };
    let status = Terraform::new().client.clone().get_states(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
}

#[tokio::test]
async fn item_66_nothing_is_ever_deferred() {
    let terraform = Terraform::new();
    terraform.configure(&terraform.settings(Value::Unknown)).await;
    let allowed = Some(message::ClientCapabilities { deferral_allowed: true, ..Default::default() });
    let request = message::plan_resource_change::Request {
        type_name: "test_thing".to_owned(),
        client_capabilities: allowed,
        ..Default::default()
    };
    let answer = terraform.client.clone().plan_resource_change(request).await.unwrap().into_inner();
    assert_eq!(answer.deferred, None);
}
