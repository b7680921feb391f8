use std::collections::BTreeMap;

use tcmesh::framework::value::Value;
use tcmesh::framework::{Type, msgpack};
use tcmesh::proto::tfplugin6::{RawState, move_resource_state, upgrade_resource_identity, upgrade_resource_state};

use super::client::{Terraform, told, value};

async fn upgrade(terraform: &Terraform, version: i64, raw_state: Option<RawState>) -> Result<Value, Vec<String>> {
    let request = upgrade_resource_state::Request { type_name: "test_thing".to_owned(), version, raw_state };
    let answer = terraform.client.clone().upgrade_resource_state(request).await.unwrap().into_inner();
    match answer.upgraded_state {
        Some(state) => Ok(value(Some(&state), terraform.schema("test_thing"))),
        None => Err(told(answer.diagnostics)),
    }
}

fn json(text: &str) -> Option<RawState> {
    Some(RawState { json: text.to_owned().into(), flatmap: BTreeMap::new() })
}

#[tokio::test]
async fn item_56_a_state_of_this_version_is_read_leniently() {
    let terraform = Terraform::new();
    let stored = r#"
        { "id": "t-1", "name": "n", "size": 9007199254740993, "removed_attribute": {"a": [1]},
          "secret": "canary", "port": [ {"number": 80} ], "share": 0.1 }"#;
    let state = upgrade(&terraform, 1, json(stored)).await.unwrap();
    assert_eq!(state.field("size"), &Value::Number("9007199254740993".parse().unwrap()));
    assert_eq!(state.field("description"), &Value::Null);
    assert!(state.field("secret").is_null());
    let port = Value::object([("number", Value::from(80)), ("port_id", Value::Null)]);
    assert_eq!(state.field("port"), &Value::List(vec![port]));
    let empty = upgrade(&terraform, 1, json("{}")).await.unwrap();
    assert_eq!(empty.field("port"), &Value::List(vec![]));
}

#[tokio::test]
async fn item_56_a_state_of_an_older_version_is_brought_up_to_date() {
    let terraform = Terraform::new();
    let state = upgrade(&terraform, 0, json(r#"{"id":"t-1","title":"n"}"#)).await.unwrap();
    assert_eq!(state.field("name"), &"n".into());
}

#[tokio::test]
async fn item_56_a_state_that_cannot_be_read_is_an_error_and_never_nothing() {
    let terraform = Terraform::new();
    let flatmap = RawState { json: Vec::new().into(), flatmap: [("id".to_owned(), "t-1".to_owned())].into() };
    let cases = [
        (1, None, "error: The stored state cannot be read"),
        (1, json("null"), "error: The stored state cannot be read"),
        (1, json("{"), "error: Malformed value"),
        (1, json(r#"{"size":"many"}"#), "error: Wrong type of value @size"),
        (1, Some(flatmap), "error: The stored state cannot be read"),
        (0, json("[]"), "error: The stored state cannot be read"),
        (7, json("{}"), "error: Unknown version of the state"),
    ];
    for (version, raw, problem) in cases {
        assert_eq!(upgrade(&terraform, version, raw).await, Err(vec![problem.to_owned()]));
    }
}

#[tokio::test]
async fn item_59_a_stored_identity_is_read_leniently() {
    let terraform = Terraform::new();
    let upgraded = async |type_name: &str, text| {
        let raw_identity = json(text);
        let request = upgrade_resource_identity::Request { type_name: type_name.to_owned(), version: 0, raw_identity };
        terraform.client.clone().upgrade_resource_identity(request).await.unwrap().into_inner()
    };
    let identity = upgraded("test_thing", r#"{"id":"t-1","old":1}"#).await.upgraded_identity.unwrap();
    let of = Type::Object([("id".to_owned(), Type::String), ("account".to_owned(), Type::String)].into());
    let expected = Value::object([("id", "t-1".into()), ("account", Value::Null)]);
    assert_eq!(msgpack::decode(&identity.identity_data.unwrap().msgpack, &of), Ok(expected));
    assert_eq!(told(upgraded("test_thing", "[]").await.diagnostics), ["error: Wrong type of value"]);
}

#[tokio::test]
async fn item_60_no_move_between_types_is_possible_and_the_error_says_what_to_do() {
    let request = move_resource_state::Request {
        source_provider_address: "registry.terraform.io/hashicorp/null".to_owned(),
        source_type_name: "null_resource".to_owned(),
        target_type_name: "test_thing".to_owned(),
        ..Default::default()
    };
    let answer = Terraform::new().client.clone().move_resource_state(request).await.unwrap().into_inner();
    assert!(answer.diagnostics[0].detail.contains("import"));
    assert_eq!((answer.target_state, told(answer.diagnostics)), (None, vec!["error: Move is not possible".to_owned()]));
}
