//! Validation of configurations, before anything is planned.

use super::Core;
use super::wire::{read_object, write_diagnostics};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::plan::view_of_new;
use crate::framework::provider::Provider;
use crate::framework::registry::Check;
use crate::framework::schema::Schema;
use crate::framework::validate::validate;
use crate::framework::value::Value;
use crate::proto::tfplugin6::{
    Diagnostic as DiagnosticMessage, DynamicValue, validate_data_resource_config, validate_ephemeral_resource_config,
    validate_resource_config,
};

impl<P: Provider> Core<P> {
    pub(super) fn validate_resource(
        &self,
        request: &validate_resource_config::Request,
    ) -> validate_resource_config::Response {
        let allowed = request.client_capabilities.unwrap_or_default().write_only_attributes_allowed;
        let entry = self.resource(&request.type_name).map(|entry| (entry.schema.clone(), entry.check));
        validate_resource_config::Response { diagnostics: answer(entry, request.config.as_ref(), allowed) }
    }

    pub(super) fn validate_data_source(
        &self,
        request: &validate_data_resource_config::Request,
    ) -> validate_data_resource_config::Response {
        let entry = self.data_source(&request.type_name).map(|entry| (entry.schema.clone(), entry.check));
        validate_data_resource_config::Response { diagnostics: answer(entry, request.config.as_ref(), true) }
    }

    pub(super) fn validate_ephemeral(
        &self,
        request: &validate_ephemeral_resource_config::Request,
    ) -> validate_ephemeral_resource_config::Response {
        let entry = self.ephemeral(&request.type_name).map(|entry| (entry.schema.clone(), entry.check));
        validate_ephemeral_resource_config::Response { diagnostics: answer(entry, request.config.as_ref(), true) }
    }
}

fn answer(
    entry: Result<(std::sync::Arc<Schema>, Check), Diagnostic>,
    config: Option<&DynamicValue>,
    write_only_allowed: bool,
) -> Vec<DiagnosticMessage> {
    let found = entry.map_err(Diagnostics::from).and_then(|(schema, check)| {
        let config = read_object(config, &schema)?;
        let mut found = validate(&schema.body, &config, write_only_allowed);
        // Warnings come with the plan, which knows more.
        let mut broken = Diagnostics::default();
        check(&view_of_new(&schema.body, &config), &Value::Null, &config, &mut broken);
        broken.keep_errors();
        found.extend(broken);
        Ok(found)
    });
    write_diagnostics(found.unwrap_or_else(|problems| problems))
}
