//! Values that the configuration alone decides.

use crate::framework::schema::{Body, Nesting};
use crate::framework::value::Value;
use crate::framework::walk::{Next, rebuild};

/// The proposed object with defaults where nothing is configured, without write-only values, and with the prior spelling
/// of values that mean the same.
pub(super) fn settle(body: &Body, config: &Value, prior: &Value, proposed: Value) -> Value {
    rebuild(body, [config, prior], proposed, &mut |place, value| {
        let [config, prior] = place.counterparts;
        let field = place.field;
        let is_set = matches!(field.shape.nested(), Some((Nesting::Set, _)));
        if field.write_only {
            Next::Settled(Value::Null)
        } else if config.is_null() {
            Next::Settled(field.default.clone().unwrap_or(value))
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
