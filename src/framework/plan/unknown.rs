//! Computed values that an apply may change.

use crate::framework::schema::{Body, Nesting, Renewal};
use crate::framework::value::Value;
use crate::framework::walk::{Next, rebuild};

/// Makes the computed values unknown that nothing configures and nothing is derived for: all of them in a new object, and
/// in one that changes those that say they may change with it.
pub(super) fn mark(body: &Body, config: &Value, prior: &Value, planned: &Value) -> Value {
    let prior = without_changed_elements(body, prior, planned);
    rebuild(body, [config, &prior, planned], planned.clone(), &mut |place, value| {
        let [config, ..] = place.counterparts;
        let [_, prior, planned] = place.parents;
        let renewed = match place.field.renewal {
            Renewal::Never => false,
            Renewal::Always => true,
            Renewal::With(names) => names.iter().any(|name| prior.field(name) != planned.field(name)),
        };
        if place.field.derived.is_some() {
            Next::Settled(value)
        } else if !config.is_null() {
            Next::Into(value)
        } else if place.field.is_computed() && (prior.is_null() || renewed) {
            Next::Settled(Value::Unknown)
        } else {
            Next::Settled(value)
        }
    })
}

/// The prior state with null in place of the elements of lists that change. Terraform matches elements by their position,
/// so that a changed element may be another object: its computed values would be those of the one that was there before.
fn without_changed_elements(body: &Body, prior: &Value, planned: &Value) -> Value {
    rebuild(body, [planned], prior.clone(), &mut |place, value| {
        let [planned] = place.counterparts;
        match (place.field.shape.nested(), value) {
            (Some((Nesting::List, _)), Value::List(elements)) => {
                let unchanged = |(index, element): (usize, Value)| {
                    let step = crate::framework::path::Step::Index(index);
                    if planned.child(&step) == &element { element } else { Value::Null }
                };
                Next::Into(Value::List(elements.into_iter().enumerate().map(unchanged).collect()))
            }
            (_, value) => Next::Into(value),
        }
    })
}
