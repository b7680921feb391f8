//! What Terraform is told of an object, made of what it has and what the resource answered.

use super::path::Path;
use super::schema::{Body, Field, Nesting, Origin, Usage};
use super::value::Value;
use super::walk::{Next, fill_unknowns, rebuild, same_elements};

/// A state to answer with, and what was wrong on the way to it.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) state: Value,
    /// Attributes that the resource left unknown, or whose number is not finite; they are null in the state.
    pub(crate) unknown: Vec<Path>,
    /// Attributes for which the resource answered another value than the planned one, which is kept.
    pub(crate) overruled: Vec<Path>,
}

/// What a read found, without the blocks that the configuration may leave out and the state does not have.
pub(crate) fn opted_in(body: &Body, state: &Value, found: Value) -> Value {
    rebuild(body, [state], found, &mut |place, value| {
        let [state] = place.counterparts;
        if place.field.opt_in && state.is_null() { Next::Settled(Value::Null) } else { Next::Into(value) }
    })
}

/// The state after a read: what the resource found, with the prior value of what the API does not answer, and with the
/// prior spelling of what means the same.
pub(crate) fn after_read(body: &Body, prior: &Value, found: Value) -> Answer {
    let mut unknown = Vec::new();
    let state = rebuild(body, [prior], found, &mut |place, value| {
        let [prior] = place.counterparts;
        let field = place.field;
        let carried = field.origin != Origin::Api;
        if field.write_only {
            Next::Settled(Value::Null)
        } else if carried || is_same(field, prior, &value) {
            Next::Settled(if *prior == Value::Null { field.shape.absent() } else { prior.clone() })
        } else if is_entered(field, &value) {
            Next::Into(value)
        } else {
            if !value.is_wholly_known() {
                unknown.push(place.path.clone());
            }
            Next::Settled(value.without_unknowns())
        }
    });
    Answer { state, unknown, overruled: Vec::new() }
}

/// The state after a successful write: what was planned, and what the resource answered where the plan left it open.
/// Terraform demands that known planned values stay as they are, whatever the API made of them.
pub(crate) fn after_write(body: &Body, planned: Value, answered: &Value) -> Answer {
    let mut unknown = Vec::new();
    let mut overruled = Vec::new();
    let state = rebuild(body, [answered], planned, &mut |place, planned| {
        let [answered] = place.counterparts;
        let field = place.field;
        if field.write_only {
            return Next::Settled(Value::Null);
        }
        if planned.is_unknown() {
            if !answered.is_wholly_known() {
                unknown.push(place.path.clone());
            }
            return Next::Settled(answered.clone().without_unknowns());
        }
        if is_entered(field, &planned) && same_elements(&planned, answered) {
            return Next::Into(planned);
        }
        if field.origin == Origin::Api && planned != *answered && !is_same(field, &planned, answered) {
            overruled.push(place.path.clone());
        }
        Next::Settled(fill_unknowns(planned, answered))
    });
    Answer { state, unknown, overruled }
}

/// The state of an object of which only a part is known, after a failure: what the resource kept, with null for the rest.
/// The framework's own attributes are those of `reference`, the plan or the prior state.
pub(crate) fn partial(body: &Body, reference: &Value, kept: Value) -> Value {
    rebuild(body, [reference], kept, &mut |place, value| {
        let [reference] = place.counterparts;
        let field = place.field;
        if field.write_only {
            Next::Settled(Value::Null)
        } else if field.origin == Origin::Framework || is_same(field, reference, &value) {
            Next::Settled(reference.clone().without_unknowns())
        } else if is_entered(field, &value) {
            Next::Into(value)
        } else {
            Next::Settled(value.without_unknowns())
        }
    })
}

/// Whether two values are the same to a user: equal by the attribute's own comparison, or both without content where an
/// argument may be left out. Rust models hold an empty list both for `[]` and for nothing.
fn is_same(field: &Field, one: &Value, other: &Value) -> bool {
    let empty = |value: &Value| value.is_null() || value.is_empty_collection();
    let optional = field.usage == Usage::Optional && empty(one) && empty(other);
    optional || field.same.is_some_and(|same| same(one, other))
}

/// Whether the fields of nested objects are looked at one by one.
fn is_entered(field: &Field, value: &Value) -> bool {
    let nested = field.shape.nested().is_some_and(|(nesting, _)| nesting != Nesting::Set);
    nested && matches!(value, Value::Map(_) | Value::List(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::model::{Computed, Model, WriteOnly};
    use crate::framework::path::Step;

    /// A thing.
    #[derive(Clone, Debug, Default, PartialEq, Model)]
    struct Thing {
        /// The ID.
        #[tf(computed)]
        id: Computed<String>,
        /// The name.
        #[tf(required, same = same_name)]
        name: String,
        /// What for.
        #[tf(optional)]
        description: Option<String>,
        /// Tags.
        #[tf(optional)]
        tags: std::collections::BTreeMap<String, String>,
        /// Addresses.
        #[tf(required)]
        addresses: Vec<String>,
        /// A secret.
        #[tf(optional, write_only)]
        secret: WriteOnly<String>,
        /// Its version.
        #[tf(optional, config_only)]
        secret_version: Option<i64>,
        /// A token that is answered once.
        #[tf(computed, carried)]
        token: Computed<String>,
        /// What share.
        #[tf(computed)]
        share: Computed<f64>,
        /// Servers.
        #[tf(block)]
        server: Vec<Server>,
    }

    /// A server.
    #[derive(Clone, Debug, Default, PartialEq, Model)]
    struct Server {
        /// The ID.
        #[tf(computed)]
        id: Computed<String>,
        /// The port.
        #[tf(required)]
        port: i64,
    }

    fn same_name(one: &str, other: &str) -> bool {
        one.eq_ignore_ascii_case(other)
    }

    fn thing() -> Thing {
        Thing {
            id: "t-1".into(),
            name: "n".into(),
            share: 0.5.into(),
            token: "t".into(),
            secret_version: Some(1),
            server: vec![Server { id: "s-1".into(), port: 80 }],
            ..Thing::default()
        }
    }

    fn with(model: &Thing, name: &str, value: Value) -> Value {
        let Value::Map(mut entries) = model.to_object() else { panic!("an object") };
        entries.insert(name.to_owned(), value);
        Value::Map(entries)
    }

    fn server(id: Value, port: i64) -> Value {
        Value::object([("id", id), ("port", port.into())])
    }

    #[test]
    fn a_read_shows_what_changed_outside() {
        let prior = thing().to_object();
        let found = Thing { name: "m".into(), description: Some("new".into()), ..thing() };
        assert_eq!(after_read(&Thing::body(), &prior, found.to_object()).state, found.to_object());
    }

    #[test]
    fn a_read_carries_over_what_the_api_does_not_answer() {
        let found = Thing { secret_version: None, token: Computed::Null, ..thing() };
        let state = after_read(&Thing::body(), &thing().to_object(), found.to_object()).state;
        assert_eq!(state, with(&thing(), "tags", Value::Map([].into())));
    }

    #[test]
    fn an_optional_collection_that_is_empty_stays_as_it_was() {
        for was in [Value::Null, Value::Map([].into())] {
            let prior = with(&thing(), "tags", was.clone());
            assert_eq!(after_read(&Thing::body(), &prior, thing().to_object()).state.field("tags"), &was);
            assert_eq!(after_write(&Thing::body(), prior, &thing().to_object()).state.field("tags"), &was);
        }
        let state = after_read(&Thing::body(), &Value::Null, thing().to_object()).state;
        assert_eq!((state.field("tags"), state.field("addresses")), (&Value::Null, &Value::List(vec![])));
    }

    #[test]
    fn another_spelling_of_the_same_value_is_not_shown() {
        let found = Thing { name: "N".into(), ..thing() }.to_object();
        assert_eq!(after_read(&Thing::body(), &thing().to_object(), found.clone()).state.field("name"), &"n".into());
        let answer = after_write(&Thing::body(), thing().to_object(), &found);
        assert_eq!((answer.state.field("name"), answer.overruled), (&"n".into(), vec![]));
    }

    #[test]
    fn values_left_unknown_or_not_finite_are_refused() {
        let found = Thing { id: Computed::Unknown, share: f64::NAN.into(), ..thing() }.to_object();
        let answer = after_read(&Thing::body(), &Value::Null, found);
        assert_eq!(answer.unknown, ["id".into(), "share".into()]);
        assert!(answer.state.is_wholly_known());
        let answer =
            after_write(&Thing::body(), with(&thing(), "id", Value::Unknown), &Value::object([("id", Value::Unknown)]));
        assert_eq!(answer.unknown, ["id".into()]);
    }

    #[test]
    fn planned_values_win_and_the_difference_is_named() {
        let answered = Thing { name: "other".into(), id: "t-2".into(), ..thing() };
        let answer = after_write(&Thing::body(), with(&thing(), "id", Value::Unknown), &answered.to_object());
        assert_eq!(answer.state.field("name"), &"n".into());
        assert_eq!(answer.state.field("id"), &"t-2".into());
        assert_eq!(answer.overruled, ["name".into()]);
    }

    #[test]
    fn unknown_parts_of_blocks_are_filled_in() {
        let planned = with(&thing(), "server", Value::List(vec![server(Value::Unknown, 80)]));
        let answer = after_write(&Thing::body(), planned.clone(), &thing().to_object());
        assert_eq!(answer.state.field("server"), &Value::List(vec![server("s-1".into(), 80)]));
        let fewer = with(&thing(), "server", Value::List(vec![]));
        let answer = after_write(&Thing::body(), planned, &fewer);
        assert_eq!(answer.state.field("server"), &Value::List(vec![server(Value::Null, 80)]));
        assert_eq!(answer.overruled, ["server".into()]);
    }

    #[test]
    fn a_difference_inside_a_block_is_named_where_it_is() {
        let answered = Thing { server: vec![Server { id: "s-1".into(), port: 81 }], ..thing() };
        let answer = after_write(&Thing::body(), thing().to_object(), &answered.to_object());
        assert_eq!(answer.overruled, [Path::attribute("server").then(Step::Index(0)).field("port")]);
    }

    #[test]
    fn a_write_only_value_never_gets_into_a_state() {
        let leaked = with(&thing(), "secret", "canary".into());
        assert!(after_read(&Thing::body(), &leaked, leaked.clone()).state.field("secret").is_null());
        assert!(after_write(&Thing::body(), leaked.clone(), &leaked).state.field("secret").is_null());
        assert!(partial(&Thing::body(), &leaked, leaked.clone()).field("secret").is_null());
    }

    #[test]
    fn a_partial_state_holds_what_is_known_and_nothing_unknown() {
        let kept = Thing { token: Computed::Unknown, ..thing() }.to_object();
        let state = partial(&Thing::body(), &with(&thing(), "tags", Value::Null), kept);
        assert_eq!(state.field("token"), &Value::Null);
        assert_eq!(state.field("id"), &"t-1".into());
        assert_eq!(state.field("tags"), &Value::Null);
    }
}
