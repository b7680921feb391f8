//! Applying.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Core;
use super::wire::{is_null, read_object, write_diagnostics, write_identity, write_state};
use crate::framework::apply::{Applied, Apply};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::erased::ErasedChange;
use crate::framework::error::Error;
use crate::framework::plan::with_defaults;
use crate::framework::private::Private;
use crate::framework::provider::Provider;
use crate::framework::schema::Schema;
use crate::framework::timeouts::Operation;
use crate::proto::tfplugin6::apply_resource_change;
use crate::scope::Scope;

/// What an apply answers when it never began: the object stays as it was.
pub(super) fn unchanged(request: &apply_resource_change::Request) -> apply_resource_change::Response {
    let exists = !is_null(request.prior_state.as_ref());
    apply_resource_change::Response {
        new_state: request.prior_state.clone(),
        private: request.planned_private.clone(),
        // The planned identity of a new object may be unknown, which no answer may hold.
        new_identity: request.planned_identity.clone().filter(|_| exists),
        ..apply_resource_change::Response::default()
    }
}

impl<P: Provider> Core<P> {
    pub(super) async fn apply_resource(
        self: Arc<Self>,
        request: apply_resource_change::Request,
        stop: CancellationToken,
    ) -> apply_resource_change::Response {
        match self.prepare(&request, stop) {
            Ok(apply) => {
                let schema = Arc::clone(&apply.schema);
                answer(&schema, apply.run().await)
            }
            Err(problems) => {
                apply_resource_change::Response { diagnostics: write_diagnostics(problems), ..unchanged(&request) }
            }
        }
    }

    fn prepare(&self, request: &apply_resource_change::Request, stop: CancellationToken) -> Result<Apply, Diagnostics> {
        let entry = self.resource(&request.type_name)?;
        let schema = Arc::clone(&entry.schema);
        let config = with_defaults(&schema.body, read_object(request.config.as_ref(), &schema)?);
        let prior = read_object(request.prior_state.as_ref(), &schema)?;
        let plan = read_object(request.planned_state.as_ref(), &schema)?;
        let resource = (entry.bind)(&self.configuration()?).map_err(Error::into_diagnostics)?;
        let operation = match (prior.is_null(), plan.is_null()) {
            (true, _) => Operation::Create,
            (false, true) => Operation::Delete,
            (false, false) => Operation::Update,
        };
        let scope = Scope::new(stop, entry.timeouts.of(operation, &[&plan, &prior]));
        let private = Private::from_bytes(&request.planned_private);
        Ok(Apply { resource, schema, scope, change: ErasedChange { config, prior, plan, private } })
    }
}

fn answer(schema: &Schema, applied: Applied) -> apply_resource_change::Response {
    let Applied { state, private, diagnostics } = applied;
    apply_resource_change::Response {
        new_state: Some(write_state(schema, &state)),
        private: private.to_bytes().into(),
        new_identity: write_identity(schema, &state),
        diagnostics: write_diagnostics(diagnostics),
        ..apply_resource_change::Response::default()
    }
}
