//! What Terraform itself demands of plans and states. It calls a violation a bug of the provider and may lose the object,
//! so debug builds check every answer before it is sent. Written apart from what makes the answers, on purpose.

use super::path::{Path, Step};
use super::schema::{Body, Field, Nesting, Shape};
use super::value::Value;
use super::walk::visit;

/// Everything in a planned state that Terraform would refuse: a plan agrees with the configuration, save for what the
/// provider may compute, and keeps a prior value only where one is configured.
pub(crate) fn plan_violations(body: &Body, config: &Value, prior: &Value, planned: &Value) -> Vec<String> {
    let mut violations = Vec::new();
    if config.is_null() != planned.is_null() {
        violations.push("the plan is null exactly when the configuration is".to_owned());
    }
    visit(body, [planned, config, prior], &mut |field, [planned, config, prior], path| match plan_violation(
        field, config, prior, planned,
    ) {
        Verdict::Fine => false,
        Verdict::GoOn => true,
        Verdict::Wrong(reason) => {
            violations.push(format!("{path}: {reason}"));
            false
        }
    });
    violations.extend(shape_violations(body, planned));
    violations
}

enum Verdict {
    Fine,
    GoOn,
    Wrong(&'static str),
}

fn plan_violation(field: &Field, config: &Value, prior: &Value, planned: &Value) -> Verdict {
    let may_compute = field.is_computed() || field.default.is_some();
    let is_block = matches!(field.shape, Shape::Block(..));
    if field.write_only {
        return if planned.is_null() { Verdict::Fine } else { Verdict::Wrong("a write-only value is planned") };
    }
    match (config.is_null(), planned.is_unknown()) {
        (true, _) if may_compute => Verdict::Fine,
        (true, _) if planned.is_null() || (is_block && planned.is_empty_collection()) => Verdict::Fine,
        (true, _) => Verdict::Wrong("a value is planned that is neither configured nor computed"),
        (false, _) if planned == config => Verdict::Fine,
        (false, _) if planned == prior && !prior.is_null() => Verdict::Fine,
        (false, true) => Verdict::Wrong("a configured value is planned unknown"),
        (false, false) => nested_violation(field, config, planned),
    }
}

fn nested_violation(field: &Field, config: &Value, planned: &Value) -> Verdict {
    match (field.shape.nested(), config, planned) {
        (Some((Nesting::Set, _)), ..) | (None, ..) => {
            Verdict::Wrong("another value than the configured one is planned")
        }
        (Some(_), Value::List(one), Value::List(other)) if one.len() == other.len() => Verdict::GoOn,
        (Some(_), Value::Map(one), Value::Map(other)) if one.keys().eq(other.keys()) => Verdict::GoOn,
        (Some(_), ..) => Verdict::Wrong("more or fewer elements than configured are planned"),
    }
}

/// Everything in a new state that Terraform would refuse after the apply of `planned`: known planned values stay, nothing
/// is unknown, and nothing write-only is there.
pub(crate) fn state_violations(body: &Body, planned: &Value, state: &Value) -> Vec<String> {
    let mut violations = shape_violations(body, state);
    if !state.is_wholly_known() {
        violations.push("the state holds unknown values".to_owned());
    }
    visit(body, [state], &mut |field, [value], path| {
        if field.write_only && !value.is_null() {
            violations.push(format!("{path}: a write-only value is in the state"));
        }
        true
    });
    compare(planned, state, &Path::ROOT, &mut violations);
    violations
}

/// Known parts of `planned` are the same in `state`; sets may lose elements that turned out to be equal.
pub(crate) fn compare(planned: &Value, state: &Value, path: &Path, violations: &mut Vec<String>) {
    match (planned, state) {
        (Value::Unknown, _) => {}
        (Value::List(planned), Value::List(state)) if planned.len() == state.len() => {
            for (index, (planned, state)) in planned.iter().zip(state).enumerate() {
                compare(planned, state, &path.then(Step::Index(index)), violations);
            }
        }
        (Value::Map(planned), Value::Map(state)) if planned.keys().eq(state.keys()) => {
            for ((key, planned), state) in planned.iter().zip(state.values()) {
                compare(planned, state, &path.field(key), violations);
            }
        }
        (Value::Set(elements), Value::Set(state)) if !planned.is_wholly_known() && state.len() <= elements.len() => {}
        (planned, state) if planned == state => {}
        _ => violations.push(format!("{path}: another value than the planned one")),
    }
}

/// Every object has exactly the schema's attributes, and blocks that may repeat are never null.
pub(crate) fn shape_violations(body: &Body, object: &Value) -> Vec<String> {
    let mut violations = exact_keys(body, object, &Path::ROOT);
    visit(body, [object], &mut |field, [value], path| {
        if matches!(field.shape, Shape::Block(nesting, ..) if nesting != Nesting::Single) && value.is_null() {
            violations.push(format!("{path}: a repeated block is null"));
        }
        let Some((nesting, body)) = field.shape.nested() else { return false };
        match (nesting, value) {
            (Nesting::Single, object) => violations.extend(exact_keys(body, object, path)),
            (_, Value::List(elements) | Value::Set(elements)) => {
                violations.extend(elements.iter().flat_map(|element| exact_keys(body, element, path)));
            }
            (_, Value::Map(entries)) => {
                violations.extend(entries.values().flat_map(|element| exact_keys(body, element, path)));
            }
            _ => {}
        }
        true
    });
    violations
}

fn exact_keys(body: &Body, object: &Value, path: &Path) -> Vec<String> {
    let Value::Map(entries) = object else { return Vec::new() };
    let mut expected: Vec<&str> = body.fields.iter().map(|field| field.name).collect();
    expected.sort_unstable();
    let exact = entries.keys().map(String::as_str).eq(expected);
    if exact { Vec::new() } else { vec![format!("{path}: the attributes are not exactly the schema's")] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::schema::Usage;
    use crate::framework::types::Type;

    fn string(name: &'static str, usage: Usage) -> Field {
        Field { usage, ..Field::new(name, Shape::Plain(Type::String), "Text.") }
    }

    fn body() -> Body {
        let server = Body { description: "A server.", fields: vec![string("host", Usage::Required)] };
        let fields = vec![
            string("id", Usage::Computed),
            string("name", Usage::Optional),
            Field { write_only: true, ..string("secret", Usage::Optional) },
            Field::new("server", Shape::Block(Nesting::List, server, 0, 0), "Servers."),
        ];
        Body { description: "A thing.", fields }
    }

    fn thing(id: Value, name: Value, secret: Value, hosts: &[&str]) -> Value {
        let servers = hosts.iter().map(|host| Value::object([("host", Value::from(*host))])).collect();
        Value::object([("id", id), ("name", name), ("secret", secret), ("server", Value::List(servers))])
    }

    fn config() -> Value {
        thing(Value::Null, "n".into(), "s".into(), &["h"])
    }

    #[test]
    fn a_sound_plan_and_state_have_no_violation() {
        let planned = thing(Value::Unknown, "n".into(), Value::Null, &["h"]);
        assert_eq!(plan_violations(&body(), &config(), &Value::Null, &planned), Vec::<String>::new());
        let state = thing("i".into(), "n".into(), Value::Null, &["h"]);
        assert_eq!(state_violations(&body(), &planned, &state), Vec::<String>::new());
        let other = thing(Value::Null, "m".into(), "s".into(), &["h"]);
        assert_eq!(plan_violations(&body(), &other, &state, &state), Vec::<String>::new(), "keeps the prior name");
    }

    #[test]
    fn each_violation_of_a_plan_is_found() {
        let unset = thing(Value::Null, Value::Null, Value::Null, &[]);
        let cases = [
            (
                &config(),
                thing(Value::Unknown, "m".into(), Value::Null, &["h"]),
                "name: another value than the configured one is planned",
            ),
            (
                &config(),
                thing(Value::Unknown, Value::Unknown, Value::Null, &["h"]),
                "name: a configured value is planned unknown",
            ),
            (&config(), thing(Value::Unknown, "n".into(), "s".into(), &["h"]), "secret: a write-only value is planned"),
            (
                &config(),
                thing(Value::Unknown, "n".into(), Value::Null, &[]),
                "server: more or fewer elements than configured are planned",
            ),
            (
                &config(),
                thing(Value::Unknown, "n".into(), Value::Null, &["g"]),
                "server[0].host: another value than the configured one is planned",
            ),
            (
                &unset,
                thing(Value::Unknown, "n".into(), Value::Null, &[]),
                "name: a value is planned that is neither configured nor computed",
            ),
            (&config(), Value::Null, "the plan is null exactly when the configuration is"),
        ];
        for (config, planned, violation) in cases {
            let found = plan_violations(&body(), config, &Value::Null, &planned);
            assert!(found.iter().any(|found| found == violation), "{found:?} lacks {violation}");
        }
    }

    #[test]
    fn each_violation_of_a_state_is_found() {
        let planned = thing(Value::Unknown, "n".into(), Value::Null, &["h"]);
        let cases = [
            (thing(Value::Unknown, "n".into(), Value::Null, &["h"]), "the state holds unknown values"),
            (thing("i".into(), "m".into(), Value::Null, &["h"]), "name: another value than the planned one"),
            (thing("i".into(), "n".into(), "s".into(), &["h"]), "secret: a write-only value is in the state"),
            (thing("i".into(), "n".into(), Value::Null, &["h", "g"]), "server: another value than the planned one"),
            (Value::object([("id", Value::from("i"))]), ": the attributes are not exactly the schema's"),
            (
                Value::object([
                    ("id", Value::from("i")),
                    ("name", "n".into()),
                    ("secret", Value::Null),
                    ("server", Value::Null),
                ]),
                "server: a repeated block is null",
            ),
        ];
        for (state, violation) in cases {
            let found = state_violations(&body(), &planned, &state);
            assert!(found.iter().any(|found| found == violation), "{found:?} lacks {violation}");
        }
    }
}
