//! Planning.

use super::Core;
use super::wire::{read_object, write_diagnostics, write_identity, write_path, write_state};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::error::Error;
use crate::framework::identity;
use crate::framework::invariants::plan_violations;
use crate::framework::plan::{Plan, Request, plan, view};
use crate::framework::private::Private;
use crate::framework::provider::Provider;
use crate::framework::schema::Schema;
use crate::framework::value::Value;
use crate::proto::tfplugin6::{ResourceIdentityData, plan_resource_change};

impl<P: Provider> Core<P> {
    pub(super) fn plan_resource(&self, request: &plan_resource_change::Request) -> plan_resource_change::Response {
        self.try_plan(request).unwrap_or_else(|problems| plan_resource_change::Response {
            diagnostics: write_diagnostics(problems),
            ..plan_resource_change::Response::default()
        })
    }

    fn try_plan(&self, request: &plan_resource_change::Request) -> Result<plan_resource_change::Response, Diagnostics> {
        let entry = self.resource(&request.type_name)?;
        let schema = &entry.schema;
        let config = read_object(request.config.as_ref(), schema)?;
        let prior = read_object(request.prior_state.as_ref(), schema)?;
        let proposed = read_object(request.proposed_new_state.as_ref(), schema)?;
        let imported = Private::from_bytes(&request.prior_private).imported().is_some();
        let Plan { state, requires_replace } =
            plan(Request { body: &schema.body, config: &config, prior: &prior, proposed, imported });
        let mut diagnostics = Diagnostics::default();
        if !state.is_null() {
            let view = view(&schema.body, &config, state.clone());
            (entry.check)(&view, &prior, &config, &mut diagnostics);
            if let Ok(settings) = self.configuration() {
                let resource = (entry.bind)(&settings).map_err(Error::into_diagnostics)?;
                resource.check_settings(&view, &prior, &config, &mut diagnostics);
            }
        }
        if cfg!(debug_assertions) {
            let violations = plan_violations(&schema.body, &config, &prior, &state);
            diagnostics.extend(violations.into_iter().map(|found| Diagnostic::error("Bug of the framework", found)));
        }
        Ok(plan_resource_change::Response {
            planned_state: Some(write_state(schema, &state)),
            requires_replace: requires_replace.iter().map(write_path).collect(),
            planned_private: request.prior_private.clone(),
            diagnostics: write_diagnostics(diagnostics),
            planned_identity: planned_identity(schema, request, &prior, &state),
            ..plan_resource_change::Response::default()
        })
    }
}

/// The identity of an existing object never changes. That of a new one is said only when all of it is known: Terraform takes
/// unknown parts, but cannot show such a plan as JSON ("value is not known", measured on Terraform 1.15.5).
fn planned_identity(
    schema: &Schema,
    request: &plan_resource_change::Request,
    prior: &Value,
    planned: &Value,
) -> Option<ResourceIdentityData> {
    if prior.is_null() {
        let known = identity::of_state(&schema.body, planned).is_wholly_known();
        return known.then(|| write_identity(schema, planned)).flatten();
    }
    request.prior_identity.clone().or_else(|| write_identity(schema, prior))
}
