//! Answers of the parts of the protocol that are not built yet. Nothing is registered for them, so Terraform calls them
//! only where a configuration names something that this provider does not offer.

use tonic::codegen::BoxStream;
use tonic::codegen::tokio_stream::once;

use super::unknown_type;
use super::wire::write_diagnostic;
use crate::framework::diagnostics::Diagnostic;
use crate::proto::tfplugin6::invoke_action::event::{Completed, Type};
use crate::proto::tfplugin6::{
    FunctionError, call_function, generate_resource_config, invoke_action, list_resource, move_resource_state,
    plan_action, validate_action_config, validate_list_resource_config,
};

pub(super) fn call_function(name: &str) -> call_function::Response {
    let error = FunctionError { text: format!("This provider has no function `{name}`."), function_argument: None };
    call_function::Response { result: None, error: Some(error) }
}

pub(super) fn validate_list(type_name: &str) -> validate_list_resource_config::Response {
    validate_list_resource_config::Response {
        diagnostics: vec![write_diagnostic(unknown_type("list resource", type_name))],
    }
}

pub(super) fn list(type_name: &str) -> BoxStream<list_resource::Event> {
    let diagnostic = vec![write_diagnostic(unknown_type("list resource", type_name))];
    Box::pin(once(Ok(list_resource::Event { diagnostic, ..list_resource::Event::default() })))
}

pub(super) fn validate_action(type_name: &str) -> validate_action_config::Response {
    validate_action_config::Response { diagnostics: vec![write_diagnostic(unknown_type("action", type_name))] }
}

pub(super) fn plan_action(type_name: &str) -> plan_action::Response {
    plan_action::Response { diagnostics: vec![write_diagnostic(unknown_type("action", type_name))], deferred: None }
}

/// One event that ends the action: an event without content would crash Terraform.
pub(super) fn invoke_action(type_name: &str) -> BoxStream<invoke_action::Event> {
    let diagnostics = vec![write_diagnostic(unknown_type("action", type_name))];
    Box::pin(once(Ok(invoke_action::Event { r#type: Some(Type::Completed(Completed { diagnostics })) })))
}

pub(super) fn move_resource(request: &move_resource_state::Request) -> move_resource_state::Response {
    let detail = format!(
        "This provider cannot take over `{}` of {} as `{}`. Remove the object from the state and import it instead.",
        request.source_type_name, request.source_provider_address, request.target_type_name
    );
    let diagnostic = Diagnostic::error("Move is not possible", detail);
    move_resource_state::Response { diagnostics: vec![write_diagnostic(diagnostic)], ..Default::default() }
}

pub(super) fn generate_config(type_name: &str) -> generate_resource_config::Response {
    let detail = format!("This provider does not write configuration for `{type_name}`.");
    let diagnostic = Diagnostic::error("Configuration is not generated", detail);
    generate_resource_config::Response { config: None, diagnostics: vec![write_diagnostic(diagnostic)] }
}
