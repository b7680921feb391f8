//! Ephemeral resources.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Core;
use super::data_source::{answer, known_config};
use super::wire::{write_diagnostics, write_state, write_time};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::ephemeral::{Opened, Renewed};
use crate::framework::erased::ErasedEphemeral;
use crate::framework::error::Error;
use crate::framework::plan::{view_of_new, with_defaults};
use crate::framework::private::Private;
use crate::framework::provider::Provider;
use crate::framework::task::contained;
use crate::framework::value::Value;
use crate::proto::tfplugin6::{
    DynamicValue, close_ephemeral_resource, open_ephemeral_resource, renew_ephemeral_resource,
};
use crate::scope::Scope;

impl<P: Provider> Core<P> {
    pub(super) async fn open_ephemeral(
        self: Arc<Self>,
        request: open_ephemeral_resource::Request,
        stop: CancellationToken,
    ) -> open_ephemeral_resource::Response {
        let mut diagnostics = Diagnostics::default();
        let opened = self.try_open(&request, stop, &mut diagnostics).await;
        let mut response = open_ephemeral_resource::Response::default();
        match opened {
            Ok(Opened { model, renew_at, private, warnings }) => {
                response.result = Some(model);
                response.renew_at = renew_at.map(write_time);
                response.private = Some(private.to_bytes().into());
                diagnostics.extend(warnings);
            }
            Err(error) => diagnostics.extend(error.into_diagnostics()),
        }
        response.diagnostics = write_diagnostics(diagnostics);
        response
    }

    async fn try_open(
        &self,
        request: &open_ephemeral_resource::Request,
        stop: CancellationToken,
        warnings: &mut Diagnostics,
    ) -> Result<Opened<DynamicValue>, Error> {
        let entry = self.ephemeral(&request.type_name)?;
        let config = known_config(request.config.as_ref(), &entry.schema)?;
        (entry.check)(&view_of_new(&entry.schema.body, &config), &Value::Null, &config, warnings);
        if warnings.has_errors() {
            return Err(std::mem::take(warnings).into());
        }
        if self.awaits_configuration() {
            // The value is for a plan that cannot use it yet: Terraform opens it again to apply.
            return Ok(Opened::new(write_state(&entry.schema, &view_of_new(&entry.schema.body, &config))));
        }
        let (ephemeral, scope) = self.bind_ephemeral(&request.type_name, stop)?;
        let (inner, complete) = (scope.clone(), with_defaults(&entry.schema.body, config.clone()));
        let opened = contained(&scope, async move { ephemeral.open(&inner, &complete).await }).await?;
        let Opened { model, renew_at, private, warnings } = opened;
        Ok(Opened { model: answer(&entry.schema, &config, &model)?, renew_at, private, warnings })
    }

    pub(super) async fn renew_ephemeral(
        self: Arc<Self>,
        request: renew_ephemeral_resource::Request,
        stop: CancellationToken,
    ) -> renew_ephemeral_resource::Response {
        let renewed = match self.bind_ephemeral(&request.type_name, stop) {
            Ok((ephemeral, scope)) => {
                let (inner, private) = (scope.clone(), Private::from_bytes(&request.private.unwrap_or_default()));
                contained(&scope, async move { ephemeral.renew(&inner, &private).await }).await
            }
            Err(error) => Err(error),
        };
        match renewed {
            Ok(Renewed { renew_at, private }) => renew_ephemeral_resource::Response {
                renew_at: renew_at.map(write_time),
                private: Some(private.to_bytes().into()),
                diagnostics: Vec::new(),
            },
            Err(error) => renew_ephemeral_resource::Response {
                diagnostics: write_diagnostics(error.into_diagnostics()),
                ..renew_ephemeral_resource::Response::default()
            },
        }
    }

    pub(super) async fn close_ephemeral(
        self: Arc<Self>,
        request: close_ephemeral_resource::Request,
        stop: CancellationToken,
    ) -> close_ephemeral_resource::Response {
        let closed = match self.bind_ephemeral(&request.type_name, stop) {
            _ if self.awaits_configuration() => Ok(()),
            Ok((ephemeral, scope)) => {
                let (inner, private) = (scope.clone(), Private::from_bytes(&request.private.unwrap_or_default()));
                contained(&scope, async move { ephemeral.close(&inner, &private).await }).await
            }
            Err(error) => Err(error),
        };
        let diagnostics = closed.err().map(|error| write_diagnostics(error.into_diagnostics())).unwrap_or_default();
        close_ephemeral_resource::Response { diagnostics }
    }

    fn bind_ephemeral(
        &self,
        type_name: &str,
        stop: CancellationToken,
    ) -> Result<(Arc<dyn ErasedEphemeral>, Scope), Error> {
        let entry = self.ephemeral(type_name)?;
        let ephemeral = (entry.bind)(&self.configuration()?)?;
        Ok((ephemeral, Scope::new(stop, entry.timeout)))
    }
}
