use tcmesh::framework::value::Value;

use super::client::{Stored, Terraform, timeouts, with};
use crate::harness::client::{by_id, by_identity};

/// A thing that exists and that Terraform does not know.
async fn unmanaged(terraform: &Terraform) -> Stored {
    terraform.create(&terraform.thing([("key", "k".into()), ("secret_version", 1.into())])).await
}

#[tokio::test]
async fn item_58_an_import_by_id_knows_the_id_and_a_read_the_rest() {
    let terraform = Terraform::configured().await;
    let created = unmanaged(&terraform).await;
    let stub = terraform.import(by_id("test_thing", "t-1")).await.unwrap();
    assert_eq!((stub.state.field("id"), stub.state.field("name")), (&"t-1".into(), &Value::Null));
    assert_eq!(stub.state.field("port"), &Value::List(vec![]));
    let (read, told) = terraform.read("test_thing", &stub).await;
    assert_eq!(told, [""; 0]);
    for name in ["id", "account", "name", "size", "address", "revision"] {
        assert_eq!(read.state.field(name), created.state.field(name), "{name}");
    }
    assert_eq!(read.state.field("tags"), &Value::Null, "an optional collection without content is not set");
    assert_eq!(read.identity, created.identity);
}

#[tokio::test]
async fn a_block_that_the_configuration_may_leave_out_is_shown_where_the_state_has_it_and_in_an_import() {
    let terraform = Terraform::configured().await;
    let tls = |mode: &str| Value::object([("mode", Value::from(mode))]);
    let without = unmanaged(&terraform).await;
    terraform.world.change("t-1", |record| record.tls = Some("SIMPLE".into()));
    assert_eq!(terraform.read("test_thing", &without).await.0.state.field("tls"), &Value::Null);
    let (_, told) = terraform.apply("test_thing", &terraform.thing([("size", 2.into())]), &without).await;
    assert_eq!(told, [""; 0], "what the API has beside the plan is no difference from it");
    terraform.world.change("t-1", |record| record.tls = Some("SIMPLE".into()));
    let stub = terraform.import(by_id("test_thing", "t-1")).await.unwrap();
    let (imported, _) = terraform.read("test_thing", &stub).await;
    assert_eq!(imported.state.field("tls"), &tls("SIMPLE"));
    terraform.world.change("t-1", |record| record.tls = Some("MUTUAL".into()));
    assert_eq!(terraform.read("test_thing", &imported).await.0.state.field("tls"), &tls("MUTUAL"));
}

#[tokio::test]
async fn item_59_an_import_by_identity_answers_the_identity() {
    let terraform = Terraform::configured().await;
    unmanaged(&terraform).await;
    let request = by_identity("test_thing", [("account", Value::Null), ("id", "t-1".into())]);
    let stub = terraform.import(request.clone()).await.unwrap();
    assert_eq!(stub.identity, request.identity);
    assert_eq!(terraform.read("test_thing", &stub).await.0.state.field("account"), &"a".into());
    let request = by_identity("test_pair", [("left", "l".into()), ("right", "r".into())]);
    let stub = terraform.import(request).await.unwrap();
    assert_eq!(terraform.read("test_pair", &stub).await.0.state.field("right"), &"r".into());
}

#[tokio::test]
async fn item_58_importing_what_does_not_exist_is_an_error() {
    let terraform = Terraform::configured().await;
    let stub = terraform.import(by_id("test_thing", "t-9")).await.unwrap();
    let (after, told) = terraform.read("test_thing", &stub).await;
    assert_eq!((after.state, told), (stub.state, vec!["error: Nothing to import".to_owned()]));
}

#[tokio::test]
async fn an_import_that_cannot_be_is_an_error() {
    let terraform = Terraform::configured().await;
    let refused = async |request| terraform.import(request).await.unwrap_err();
    assert_eq!(refused(by_id("test_thing", "x")).await, ["error: Invalid ID"]);
    assert_eq!(refused(by_id("test_pair", "l/r")).await, ["error: Import by ID is not possible"]);
    let nothing = [("account", Value::Null), ("id", Value::Null)];
    assert_eq!(refused(by_identity("test_thing", nothing)).await, ["error: Incomplete identity @id"]);
    let malformed = [("account", Value::Null), ("id", "x".into())];
    assert_eq!(refused(by_identity("test_thing", malformed)).await, ["error: Invalid ID"]);
    let unconfigured = Terraform::new().import(by_id("test_thing", "t-1")).await;
    assert_eq!(unconfigured, Err(vec!["error: Provider is not configured".to_owned()]));
}

#[tokio::test]
async fn after_an_import_only_what_the_api_cannot_tell_changes_and_that_without_a_call() {
    let terraform = Terraform::configured().await;
    unmanaged(&terraform).await;
    let stub = terraform.import(by_id("test_thing", "t-1")).await.unwrap();
    let (imported, _) = terraform.read("test_thing", &stub).await;
    terraform.world.take_calls();
    let timeouts = timeouts([("create", "1h")]);
    let config = terraform.thing([
        ("secret", "s".into()),
        ("secret_version", 1.into()),
        ("on_destroy", "keep".into()),
        ("key", "k".into()),
        ("timeouts", timeouts),
    ]);
    let planned = terraform.plan("test_thing", &config, &imported).await;
    assert_eq!(planned.requires_replace, [""; 0]);
    assert_eq!(planned.state.field("revision"), imported.state.field("revision"));
    let (adopted, told) = terraform.apply_planned("test_thing", &config, &imported, &planned).await;
    assert_eq!((&adopted.state, told), (&planned.state, vec![]));
    assert_eq!(terraform.world.take_calls(), [""; 0]);
    assert_eq!(terraform.plan("test_thing", &config, &adopted).await.state, adopted.state);
    // From now on it is an object like any other.
    let rotated = with(config, "secret_version", 2.into());
    let (_, told) = terraform.apply("test_thing", &rotated, &adopted).await;
    assert_eq!(told, [""; 0]);
    assert_eq!(terraform.world.take_calls()[1], "update with secret Some(\"s\")");
}
