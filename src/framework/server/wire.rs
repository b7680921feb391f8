//! Values, diagnostics and identities as messages.

use prost_types::Timestamp;

use crate::framework::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::framework::identity;
use crate::framework::invariants::shape_violations;
use crate::framework::json::{self, Extra};
use crate::framework::msgpack;
use crate::framework::path::{Path, Step};
use crate::framework::schema::Schema;
use crate::framework::secrets;
use crate::framework::types::Type;
use crate::framework::value::Value;
use crate::proto::tfplugin6::attribute_path::step::Selector;
use crate::proto::tfplugin6::{
    AttributePath, Diagnostic as DiagnosticMessage, DynamicValue, ResourceIdentityData, attribute_path, diagnostic,
};
use crate::redaction::redact;

/// Reads a value; a message that is missing or empty is null.
///
/// # Errors
/// Every wrong attribute at its path.
pub(super) fn read_value(message: Option<&DynamicValue>, of: &Type) -> Result<Value, Diagnostics> {
    match message {
        Some(message) if !message.msgpack.is_empty() => msgpack::decode(&message.msgpack, of),
        Some(message) if !message.json.is_empty() => json::decode(&message.json, of, Extra::Refuse),
        _ => Ok(Value::Null),
    }
}

/// Reads an object of a schema, and remembers what is secret in it.
///
/// # Errors
/// As of [`read_value`].
pub(super) fn read_object(message: Option<&DynamicValue>, schema: &Schema) -> Result<Value, Diagnostics> {
    let object = read_value(message, &schema.r#type)?;
    secrets::learn(&schema.body, &object);
    Ok(object)
}

/// Whether a message is the value null, which needs no type to tell.
pub(super) fn is_null(message: Option<&DynamicValue>) -> bool {
    const NIL: [u8; 1] = [0xc0];
    message.is_none_or(|message| match (&message.msgpack[..], &message.json[..]) {
        ([], json) => json.is_empty() || json == b"null",
        (msgpack, _) => msgpack == NIL,
    })
}

/// Writes a plan or a state. A missing message would say that the object is gone.
pub(super) fn write_state(schema: &Schema, state: &Value) -> DynamicValue {
    debug_assert_eq!(shape_violations(&schema.body, state), Vec::<String>::new());
    write_value(state)
}

fn write_value(value: &Value) -> DynamicValue {
    DynamicValue { msgpack: msgpack::encode(value).into(), json: Vec::new().into() }
}

/// The identity that a state holds; none for a schema without identity and where there is no object.
pub(super) fn write_identity(schema: &Schema, state: &Value) -> Option<ResourceIdentityData> {
    identity::identity_type(schema).filter(|_| !state.is_null())?;
    Some(write_identity_data(&identity::of_state(&schema.body, state)))
}

/// Writes an identity.
pub(super) fn write_identity_data(identity: &Value) -> ResourceIdentityData {
    ResourceIdentityData { identity_data: Some(write_value(identity)) }
}

/// Writes messages to the user.
pub(super) fn write_diagnostics(diagnostics: Diagnostics) -> Vec<DiagnosticMessage> {
    diagnostics.into_iter().map(write_diagnostic).collect()
}

/// Writes one message to the user, without any secret that is known.
pub(super) fn write_diagnostic(diagnostic: Diagnostic) -> DiagnosticMessage {
    let severity = match diagnostic.severity {
        Severity::Error => diagnostic::Severity::Error,
        Severity::Warning => diagnostic::Severity::Warning,
    };
    let attribute = (!diagnostic.path.is_root()).then(|| write_path(&diagnostic.path));
    let [summary, detail] = [diagnostic.summary, diagnostic.detail].map(|text| redact(&text).into_owned());
    DiagnosticMessage { severity: severity.into(), summary, detail, attribute }
}

/// Writes a path.
pub(super) fn write_path(path: &Path) -> AttributePath {
    let selector = |step: &Step| match step {
        Step::Attribute(name) => Some(Selector::AttributeName(name.clone())),
        Step::Key(key) => Some(Selector::ElementKeyString(key.clone())),
        Step::Index(index) => Some(Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX))),
        Step::Element => None,
    };
    let selectors = path.steps().iter().map_while(selector);
    AttributePath { steps: selectors.map(|selector| attribute_path::Step { selector: Some(selector) }).collect() }
}

/// Writes a moment.
pub(super) fn write_time(time: std::time::SystemTime) -> Timestamp {
    time.into()
}
