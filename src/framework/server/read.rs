//! Reading resources.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Core;
use super::wire::{is_null, read_object, write_diagnostics, write_identity, write_state};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::error::Error;
use crate::framework::private::Private;
use crate::framework::provider::Provider;
use crate::framework::refresh::{Refresh, Refreshed};
use crate::framework::timeouts::Operation;
use crate::proto::tfplugin6::read_resource;
use crate::scope::Scope;

/// What a read answers when it cannot tell: the object stays as it was.
pub(super) fn unchanged(request: &read_resource::Request) -> read_resource::Response {
    read_resource::Response {
        new_state: request.current_state.clone(),
        private: request.private.clone(),
        new_identity: request.current_identity.clone(),
        ..read_resource::Response::default()
    }
}

impl<P: Provider> Core<P> {
    pub(super) async fn read_resource(
        self: Arc<Self>,
        request: read_resource::Request,
        stop: CancellationToken,
    ) -> read_resource::Response {
        if self.awaits_configuration() && !is_null(request.current_state.as_ref()) {
            let diagnostics = write_diagnostics(Diagnostics::from(not_refreshed()));
            return read_resource::Response { diagnostics, ..unchanged(&request) };
        }
        match self.prepare_read(&request, stop) {
            Ok(refresh) => {
                let schema = Arc::clone(&refresh.schema);
                let Refreshed { state, private, diagnostics } = refresh.run().await;
                read_resource::Response {
                    new_state: Some(write_state(&schema, &state)),
                    private: private.to_bytes().into(),
                    new_identity: write_identity(&schema, &state),
                    diagnostics: write_diagnostics(diagnostics),
                    deferred: None,
                }
            }
            Err(problems) => {
                read_resource::Response { diagnostics: write_diagnostics(problems), ..unchanged(&request) }
            }
        }
    }

    fn prepare_read(&self, request: &read_resource::Request, stop: CancellationToken) -> Result<Refresh, Diagnostics> {
        let entry = self.resource(&request.type_name)?;
        let schema = Arc::clone(&entry.schema);
        let prior = read_object(request.current_state.as_ref(), &schema)?;
        if prior.is_null() {
            // Answering null would say that the object is gone.
            return Err(
                Diagnostic::error("No state to read", "Terraform asked to read an object without a state.").into()
            );
        }
        let resource = (entry.bind)(&self.configuration()?).map_err(Error::into_diagnostics)?;
        let scope = Scope::new(stop, entry.timeouts.of(Operation::Read, &[&prior]));
        let private = Private::from_bytes(&request.private);
        Ok(Refresh { resource, schema, scope, prior, private })
    }
}

fn not_refreshed() -> Diagnostic {
    Diagnostic::warning(
        "Objects were not refreshed",
        "A value in the provider block is known only after apply, so the plan uses the objects as they were last seen.",
    )
}
