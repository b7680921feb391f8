use tcmesh::framework::value::Value;
use tcmesh::proto::tfplugin6::{close_ephemeral_resource, open_ephemeral_resource, renew_ephemeral_resource};

use super::client::{Terraform, message, told, value, with};
use super::provider::Fault;

fn type_name() -> String {
    "test_token".to_owned()
}

async fn open(terraform: &Terraform) -> open_ephemeral_resource::Response {
    open_for(terraform, "s").await
}

async fn open_for(terraform: &Terraform, subject: &str) -> open_ephemeral_resource::Response {
    let config = message(&terraform.object("test_token", [("subject", subject.into())]));
    let request = open_ephemeral_resource::Request { type_name: type_name(), config, client_capabilities: None };
    terraform.client.clone().open_ephemeral_resource(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn item_61_a_value_is_opened_renewed_and_closed_with_its_notes() {
    let terraform = Terraform::configured().await;
    let opened = open(&terraform).await;
    assert_eq!(told(opened.diagnostics), [""; 0]);
    let config = terraform.object("test_token", [("subject", "s".into())]);
    let result = value(opened.result.as_ref(), terraform.schema("test_token"));
    assert_eq!(result, with(config, "value", "t0ken".into()));
    assert_eq!(opened.renew_at.unwrap().seconds, 60);
    let request = renew_ephemeral_resource::Request { type_name: type_name(), private: opened.private.clone() };
    let renewed = terraform.client.clone().renew_ephemeral_resource(request).await.unwrap().into_inner();
    assert_eq!((renewed.renew_at.unwrap().seconds, &renewed.private), (120, &opened.private));
    for _ in 0..2 {
        let request = close_ephemeral_resource::Request { type_name: type_name(), private: opened.private.clone() };
        let closed = terraform.client.clone().close_ephemeral_resource(request).await.unwrap().into_inner();
        assert_eq!(told(closed.diagnostics), [""; 0]);
    }
    assert_eq!(terraform.world.take_calls(), ["open", "renew Some(7)", "close Some(7)", "close Some(7)"]);
}

#[tokio::test]
async fn a_warning_comes_with_the_value() {
    let terraform = Terraform::configured().await;
    let opened = open_for(&terraform, "anybody").await;
    assert_eq!(told(opened.diagnostics), ["warning: Token for anybody @subject"]);
    let result = value(opened.result.as_ref(), terraform.schema("test_token"));
    assert_eq!(result.field("value"), &"t0ken".into());
    assert!(opened.renew_at.is_some() && opened.private.is_some());
}

#[tokio::test]
async fn a_value_that_cannot_be_opened_is_an_error() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::Refused);
    let opened = open(&terraform).await;
    assert_eq!((opened.result, told(opened.diagnostics)), (None, vec!["error: The API refused".to_owned()]));
    let unconfigured = open(&Terraform::new()).await;
    assert_eq!(told(unconfigured.diagnostics), ["error: Provider is not configured"]);
}

#[tokio::test]
async fn item_34_a_value_is_unknown_where_the_provider_configuration_is() {
    let terraform = Terraform::new();
    terraform.configure(&terraform.settings(Value::Unknown)).await;
    let opened = open(&terraform).await;
    assert_eq!(told(opened.diagnostics), [""; 0]);
    let result = value(opened.result.as_ref(), terraform.schema("test_token"));
    assert_eq!((result.field("subject"), result.field("value")), (&"s".into(), &Value::Unknown));
    let request = close_ephemeral_resource::Request { type_name: type_name(), private: opened.private };
    let closed = terraform.client.clone().close_ephemeral_resource(request).await.unwrap().into_inner();
    assert_eq!((told(closed.diagnostics), terraform.world.take_calls()), (vec![], vec![]));
}

#[tokio::test]
async fn item_51_a_panic_while_closing_is_an_error() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::PanicsAfter);
    let request = close_ephemeral_resource::Request { type_name: type_name(), private: None };
    let closed = terraform.client.clone().close_ephemeral_resource(request).await.unwrap().into_inner();
    assert_eq!(told(closed.diagnostics), ["error: The provider panicked"]);
}
