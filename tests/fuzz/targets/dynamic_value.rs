//! Values that Terraform hands to the provider's calls, as msgpack or JSON.
//!
//! An input is one byte that chooses the call (a small letter for JSON, a capital for msgpack), one that chooses the type,
//! and the value.

use bytes::Bytes;
use tcmesh::framework::schema::Kind;
use tcmesh::proto::tfplugin6::{
    DynamicValue, RawState, ResourceIdentityData, import_resource_state, plan_resource_change,
    upgrade_resource_identity, validate_data_resource_config, validate_ephemeral_resource_config,
    validate_provider_config, validate_resource_config,
};

use super::provider::{Provider, check_answer, has_errors, told};
use crate::engine::{Taker, Target, run};

const TARGET: Target = Target {
    name: "dynamic_value",
    test: concat!(module_path!(), "::survives"),
    tokens: &[
        "null",
        "true",
        "\"id\":",
        "\"timeouts\":{\"create\":\"1h\"}",
        "\"1h30m\"",
        "\"-1s\"",
        "\"99999999999h\"",
        "\"ap-guangzhou\"",
        "\"100000000001\"",
        "\"ccn-gree226l/vpc-hub00001\"",
        "\"mesh-abcdefgh/cls-abcdefgh\"",
        "[]",
        "{}",
        "\"apiVersion: v1\\nkind: Secret\"",
        "\"10.0.0.0/8\"",
        "\"::/0\"",
        "\"*.example.com\"",
        "a",
        "A",
        "e",
        "f",
        "g",
        "i",
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
        let [call, chosen, value @ ..] = input else { return String::new() };
        let message = if call.is_ascii_uppercase() {
            DynamicValue { msgpack: Bytes::copy_from_slice(value), json: Bytes::new() }
        } else {
            DynamicValue { msgpack: Bytes::new(), json: Bytes::copy_from_slice(value) }
        };
        let call = call.to_ascii_lowercase();
        let outcome = match call.wrapping_sub(b'a') % 9 {
            0 => validate_provider(&mut provider, message),
            1 => validate_resource(&mut provider, *chosen, message),
            2 => validate_data_source(&mut provider, *chosen, message),
            3 => validate_ephemeral(&mut provider, *chosen, message),
            4 => plan(&mut provider, *chosen, None, message),
            5 => plan(&mut provider, *chosen, Some(message.clone()), message),
            6 => import(&mut provider, *chosen, String::from_utf8_lossy(value).into_owned(), None),
            7 => {
                let identity = ResourceIdentityData { identity_data: Some(message) };
                import(&mut provider, *chosen, String::new(), Some(identity))
            }
            _ => upgrade_identity(&mut provider, *chosen, value),
        };
        format!("{}{} {outcome}", char::from(call), char::from(b'a' + chosen % 26))
    })
}

fn validate_provider(provider: &mut Provider, config: DynamicValue) -> String {
    let request = validate_provider_config::Request { config: Some(config) };
    let answer = provider.runtime.block_on(provider.client.validate_provider_config(request)).unwrap();
    told(&answer.into_inner().diagnostics)
}

fn validate_resource(provider: &mut Provider, chosen: u8, config: DynamicValue) -> String {
    let (type_name, _) = provider.chosen(Kind::Resource, chosen);
    let request = validate_resource_config::Request { type_name, config: Some(config), client_capabilities: None };
    let answer = provider.runtime.block_on(provider.client.validate_resource_config(request)).unwrap();
    told(&answer.into_inner().diagnostics)
}

fn validate_data_source(provider: &mut Provider, chosen: u8, config: DynamicValue) -> String {
    let (type_name, _) = provider.chosen(Kind::DataSource, chosen);
    let request = validate_data_resource_config::Request { type_name, config: Some(config) };
    let answer = provider.runtime.block_on(provider.client.validate_data_resource_config(request)).unwrap();
    told(&answer.into_inner().diagnostics)
}

fn validate_ephemeral(provider: &mut Provider, chosen: u8, config: DynamicValue) -> String {
    let (type_name, _) = provider.chosen(Kind::Ephemeral, chosen);
    let request = validate_ephemeral_resource_config::Request { type_name, config: Some(config) };
    let answer = provider.runtime.block_on(provider.client.validate_ephemeral_resource_config(request)).unwrap();
    told(&answer.into_inner().diagnostics)
}

fn plan(provider: &mut Provider, chosen: u8, prior_state: Option<DynamicValue>, config: DynamicValue) -> String {
    let (type_name, schema) = provider.chosen(Kind::Resource, chosen);
    let schema = schema.clone();
    let prior_private = config.json.slice(..config.json.len().min(64));
    let proposed_new_state = Some(config.clone());
    let config = Some(config);
    let request = plan_resource_change::Request {
        type_name,
        prior_state,
        proposed_new_state,
        config,
        prior_private,
        ..Default::default()
    };
    let answer = provider.runtime.block_on(provider.client.plan_resource_change(request)).unwrap().into_inner();
    check_answer(answer.planned_state.as_ref(), &answer.diagnostics, &schema);
    told(&answer.diagnostics)
}

fn import(provider: &mut Provider, chosen: u8, id: String, identity: Option<ResourceIdentityData>) -> String {
    let (type_name, schema) = provider.chosen(Kind::Resource, chosen);
    let schema = schema.clone();
    let request = import_resource_state::Request { type_name, id, identity, client_capabilities: None };
    let answer = provider.runtime.block_on(provider.client.import_resource_state(request)).unwrap().into_inner();
    let state = answer.imported_resources.first().and_then(|imported| imported.state.as_ref());
    check_answer(state, &answer.diagnostics, &schema);
    told(&answer.diagnostics)
}

fn upgrade_identity(provider: &mut Provider, chosen: u8, json: &[u8]) -> String {
    let (type_name, _) = provider.chosen(Kind::Resource, chosen);
    let raw_identity = Some(RawState { json: Bytes::copy_from_slice(json), ..Default::default() });
    let request = upgrade_resource_identity::Request { type_name, version: 0, raw_identity };
    let answer = provider.runtime.block_on(provider.client.upgrade_resource_identity(request)).unwrap().into_inner();
    assert!(answer.upgraded_identity.is_some() != has_errors(&answer.diagnostics), "an identity or an error");
    told(&answer.diagnostics)
}
