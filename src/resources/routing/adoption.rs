//! Objects that were there before, and fields of theirs that our models do not have.

use serde_json::{Value, json};

use super::id::ObjectId;
use super::object::{Common, IstioObject};
use crate::framework::{Diagnostic, Error};
use crate::kubernetes::{differences, own_fields};

/// What to say where an object to be created exists: one that our field manager wrote is taken on, since an apply whose end
/// was lost leaves it behind.
///
/// # Errors
/// When somebody else made the object.
pub(super) fn of_existing(live: &Value, resource: &str, id: &ObjectId) -> Result<Diagnostic, Error> {
    if !own_fields(live).is_null() {
        let detail = format!(
            "`{id}` was there already, written by this provider: it is taken on. If another configuration holds it too, remove it \
             from one of them."
        );
        return Ok(Diagnostic::warning("Existing object taken on", detail));
    }
    let detail = format!(
        "`{id}` was made by somebody else, so nothing was changed. To manage it here, import it; to replace it, delete it \
         first.\n\nimport {{\n  to = tcmesh_{resource}.example\n  id = \"{id}\"\n}}"
    );
    Err(Diagnostic::error("The object exists already", detail).at("name").into())
}

/// The warning about fields of an object that an apply removed, because they stand inside of lists that the model writes as a whole.
pub(super) fn dropped<M: IstioObject>(spec: &Value) -> Option<Diagnostic> {
    let known = M::of(Common::default(), spec, &M::default()).spec();
    let written: serde_json::Map<_, _> = spec
        .as_object()?
        .iter()
        .filter(|(name, _)| known.get(*name).is_some())
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let lost = differences(&json!({"spec": written}), &json!({"spec": known}));
    if lost.is_empty() {
        return None;
    }
    let paths: Vec<_> = lost.iter().map(|difference| format!("`{}`", difference.path)).collect();
    let detail = format!(
        "The object had {}, which this resource does not know and which are part of a list that it writes as a whole. They are gone \
         now. `tcmesh_manifest` keeps every field.",
        paths.join(", ")
    );
    Some(Diagnostic::warning("Fields that this resource does not know", detail))
}
