//! States as they were stored, by whatever wrote them.
//!
//! An input is one byte that chooses the resource, one that is the version of the schema as a digit, and the state.

use bytes::Bytes;
use tcmesh::framework::msgpack;
use tcmesh::framework::schema::Kind;
use tcmesh::proto::tfplugin6::{RawState, upgrade_resource_state};

use super::CANARY;
use super::provider::{Provider, check_answer, told};
use crate::engine::{Taker, Target, run};

const TARGET: Target = Target {
    name: "state_upgrade",
    test: concat!(module_path!(), "::survives"),
    tokens: &[
        CANARY,
        "null",
        "true",
        "\"id\":",
        "\"timeouts\":{\"create\":null}",
        "{\"type\":\"string\",\"value\":\"canary-7c1f\"}",
        "[[",
        "{}",
        "\"canary-7c1f\"",
        "\"token\":",
        "\"private\":",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
    ],
    start,
};

#[test]
fn survives() {
    run(&TARGET);
}

fn start() -> Taker {
    let mut provider = Provider::new();
    Box::new(move |input| {
        let [chosen, version, json @ ..] = input else { return String::new() };
        let (type_name, schema) = provider.chosen(Kind::Resource, *chosen);
        let schema = schema.clone();
        let raw_state = Some(RawState { json: Bytes::copy_from_slice(json), ..Default::default() });
        let version = i64::from(*version) - i64::from(b'0');
        let request = upgrade_resource_state::Request { type_name, version, raw_state };
        let answer = provider.runtime.block_on(provider.client.upgrade_resource_state(request)).unwrap().into_inner();
        check_answer(answer.upgraded_state.as_ref(), &answer.diagnostics, &schema);
        if let Some(state) = &answer.upgraded_state {
            let state = msgpack::decode(&state.msgpack, &schema.r#type).unwrap();
            assert!(!state.is_null(), "null would say that the object is gone");
            assert!(state.is_wholly_known(), "a state holds nothing unknown");
        }
        for diagnostic in &answer.diagnostics {
            assert!(!format!("{} {}", diagnostic.summary, diagnostic.detail).contains(CANARY), "a value is told");
        }
        format!("{} {}", char::from(b'a' + chosen % 26), told(&answer.diagnostics))
    })
}
