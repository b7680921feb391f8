//! What an apply would do: pure functions of configuration and prior state, so that the second plan, at apply, agrees
//! with the first.

mod change;
mod settle;
mod unknown;

pub(crate) use change::{differs, replaced};
pub(crate) use settle::with_defaults;

use super::path::Path;
use super::schema::Body;
use super::value::Value;
use super::walk::{Next, rebuild};

/// What Terraform asks to be planned. Nothing but the destruction of an object has a configuration of null.
pub(crate) struct Request<'a> {
    pub(crate) body: &'a Body,
    pub(crate) config: &'a Value,
    pub(crate) prior: &'a Value,
    /// Terraform's merge of the two.
    pub(crate) proposed: Value,
    /// Whether no apply has touched the object since its import.
    pub(crate) imported: bool,
}

/// The planned state, and the attributes whose change needs a new object.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) state: Value,
    pub(crate) requires_replace: Vec<Path>,
}

/// Plans the creation, update or destruction of one object.
pub(crate) fn plan(request: Request<'_>) -> Plan {
    let Request { body, config, prior, proposed, imported } = request;
    if config.is_null() {
        return Plan { state: Value::Null, requires_replace: Vec::new() };
    }
    let proposed = if proposed.is_null() { config.clone() } else { proposed };
    let settled = settle::settle(body, config, prior, proposed);
    if prior.is_null() {
        let state = unknown::mark(body, config, prior, &settled);
        return Plan { state, requires_replace: Vec::new() };
    }
    let requires_replace = replaced(body, prior, &settled, imported);
    let state =
        if differs(body, prior, &settled, imported) { unknown::mark(body, config, prior, &settled) } else { settled };
    Plan { state, requires_replace }
}

/// What the rules of a resource look at: a plan, with the write-only values that only the configuration has.
pub(crate) fn view(body: &Body, config: &Value, planned: Value) -> Value {
    rebuild(body, [config], planned, &mut |place, value| {
        let [config] = place.counterparts;
        if place.field.write_only { Next::Settled(config.clone()) } else { Next::Into(value) }
    })
}

/// What the rules of a resource look at while a configuration is validated: the plan of a new object.
pub(crate) fn view_of_new(body: &Body, config: &Value) -> Value {
    let planned = plan(Request { body, config, prior: &Value::Null, proposed: config.clone(), imported: false });
    view(body, config, planned.state)
}

#[cfg(test)]
mod tests;
