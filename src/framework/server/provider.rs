//! The provider block.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::wire::{read_object, write_diagnostics};
use super::{Configured, Core};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::error::Error;
use crate::framework::model::decode;
use crate::framework::plan::{view_of_new, with_defaults};
use crate::framework::planned::Planned;
use crate::framework::provider::Provider;
use crate::framework::validate::validate;
use crate::framework::value::Value;
use crate::proto::tfplugin6::{configure_provider, validate_provider_config};
use crate::scope::Scope;

/// How long the configuration of the provider may take.
const LIMIT: Duration = Duration::from_secs(5 * 60);

impl<P: Provider> Core<P> {
    pub(super) fn validate_provider(
        &self,
        request: &validate_provider_config::Request,
    ) -> validate_provider_config::Response {
        let found = read_object(request.config.as_ref(), &self.schema).map(|config| {
            let mut found = validate(&self.schema.body, &config, true);
            let view = view_of_new(&self.schema.body, &config);
            P::check(&Planned::new(&view, &Value::Null, &config), &mut found);
            found
        });
        let diagnostics = found.unwrap_or_else(|problems| problems);
        validate_provider_config::Response { diagnostics: write_diagnostics(diagnostics) }
    }

    pub(super) async fn configure_provider(
        self: Arc<Self>,
        request: configure_provider::Request,
        stop: CancellationToken,
    ) -> configure_provider::Response {
        self.set_configured(Configured::Not);
        let configured = self.configure(request, stop).await;
        let diagnostics = match configured {
            Ok(configured) => {
                self.set_configured(configured);
                Diagnostics::default()
            }
            Err(error) => error.into_diagnostics(),
        };
        configure_provider::Response { diagnostics: write_diagnostics(diagnostics) }
    }

    /// The new configuration. Values that are not known yet are no error: the plan then makes no calls.
    async fn configure(
        &self,
        request: configure_provider::Request,
        stop: CancellationToken,
    ) -> Result<Configured<P::Configuration>, Error> {
        let config = read_object(request.config.as_ref(), &self.schema)?;
        if !config.is_wholly_known() {
            return Ok(Configured::Unknown);
        }
        let model = decode(&with_defaults(&self.schema.body, config))?;
        let scope = Scope::new(stop, LIMIT);
        let configuration = scope.run(self.provider.configure(&scope, model)).await??;
        Ok(Configured::With(Arc::new(configuration)))
    }
}
