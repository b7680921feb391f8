//! What the schema alone says of a configuration. Terraform checks types and required arguments itself; it does not
//! refuse values for read-only attributes and does not warn where something deprecated is set.

use super::diagnostics::{Diagnostics, sentence};
use super::path::Path;
use super::plan::with_defaults;
use super::schema::{Body, Field, Shape, Usage};
use super::value::Value;
use super::walk::visit;

/// Everything wrong with a configuration. Unknown values are never wrong.
pub(crate) fn validate(body: &Body, config: &Value, write_only_allowed: bool) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    // Rules for whole objects see the defaults of what is left out in them.
    let complete = with_defaults(body, config.clone());
    visit(body, [config, &complete], &mut |field, [value, complete], path| {
        check_presence(field, value, path, &mut diagnostics);
        if value.is_null() || value.is_unknown() {
            return false;
        }
        if field.write_only && !write_only_allowed {
            let detail = "This value is not stored anywhere, which needs Terraform 1.11 or later.";
            diagnostics.error(path.clone(), "Write-only argument", detail);
        }
        check_use(field, value, path, &mut diagnostics);
        // The elements of a set have no counterparts, and no defaults.
        let complete = if complete.is_null() { value } else { complete };
        for (path, problem) in field.rules.iter().flat_map(|rule| rule.violations(complete, path)) {
            diagnostics.error(path, "Invalid value", sentence(&problem));
        }
        true
    });
    diagnostics
}

/// Whether what must be there is, and nothing that must not.
fn check_presence(field: &Field, value: &Value, path: &Path, diagnostics: &mut Diagnostics) {
    if field.usage == Usage::Required && value.is_null() {
        diagnostics.error(path.clone(), "Missing argument", "The argument is required, but it is not set.");
    }
    if let (Shape::Block(_, _, min, max), Some(count)) = (&field.shape, occurrences(value)) {
        let (min, max) = (usize::try_from(*min).unwrap_or(usize::MAX), usize::try_from(*max).unwrap_or(usize::MAX));
        if count < min {
            diagnostics.error(path.clone(), "Missing block", format!("Expected at least {min} of these blocks."));
        }
        if max > 0 && count > max {
            diagnostics.error(path.clone(), "Too many blocks", format!("Expected at most {max} of these blocks."));
        }
    }
}

/// How often a block occurs, where that is known.
fn occurrences(value: &Value) -> Option<usize> {
    match value {
        Value::Null => Some(0),
        Value::Map(_) => Some(1),
        Value::List(elements) | Value::Set(elements) => Some(elements.len()),
        _ => None,
    }
}

fn check_use(field: &Field, value: &Value, path: &Path, diagnostics: &mut Diagnostics) {
    if !field.is_settable() {
        let detail = "The provider sets this attribute: remove it from the configuration.";
        diagnostics.error(path.clone(), "Read-only attribute", detail);
    }
    if let (Some(why), false) = (field.deprecated, value.is_empty_collection()) {
        diagnostics.warning(path.clone(), "Deprecated argument", why);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::framework::model::{Computed, Model, WriteOnly};
    use crate::framework::path::Step;
    use crate::framework::walk::{Next, rebuild};

    /// A thing.
    #[derive(Clone, Debug, Default, PartialEq, Model)]
    struct Thing {
        /// The ID.
        #[tf(computed)]
        id: Computed<String>,
        /// The name.
        #[tf(required, length(1..=3))]
        name: String,
        /// A secret.
        #[tf(optional, write_only)]
        secret: WriteOnly<String>,
        /// Old.
        #[tf(optional, deprecated = "Use `name`.")]
        label: Option<String>,
        /// Servers.
        #[tf(block, min = 1, max = 2, each = check_server)]
        server: Vec<Server>,
        /// Zones.
        #[tf(optional)]
        zones: BTreeSet<Zone>,
    }

    /// A zone.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Model)]
    struct Zone {
        /// The name.
        #[tf(required, length(1..=3))]
        name: String,
    }

    /// A server.
    #[derive(Clone, Debug, Default, PartialEq, Model)]
    struct Server {
        /// The port.
        #[tf(required, range(1..=65535))]
        port: i64,
        /// The protocol.
        #[tf(optional, default = "HTTP")]
        protocol: String,
    }

    fn check_server(server: &Server) -> Result<(), String> {
        let secure = server.port == 443 && server.protocol == "HTTP";
        if secure { Err("Expected another protocol on port 443.".to_owned()) } else { Ok(()) }
    }

    fn thing(attributes: &[(&str, Value)]) -> Value {
        let given = Value::object(attributes.iter().cloned());
        rebuild(&Thing::body(), [], given, &mut |_, value| Next::Into(value))
    }

    fn servers(ports: &[i64]) -> Value {
        Value::List(ports.iter().map(|port| Value::object([("port", Value::from(*port))])).collect())
    }

    fn found(config: &Value, write_only_allowed: bool) -> Vec<(String, String)> {
        let diagnostics = validate(&Thing::body(), config, write_only_allowed);
        diagnostics.into_iter().map(|found| (found.path.to_string(), found.summary)).collect()
    }

    fn problem(path: &str, summary: &str) -> (String, String) {
        (path.to_owned(), summary.to_owned())
    }

    #[test]
    fn a_sound_configuration_has_no_problem() {
        let config = thing(&[("name", "n".into()), ("secret", "s".into()), ("server", servers(&[80]))]);
        assert_eq!(found(&config, true), []);
    }

    #[test]
    fn everything_wrong_is_found_at_once() {
        let config = thing(&[
            ("id", "mine".into()),
            ("secret", "s".into()),
            ("label", "l".into()),
            ("server", servers(&[0, 80, 99999])),
        ]);
        let port = |index| Path::attribute("server").then(Step::Index(index)).field("port").to_string();
        let expected = [
            problem("id", "Read-only attribute"),
            problem("name", "Missing argument"),
            problem("secret", "Write-only argument"),
            problem("label", "Deprecated argument"),
            problem("server", "Too many blocks"),
            problem(&port(0), "Invalid value"),
            problem(&port(2), "Invalid value"),
        ];
        assert_eq!(found(&config, false), expected);
        assert_eq!(found(&thing(&[("name", "n".into())]), true), [problem("server", "Missing block")]);
    }

    #[test]
    fn rules_hold_inside_sets_whose_elements_have_no_path() {
        let zones = Value::set(["ok", "long name"].map(|name| Value::object([("name", Value::from(name))])));
        let config = thing(&[("name", "n".into()), ("server", servers(&[80])), ("zones", zones)]);
        assert_eq!(found(&config, true), [problem("zones[*].name", "Invalid value")]);
    }

    #[test]
    fn a_rule_for_a_block_sees_the_defaults_in_it() {
        let config = thing(&[("name", "n".into()), ("server", servers(&[443]))]);
        assert_eq!(found(&config, true), [problem("server[0]", "Invalid value")]);
    }

    #[test]
    fn a_problem_is_told_as_a_sentence() {
        let config = thing(&[("name", "long name".into()), ("server", servers(&[80]))]);
        let detail = validate(&Thing::body(), &config, true).into_iter().next().unwrap().detail;
        assert!(detail.starts_with(char::is_uppercase) && detail.ends_with('.'), "{detail}");
    }

    #[test]
    fn unknown_values_are_never_wrong() {
        let unknown = Value::object(Thing::body().fields.iter().map(|field| (field.name, Value::Unknown)));
        assert_eq!(found(&unknown, false), []);
    }
}
