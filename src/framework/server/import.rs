//! Import: a state that holds no more than what identifies the object. Terraform reads it next, which tells whether the
//! object exists.

use super::Core;
use super::wire::{read_value, write_diagnostics, write_state};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::error::Error;
use crate::framework::identity::{identity_type, stub};
use crate::framework::private::{Imported, Private};
use crate::framework::provider::Provider;
use crate::framework::registry::ResourceEntry;
use crate::framework::schema::Identity;
use crate::framework::value::Value;
use crate::proto::tfplugin6::ResourceIdentityData;
use crate::proto::tfplugin6::import_resource_state::{self, ImportedResource};

impl<P: Provider> Core<P> {
    pub(super) fn import_resource(&self, request: import_resource_state::Request) -> import_resource_state::Response {
        match self.try_import(request) {
            Ok(imported) => {
                import_resource_state::Response { imported_resources: vec![imported], ..Default::default() }
            }
            Err(problems) => {
                import_resource_state::Response { diagnostics: write_diagnostics(problems), ..Default::default() }
            }
        }
    }

    fn try_import(&self, request: import_resource_state::Request) -> Result<ImportedResource, Diagnostics> {
        let entry = self.resource(&request.type_name)?;
        // An import without configuration would only fail later, in a read that blames the state.
        self.configuration()?;
        let (state, identity) = match request.identity {
            Some(identity) if request.id.is_empty() => (state_of_identity(&entry, &identity)?, Some(identity)),
            _ => (state_of_id(&entry, &request.id)?, None),
        };
        let mut private = Private::default();
        private.set_imported(Some(Imported::Unread));
        Ok(ImportedResource {
            type_name: request.type_name,
            state: Some(write_state(&entry.schema, &state)),
            private: private.to_bytes().into(),
            identity,
        })
    }
}

fn state_of_id<C>(entry: &ResourceEntry<C>, id: &str) -> Result<Value, Diagnostics> {
    (entry.check_id)(id).map_err(Error::into_diagnostics)?;
    if entry.schema.body.field("id").is_none() {
        let detail = "This resource has no attribute `id`: import it by its identity.";
        return Err(Diagnostic::error("Import by ID is not possible", detail).into());
    }
    let Value::Map(mut state) = stub(&entry.schema, &Value::Null) else { return Ok(Value::Null) };
    state.insert("id".to_owned(), id.into());
    Ok(Value::Map(state))
}

fn state_of_identity<C>(entry: &ResourceEntry<C>, identity: &ResourceIdentityData) -> Result<Value, Diagnostics> {
    let Some(of) = identity_type(&entry.schema) else {
        let detail = "This resource has no identity: import it by its ID.";
        return Err(Diagnostic::error("Import by identity is not possible", detail).into());
    };
    let identity = read_value(identity.identity_data.as_ref(), &of)?;
    let required = entry.schema.body.identity().filter(|(_, identity)| *identity == Identity::Required);
    let mut problems = Diagnostics::default();
    for (field, _) in required.filter(|(field, _)| identity.field(field.name).is_null()) {
        problems.error(field.name, "Incomplete identity", format!("An import by identity needs `{}`.", field.name));
    }
    if let Some(id) = identity.field("id").as_str() {
        problems.extend((entry.check_id)(id).err().map(Error::into_diagnostics).unwrap_or_default());
    }
    if problems.has_errors() { Err(problems) } else { Ok(stub(&entry.schema, &identity)) }
}
