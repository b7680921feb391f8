use tcmesh::framework::value::Value;
use tcmesh::proto::tfplugin6::read_data_source;

use super::client::{Stored, Terraform, message, told, value, with};
use super::provider::Fault;

#[tokio::test]
async fn item_54_an_object_that_is_gone_is_null_without_a_word() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.world.set_fault(Fault::Vanishes);
    assert_eq!(terraform.read("test_thing", &stored).await, (Stored::nothing(), vec![]));
    terraform.world.set_fault(Fault::None);
    terraform.world.remove("t-1");
    assert_eq!(terraform.read("test_thing", &stored).await, (Stored::nothing(), vec![]));
}

#[tokio::test]
async fn item_54_a_read_that_fails_is_an_error_and_the_object_stays() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.world.set_fault(Fault::Unreadable);
    let failed = vec!["error: The API failed".to_owned()];
    assert_eq!(terraform.read("test_thing", &stored).await, (stored, failed));
}

#[tokio::test]
async fn item_55_a_read_without_change_answers_everything_as_it_was() {
    let terraform = Terraform::configured().await;
    let config = terraform.thing([
        ("key", "k".into()),
        ("secret", "s".into()),
        ("secret_version", 3.into()),
        ("hosts", Value::List(vec![])),
        ("share", Value::Number("0.1".parse().unwrap())),
    ]);
    let stored = terraform.create(&config).await;
    assert_eq!(terraform.read("test_thing", &stored).await, (stored, vec![]));
}

#[tokio::test]
async fn item_55_another_spelling_keeps_the_prior_text_and_a_real_change_shows() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.world.change("t-1", |record| record.name = "N".to_owned());
    assert_eq!(terraform.read("test_thing", &stored).await.0.state.field("name"), &"n".into());
    terraform.world.change("t-1", |record| record.name = "other".to_owned());
    assert_eq!(terraform.read("test_thing", &stored).await.0.state.field("name"), &"other".into());
}

#[tokio::test]
async fn a_read_that_lacks_values_is_refused_and_the_object_stays() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.world.set_fault(Fault::Incomplete);
    let (read, told) = terraform.read("test_thing", &stored).await;
    let missing = |name| format!("error: No value after the operation @{name}");
    assert_eq!((read, told), (stored, vec![missing("share"), missing("address")]));
}

#[tokio::test]
async fn item_59_an_identity_that_changes_is_an_error() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.world.set_fault(Fault::OtherIdentity);
    let changed = "error: Unexpected change of identity @account".to_owned();
    assert_eq!(terraform.read("test_thing", &stored).await, (stored.clone(), vec![changed.clone()]));
    let (updated, told) = terraform.apply("test_thing", &terraform.thing([("size", 2.into())]), &stored).await;
    assert!(told.contains(&changed), "{told:?}");
    assert_eq!(updated.identity, stored.identity);
}

#[tokio::test]
async fn item_59_an_identity_that_was_not_known_is_filled_in() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    let older = Stored { state: with(stored.state.clone(), "account", Value::Null), identity: None, ..stored.clone() };
    assert_eq!(terraform.read("test_thing", &older).await, (stored, vec![]));
}

async fn look_up(terraform: &Terraform, config: &Value) -> (Option<Value>, Vec<String>) {
    let config = message(config);
    let request = read_data_source::Request { type_name: "test_lookup".to_owned(), config, ..Default::default() };
    let answer = terraform.client.clone().read_data_source(request).await.unwrap().into_inner();
    let schema = terraform.schema("test_lookup");
    (answer.state.map(|state| value(Some(&state), schema)), told(answer.diagnostics))
}

#[tokio::test]
async fn a_data_source_answers_what_was_found_and_what_was_configured() {
    let terraform = Terraform::configured().await;
    terraform.create(&terraform.thing([])).await;
    let config = terraform.object("test_lookup", [("id", "t-1".into())]);
    let (state, told) = look_up(&terraform, &config).await;
    let found = Value::List(vec![Value::object([("name", Value::from("n"))])]);
    let expected = with(with(config, "found", found), "most", 10.into());
    assert_eq!((state, told), (Some(expected), vec!["warning: Slow @id".to_owned()]));
    assert_eq!(terraform.world.take_calls(), ["look up at most 10"]);
}

#[tokio::test]
async fn a_data_source_that_fails_answers_an_error_and_no_state() {
    let terraform = Terraform::configured().await;
    let config = terraform.object("test_lookup", [("id", "t-1".into())]);
    for (fault, problem) in [
        (Fault::Unreadable, "error: The API failed"),
        (Fault::PanicsInRead, "error: The provider panicked"),
        (Fault::Incomplete, "error: No value after the operation @found"),
    ] {
        terraform.world.set_fault(fault);
        let (state, told) = look_up(&terraform, &config).await;
        assert_eq!((state, told.last().map(String::as_str)), (None, Some(problem)));
    }
    let unknown = terraform.object("test_lookup", [("id", Value::Unknown)]);
    assert_eq!(look_up(&terraform, &unknown).await.1, ["error: Configuration is not known"]);
}
