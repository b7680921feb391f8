//! Values that need no look at the world: those that the configuration decides, and those that are always the same.

use crate::framework::schema::{Body, Nesting};
use crate::framework::value::Value;
use crate::framework::walk::{Next, rebuild};

/// The proposed object with defaults where nothing is configured, without write-only values, with the prior spelling of
/// values that mean the same, and, where the object exists, with what its computed values settle to.
pub(super) fn settle(body: &Body, config: &Value, prior: &Value, proposed: Value) -> Value {
    let exists = !prior.is_null();
    rebuild(body, [config, prior], proposed, &mut |place, value| {
        let [config, prior] = place.counterparts;
        let field = place.field;
        let is_set = matches!(field.shape.nested(), Some((Nesting::Set, _)));
        if field.write_only {
            Next::Settled(Value::Null)
        } else if config.is_null() {
            let settled = field.settles.as_ref().filter(|_| exists);
            Next::Settled(settled.or(field.default.as_ref()).cloned().unwrap_or(value))
        } else if field.same.is_some_and(|same| same(prior, &value)) {
            Next::Settled(prior.clone())
        } else if value.is_unknown() || is_set {
            Next::Settled(value)
        } else {
            Next::Into(value)
        }
    })
}

/// A configuration with the defaults of what it leaves out.
pub(crate) fn with_defaults(body: &Body, config: Value) -> Value {
    rebuild(body, [], config, &mut |place, value| match (&place.field.default, value.is_null()) {
        (Some(default), true) => Next::Settled(default.clone()),
        _ => Next::Into(value),
    })
}
