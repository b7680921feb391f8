//! States and identities as they were stored, brought into the current shape. A pure transformation of data: it works on
//! a provider that is not configured, and makes no call.

use super::Core;
use super::wire::{write_diagnostics, write_identity_data, write_state};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::error::Error;
use crate::framework::identity::identity_type;
use crate::framework::json::{Extra, decode};
use crate::framework::provider::Provider;
use crate::framework::registry::ResourceEntry;
use crate::framework::resource::JsonAttributes;
use crate::framework::value::Value;
use crate::framework::walk::{Next, rebuild};
use crate::proto::tfplugin6::{DynamicValue, RawState, upgrade_resource_identity, upgrade_resource_state};

impl<P: Provider> Core<P> {
    pub(super) fn upgrade_state(&self, request: &upgrade_resource_state::Request) -> upgrade_resource_state::Response {
        match self.try_upgrade_state(request) {
            Ok(state) => upgrade_resource_state::Response { upgraded_state: Some(state), diagnostics: Vec::new() },
            Err(problems) => {
                upgrade_resource_state::Response { upgraded_state: None, diagnostics: write_diagnostics(problems) }
            }
        }
    }

    fn try_upgrade_state(&self, request: &upgrade_resource_state::Request) -> Result<DynamicValue, Diagnostics> {
        let entry = self.resource(&request.type_name)?;
        let json = stored(request.raw_state.as_ref())?;
        let state = if request.version == entry.schema.version {
            decode(json, &entry.schema.r#type, Extra::Ignore)?
        } else {
            decode(&upgraded(&entry, request.version, json)?, &entry.schema.r#type, Extra::Ignore)?
        };
        if state.is_null() {
            // Answering null would say that the object is gone.
            return Err(unreadable("The stored state is empty.").into());
        }
        let state = rebuild(&entry.schema.body, [], state, &mut |place, value| {
            if place.field.write_only { Next::Settled(Value::Null) } else { Next::Into(value) }
        });
        Ok(write_state(&entry.schema, &state))
    }

    pub(super) fn upgrade_identity(
        &self,
        request: &upgrade_resource_identity::Request,
    ) -> upgrade_resource_identity::Response {
        match self.try_upgrade_identity(request) {
            Ok(identity) => upgrade_resource_identity::Response {
                upgraded_identity: Some(write_identity_data(&identity)),
                diagnostics: Vec::new(),
            },
            Err(problems) => upgrade_resource_identity::Response {
                upgraded_identity: None,
                diagnostics: write_diagnostics(problems),
            },
        }
    }

    fn try_upgrade_identity(&self, request: &upgrade_resource_identity::Request) -> Result<Value, Diagnostics> {
        let entry = self.resource(&request.type_name)?;
        let of = identity_type(&entry.schema).ok_or_else(|| unreadable("This resource has no identity."))?;
        decode(stored(request.raw_identity.as_ref())?, &of, Extra::Ignore)
    }
}

fn stored(raw: Option<&RawState>) -> Result<&[u8], Diagnostic> {
    match raw {
        Some(raw) if !raw.json.is_empty() => Ok(&raw.json),
        Some(raw) if !raw.flatmap.is_empty() => {
            Err(unreadable("It was last written by Terraform 0.11 or older; this provider never supported that."))
        }
        _ => Err(unreadable("There is none.")),
    }
}

/// The attributes of a state of an older version, in the current shape.
fn upgraded<C>(entry: &ResourceEntry<C>, version: i64, json: &[u8]) -> Result<Vec<u8>, Diagnostics> {
    let attributes: JsonAttributes = serde_json::from_slice(json).map_err(|_| unreadable("It is no JSON object."))?;
    let upgraded = (entry.upgrade)(version, attributes).map_err(Error::into_diagnostics)?;
    Ok(serde_json::Value::Object(upgraded).to_string().into_bytes())
}

fn unreadable(reason: &str) -> Diagnostic {
    Diagnostic::error("The stored state cannot be read", reason)
}
