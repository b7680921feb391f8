//! The identity of an object: the attributes that tell it from all others, for ever.

use super::diagnostics::Diagnostic;
use super::schema::{Body, Schema};
use super::types::Type;
use super::value::Value;

/// The type of the identity; nothing for a schema without one.
pub(crate) fn identity_type(schema: &Schema) -> Option<Type> {
    let attributes: std::collections::BTreeMap<_, _> =
        schema.body.identity().map(|(field, _)| (field.name.to_owned(), field.shape.value_type())).collect();
    (!attributes.is_empty()).then_some(Type::Object(attributes))
}

/// The identity that a state or a plan holds, as far as it is known.
pub(crate) fn of_state(body: &Body, state: &Value) -> Value {
    Value::object(body.identity().map(|(field, _)| (field.name, state.field(field.name).clone())))
}

/// Whether the identity stayed what it was. A part that was not known before may become known.
///
/// # Errors
/// A diagnostic that names the attributes that changed.
pub(crate) fn check_stable(body: &Body, before: &Value, after: &Value) -> Result<(), Diagnostic> {
    let changed = body.identity().map(|(field, _)| field.name).filter(|name| {
        let (before, after) = (before.field(name), after.field(name));
        before.is_wholly_known() && !before.is_null() && before != after
    });
    let changed: Vec<_> = changed.collect();
    let Some(first) = changed.first() else { return Ok(()) };
    let detail = format!(
        "The identity of an object never changes, but the provider answered another value for `{}`. The state is kept as \
         it was. Was the object replaced outside Terraform, or is this another account?",
        changed.join("`, `")
    );
    Err(Diagnostic::error("Unexpected change of identity", detail).at(*first))
}

/// A state of which only the identity is known.
pub(crate) fn stub(schema: &Schema, identity: &Value) -> Value {
    let fields = schema.body.fields.iter();
    Value::object(fields.map(|field| {
        let value = if field.identity.is_some() { identity.field(field.name).clone() } else { field.shape.absent() };
        (field.name, value)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::schema::{Field, Identity, Nesting, Shape};

    fn schema() -> Schema {
        let part =
            |name| Field { identity: Some(Identity::Required), ..Field::new(name, Shape::Plain(Type::String), "") };
        let block = Shape::Block(Nesting::List, Body { description: "", fields: vec![] }, 0, 0);
        let fields = vec![part("id"), part("account"), Field::new("server", block, "")];
        Schema::new(0, Body { description: "", fields })
    }

    fn identity(id: &str, account: Value) -> Value {
        Value::object([("id", id.into()), ("account", account)])
    }

    #[test]
    fn an_unknown_part_may_become_known_and_a_known_one_never_changes() {
        let body = schema().body;
        let before = identity("i", Value::Null);
        assert_eq!(check_stable(&body, &before, &identity("i", "a".into())), Ok(()));
        let changed = check_stable(&body, &identity("i", "a".into()), &identity("i", "b".into()));
        assert_eq!(changed.expect_err("another account").path, "account".into());
        assert!(check_stable(&body, &before, &identity("j", "a".into())).is_err());
    }

    #[test]
    fn a_stub_knows_the_identity_and_nothing_else() {
        let state = stub(&schema(), &identity("i", Value::Null));
        assert_eq!(of_state(&schema().body, &state), identity("i", Value::Null));
        assert_eq!(state.field("server"), &Value::List(vec![]));
    }
}
