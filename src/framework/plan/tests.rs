use proptest::prelude::*;

use super::*;
use crate::framework::invariants::{compare, plan_violations};
use crate::framework::model::{Computed, Model, WriteOnly};
use crate::framework::path::Step;
use crate::framework::walk::{Next, rebuild};

/// A network.
#[derive(Clone, Debug, Default, PartialEq, Model)]
struct Network {
    /// The ID.
    #[tf(computed)]
    id: Computed<String>,
    /// The address, derived of the name.
    #[tf(computed, changes_with("name"))]
    address: Computed<String>,
    /// The revision.
    #[tf(computed, volatile)]
    revision: Computed<i64>,
    /// The state.
    #[tf(computed, settles = "ACTIVE")]
    state: Computed<String>,
    /// The name.
    #[tf(required)]
    name: String,
    /// The region.
    #[tf(required, force_new, same = same_region)]
    region: String,
    /// The level.
    #[tf(optional, default = "AU")]
    level: String,
    /// The zone.
    #[tf(optional, computed)]
    zone: Computed<String>,
    /// A secret.
    #[tf(optional, write_only)]
    secret: WriteOnly<String>,
    /// Its version.
    #[tf(optional, config_only)]
    secret_version: Option<i64>,
    /// A key that is never answered.
    #[tf(optional, carried, force_new)]
    key: Option<String>,
    /// Rules.
    #[tf(block)]
    rule: Vec<RuleBlock>,
    /// Labels.
    #[tf(optional)]
    labels: std::collections::BTreeMap<String, Label>,
}

/// A rule.
#[derive(Clone, Debug, Default, PartialEq, Model)]
struct RuleBlock {
    /// The ID.
    #[tf(computed)]
    id: Computed<String>,
    /// The port.
    #[tf(required)]
    port: i64,
    /// The protocol.
    #[tf(optional, default = "TCP", force_new)]
    protocol: String,
}

/// A label.
#[derive(Clone, Debug, Default, PartialEq, Model)]
struct Label {
    /// The ID.
    #[tf(computed)]
    id: Computed<String>,
    /// The text.
    #[tf(required)]
    text: String,
}

fn same_region(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// An object with these attributes and null for all others.
fn object(attributes: &[(&str, Value)]) -> Value {
    let given = Value::object(attributes.iter().map(|(name, value)| (*name, value.clone())));
    rebuild(&Network::body(), [], given, &mut |_, value| Next::Into(value))
}

/// Terraform's merge: what is configured, else the prior value where the attribute is computed.
fn proposed(config: &Value, prior: &Value) -> Value {
    rebuild(&Network::body(), [prior], config.clone(), &mut |place, value| {
        let computed = place.field.is_computed() || place.field.default.is_some();
        if value.is_null() && computed { Next::Settled(place.counterparts[0].clone()) } else { Next::Into(value) }
    })
}

fn planned_as(config: &Value, prior: &Value, imported: bool) -> Plan {
    plan(Request { body: &Network::body(), config, prior, proposed: proposed(config, prior), imported })
}

fn planned(config: &Value, prior: &Value) -> Plan {
    planned_as(config, prior, false)
}

fn config() -> Value {
    object(&[("name", "n".into()), ("region", "gz".into())])
}

fn with(object: &Value, name: &str, value: Value) -> Value {
    let Value::Map(mut entries) = object.clone() else { panic!("an object") };
    entries.insert(name.to_owned(), value);
    Value::Map(entries)
}

/// A state as an apply of `config` would leave it.
fn applied(config: &Value) -> Value {
    let mut number = 0;
    rebuild(&Network::body(), [], planned(config, &Value::Null).state, &mut |place, value| {
        number += 1;
        match value {
            Value::Unknown => {
                let known = || format!("known-{number}").as_str().into();
                Next::Settled(place.field.settles.clone().unwrap_or_else(known))
            }
            value => Next::Into(value),
        }
    })
}

fn rules(rules: &[(i64, &str)]) -> Value {
    let rule =
        |(port, protocol): &(i64, &str)| Value::object([("port", (*port).into()), ("protocol", (*protocol).into())]);
    Value::List(rules.iter().map(rule).collect())
}

fn rule_path(index: usize, name: &str) -> Path {
    Path::attribute("rule").then(Step::Index(index)).field(name)
}

fn at<'a>(value: &'a Value, path: &Path) -> &'a Value {
    path.steps().iter().fold(value, |value, step| value.child(step))
}

#[test]
fn a_creation_makes_everything_computed_unknown_and_fills_in_defaults() {
    let Plan { state, requires_replace } = planned(&with(&config(), "rule", rules(&[(80, "UDP")])), &Value::Null);
    for name in ["id", "address", "revision", "state", "zone"] {
        assert!(state.field(name).is_unknown(), "{name}");
    }
    assert!(at(&state, &rule_path(0, "id")).is_unknown());
    assert_eq!(state.field("level"), &"AU".into());
    assert!(state.field("key").is_null());
    assert_eq!(requires_replace, []);
}

#[test]
fn a_default_inside_a_block_is_filled_in() {
    let rule = Value::List(vec![Value::object([("port", 80.into())])]);
    let state = planned(&with(&config(), "rule", rule), &Value::Null).state;
    assert_eq!(at(&state, &rule_path(0, "protocol")), &"TCP".into());
}

#[test]
fn a_plan_without_change_is_the_prior_state() {
    let config = with(&config(), "rule", rules(&[(80, "TCP"), (81, "TCP")]));
    let prior = applied(&config);
    assert_eq!(planned(&config, &prior), Plan { state: prior, requires_replace: vec![] });
}

#[test]
fn an_update_keeps_what_does_not_depend_on_the_change() {
    let prior = applied(&config());
    let state = planned(&with(&config(), "level", "PT".into()), &prior).state;
    assert_eq!(state.field("id"), prior.field("id"));
    assert_eq!(state.field("address"), prior.field("address"));
    assert!(state.field("revision").is_unknown());
}

#[test]
fn a_computed_value_is_unknown_when_what_it_depends_on_changes() {
    let state = planned(&with(&config(), "name", "m".into()), &applied(&config())).state;
    assert!(state.field("address").is_unknown());
    assert!(!state.field("id").is_unknown());
}

#[test]
fn a_value_that_left_what_it_settles_to_is_a_change_in_place() {
    let config = with(&config(), "rule", rules(&[(80, "TCP")]));
    let settled = applied(&config);
    for strayed in ["DETACHED".into(), Value::Null] {
        let prior = with(&settled, "state", strayed);
        for imported in [false, true] {
            let plan = planned_as(&config, &prior, imported);
            assert_eq!((plan.state.field("state"), &plan.requires_replace[..]), (&"ACTIVE".into(), &[][..]));
            assert!(differs(&Network::body(), &prior, &plan.state, imported));
            assert!(plan.state.field("revision").is_unknown(), "it is an update");
        }
    }
    assert_eq!(planned(&config, &settled).state, settled);
}

#[test]
fn an_unknown_configured_value_is_planned_unknown() {
    let state = planned(&with(&config(), "name", Value::Unknown), &Value::Null).state;
    assert!(state.field("name").is_unknown());
    let state = planned(&with(&config(), "rule", Value::Unknown), &applied(&config())).state;
    assert!(state.field("rule").is_unknown());
}

#[test]
fn a_write_only_value_is_null_in_the_plan_and_changes_nothing() {
    let config = with(&config(), "secret", "canary".into());
    let prior = applied(&config);
    assert!(prior.field("secret").is_null());
    assert_eq!(planned(&config, &prior).state, prior);
}

#[test]
fn a_change_that_needs_a_new_object_is_named() {
    let plan = planned(&with(&config(), "region", "sh".into()), &applied(&config()));
    assert_eq!(plan.requires_replace, [Path::attribute("region")]);
    let plan = planned(&with(&config(), "region", Value::Unknown), &applied(&config()));
    assert_eq!(plan.requires_replace, [Path::attribute("region")]);
}

#[test]
fn a_nested_change_that_needs_a_new_object_has_a_path_that_exists() {
    let before = with(&config(), "rule", rules(&[(80, "TCP"), (81, "TCP")]));
    let changed = with(&config(), "rule", rules(&[(80, "UDP"), (81, "TCP")]));
    assert_eq!(planned(&changed, &applied(&before)).requires_replace, [rule_path(0, "protocol")]);
    let fewer = with(&config(), "rule", rules(&[(80, "TCP")]));
    assert_eq!(planned(&fewer, &applied(&before)).requires_replace, [rule_path(1, "protocol")]);
}

#[test]
fn another_spelling_of_the_same_value_is_no_change() {
    let prior = applied(&config());
    assert_eq!(
        planned(&with(&config(), "region", "GZ".into()), &prior),
        Plan { state: prior, requires_replace: vec![] }
    );
}

#[test]
fn computed_values_do_not_move_to_other_elements_of_a_list() {
    let before = with(&config(), "rule", rules(&[(80, "TCP"), (81, "TCP")]));
    let state = planned(&with(&config(), "rule", rules(&[(81, "TCP")])), &applied(&before)).state;
    assert!(at(&state, &rule_path(0, "id")).is_unknown());
    let longer = with(&config(), "rule", rules(&[(80, "TCP"), (81, "TCP"), (82, "TCP")]));
    let state = planned(&longer, &applied(&before)).state;
    assert!(!at(&state, &rule_path(1, "id")).is_unknown());
    assert!(at(&state, &rule_path(2, "id")).is_unknown());
}

#[test]
fn computed_values_stay_with_the_elements_of_a_map() {
    let label = |text: &str| Value::object([("a", Value::object([("text", Value::from(text))]))]);
    let prior = applied(&with(&config(), "labels", label("x")));
    let state = planned(&with(&config(), "labels", label("y")), &prior).state;
    assert_eq!(state.field("labels").field("a").field("id"), prior.field("labels").field("a").field("id"));
}

#[test]
fn an_imported_object_takes_on_what_the_api_cannot_tell() {
    let prior = applied(&config());
    let config = with(&with(&config(), "secret_version", 1.into()), "key", "k".into());
    let plan = planned_as(&config, &prior, true);
    assert_eq!(plan.requires_replace, []);
    assert_eq!(plan.state, with(&with(&prior, "secret_version", 1.into()), "key", "k".into()));
    assert!(!differs(&Network::body(), &prior, &plan.state, true));
}

#[test]
fn on_an_object_that_was_not_imported_the_same_is_a_change() {
    let prior = applied(&config());
    let plan = planned(&with(&config(), "secret_version", 1.into()), &prior);
    assert!(plan.state.field("revision").is_unknown());
    let plan = planned(&with(&config(), "key", "k".into()), &prior);
    assert_eq!(plan.requires_replace, [Path::attribute("key")]);
}

#[test]
fn a_destruction_plans_null() {
    let prior = applied(&config());
    let plan = plan(Request {
        body: &Network::body(),
        config: &Value::Null,
        prior: &prior,
        proposed: Value::Null,
        imported: false,
    });
    assert_eq!(plan, Plan { state: Value::Null, requires_replace: vec![] });
}

#[test]
fn a_plan_made_when_more_is_known_agrees_with_the_first() {
    let prior = applied(&config());
    let first = planned(&with(&config(), "name", Value::Unknown), &prior).state;
    for name in ["n", "m"] {
        let second = planned(&with(&config(), "name", name.into()), &prior).state;
        for field in Network::body().fields {
            let (first, second) = (first.field(field.name), second.field(field.name));
            assert!(first.is_unknown() || first == second, "{}", field.name);
        }
    }
}

/// Configurations of few different values, so that two of them often agree in parts.
fn configurations() -> impl Strategy<Value = Value> {
    let text = || prop_oneof![Just(Value::from("a")), Just(Value::from("b"))];
    let known_or_not = |value: BoxedStrategy<Value>| prop_oneof![4 => value, 1 => Just(Value::Unknown)];
    let optional = || prop_oneof![text(), Just(Value::Null)].boxed();
    let rule = (1..3i64, optional()).prop_map(|(port, protocol)| {
        Value::object([("id", Value::Null), ("port", port.into()), ("protocol", protocol)])
    });
    let rules = proptest::collection::vec(rule, 0..3).prop_map(Value::List).boxed();
    let parts = (known_or_not(text().boxed()), known_or_not(text().boxed()), known_or_not(optional()));
    (parts, optional(), optional(), known_or_not(rules)).prop_map(|((name, region, level), zone, key, rule)| {
        object(&[("name", name), ("region", region), ("level", level), ("zone", zone), ("key", key), ("rule", rule)])
    })
}

/// The configuration with everything known.
fn known(config: &Value) -> Value {
    rebuild(&Network::body(), [], config.clone(), &mut |place, value| match (place.field.name, value) {
        ("rule", Value::Unknown) => Next::Settled(rules(&[(1, "a")])),
        (_, Value::Unknown) => Next::Settled("a".into()),
        (_, value) => Next::Into(value),
    })
}

proptest! {
    #[test]
    fn terraforms_rules_hold_for_every_plan(before in configurations(), config in configurations(), imported: bool) {
        let (body, prior) = (Network::body(), applied(&known(&before)));
        for prior in [&Value::Null, &prior] {
            let first = planned_as(&config, prior, imported).state;
            prop_assert_eq!(plan_violations(&body, &config, prior, &first), Vec::<String>::new());
            let second = planned_as(&known(&config), prior, imported).state;
            prop_assert_eq!(plan_violations(&body, &known(&config), prior, &second), Vec::<String>::new());
            let mut compatible = Vec::new();
            compare(&first, &second, &Path::ROOT, &mut compatible);
            prop_assert_eq!(compatible, Vec::<String>::new());
        }
        prop_assert_eq!(planned(&known(&before), &prior).state, prior);
    }
}
