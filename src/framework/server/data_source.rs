//! Reading data sources.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Core;
use super::wire::{read_object, write_diagnostics, write_state};
use crate::framework::answer::{Answer, after_write};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::error::Error;
use crate::framework::plan::{view_of_new, with_defaults};
use crate::framework::provider::Provider;
use crate::framework::refresh::left_unknown;
use crate::framework::schema::Schema;
use crate::framework::task::contained;
use crate::framework::timeouts::Operation;
use crate::framework::value::Value;
use crate::proto::tfplugin6::{DynamicValue, read_data_source};
use crate::scope::Scope;

impl<P: Provider> Core<P> {
    pub(super) async fn read_data_source(
        self: Arc<Self>,
        request: read_data_source::Request,
        stop: CancellationToken,
    ) -> read_data_source::Response {
        let mut diagnostics = Diagnostics::default();
        let state = match self.try_read_data_source(&request, stop, &mut diagnostics).await {
            Ok(state) => Some(state),
            Err(error) => {
                diagnostics.extend(error.into_diagnostics());
                None
            }
        };
        read_data_source::Response { state, diagnostics: write_diagnostics(diagnostics), deferred: None }
    }

    async fn try_read_data_source(
        &self,
        request: &read_data_source::Request,
        stop: CancellationToken,
        warnings: &mut Diagnostics,
    ) -> Result<DynamicValue, Error> {
        let entry = self.data_source(&request.type_name)?;
        let config = known_config(request.config.as_ref(), &entry.schema)?;
        (entry.check)(&view_of_new(&entry.schema.body, &config), &Value::Null, &config, warnings);
        if warnings.has_errors() {
            return Err(std::mem::take(warnings).into());
        }
        let data_source = (entry.bind)(&self.configuration()?)?;
        let scope = Scope::new(stop, entry.timeouts.of(Operation::Read, &[&config]));
        let (inner, complete) = (scope.clone(), with_defaults(&entry.schema.body, config.clone()));
        let read = async move { inner.run(data_source.read(&inner, &complete)).await? };
        let answered = contained(&scope, read).await?;
        answer(&entry.schema, &config, &answered)
    }
}

/// A configuration in which everything is known, as Terraform promises.
pub(super) fn known_config(message: Option<&DynamicValue>, schema: &Schema) -> Result<Value, Error> {
    let config = read_object(message, schema)?;
    let known = matches!(config, Value::Map(_)) && config.is_wholly_known();
    let detail = "Terraform asked to read with a configuration that is not wholly known yet.";
    if known { Ok(config) } else { Err(Diagnostic::error("Configuration is not known", detail).into()) }
}

/// What was answered, with what is configured as it is configured.
pub(super) fn answer(schema: &Schema, config: &Value, answered: &Value) -> Result<DynamicValue, Error> {
    let Answer { state, unknown, .. } = after_write(&schema.body, view_of_new(&schema.body, config), answered);
    left_unknown(unknown).into_result()?;
    Ok(write_state(schema, &state))
}
