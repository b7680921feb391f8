//! What differs between the prior state and the plan.

use crate::framework::path::Path;
use crate::framework::schema::{Body, Field, Nesting, Origin};
use crate::framework::value::Value;
use crate::framework::walk::{same_elements, visit};

/// Whether the plan changes anything that the resource has to carry out.
pub(crate) fn differs(body: &Body, prior: &Value, planned: &Value, imported: bool) -> bool {
    let mut found = false;
    visit(body, [prior, planned], &mut |field, [prior, planned], _| {
        if found || prior == planned || is_silent(field, prior, imported) {
            return false;
        }
        let comparable = is_entered(field) && same_elements(prior, planned);
        found |= !comparable;
        comparable
    });
    found
}

/// The attributes and blocks that change and whose change needs a new object.
pub(crate) fn replaced(body: &Body, prior: &Value, planned: &Value, imported: bool) -> Vec<Path> {
    let mut paths = Vec::new();
    visit(body, [prior, planned], &mut |field, [prior, planned], path| {
        if prior == planned || is_silent(field, prior, imported) {
            return false;
        }
        if field.force_new {
            paths.push(path.clone());
        }
        !field.force_new && is_entered(field)
    });
    paths
}

/// Whether a change is none to the resource: the framework's own fields, and what an imported object takes on from its
/// configuration because the API could not tell it.
fn is_silent(field: &Field, prior: &Value, imported: bool) -> bool {
    let taken_on = imported && prior.is_null();
    match field.origin {
        Origin::Framework => true,
        Origin::Configuration => taken_on,
        Origin::Carried => taken_on && field.force_new,
        Origin::Api => false,
    }
}

/// Whether the fields of nested objects have counterparts to compare them with.
fn is_entered(field: &Field) -> bool {
    field.shape.nested().is_some_and(|(nesting, _)| nesting != Nesting::Set)
}
