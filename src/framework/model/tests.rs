use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::framework::path::Path;
use crate::framework::schema::{Field, Identity, Kind, Nesting, Origin, Renewal, Rule, Schema, Shape, Usage, problems};
use crate::framework::types::Type;

/// A gateway.
///
/// It has *everything*.
#[derive(Clone, Debug, Default, PartialEq, Model)]
struct Gateway {
    /// The ID.
    #[tf(computed, identity)]
    id: Computed<String>,
    /// The account.
    #[tf(optional, computed, identity(optional), changes_with("name"))]
    account: Computed<String>,
    /// The name.
    #[tf(required, length(1..=60), check = starts_lower)]
    name: String,
    /// The level.
    #[tf(optional, default = "AU", force_new, one_of("PT", "AU"))]
    level: String,
    /// How many.
    #[tf(optional, default = -1, range(-1..=10))]
    count_of_things: i64,
    /// What share.
    #[tf(optional, default = 0.5, range(0.0..=1.0))]
    share: f64,
    /// Whether.
    #[tf(optional, default = true)]
    enabled: bool,
    /// What for.
    #[tf(optional, sensitive, carried, same = same_text)]
    r#match: Option<String>,
    /// Labels.
    #[tf(optional, each = starts_lower)]
    labels: BTreeMap<String, String>,
    /// Hosts.
    #[tf(optional)]
    hosts: BTreeSet<String>,
    /// A secret.
    #[tf(optional, write_only)]
    secret: WriteOnly<String>,
    /// The secret's version.
    #[tf(optional, config_only, deprecated = "It does nothing.")]
    secret_version: Option<i64>,
    /// Where it listens.
    #[tf(block, min = 1, max = 3)]
    server: Vec<Server>,
    /// What it rests on.
    #[tf(block)]
    base: Server,
    /// What it may rest on.
    #[tf(block)]
    other: Option<Server>,
    /// Where it can be reached.
    #[tf(computed, volatile)]
    endpoints: Computed<Vec<Endpoint>>,
    /// Its state.
    #[tf(computed, settles = "RUNNING")]
    state: Computed<String>,
    /// What differs.
    #[tf(computed, settles = [])]
    drift: Computed<Vec<String>>,
    /// Anything.
    #[tf(optional)]
    anything: Option<Value>,
}

/// A server.
#[derive(Clone, Debug, Default, PartialEq, Model)]
struct Server {
    /// The port.
    #[tf(required)]
    port: i64,
}

/// An endpoint.
#[derive(Clone, Debug, Default, PartialEq, Model)]
struct Endpoint {
    /// The address.
    #[tf(computed)]
    address: Computed<String>,
}

fn starts_lower(text: &str) -> Result<(), String> {
    let lower = text.starts_with(|first: char| first.is_ascii_lowercase());
    if lower { Ok(()) } else { Err("Expected a lower case letter first.".to_owned()) }
}

fn same_text(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn field(name: &str) -> Field {
    Gateway::body().field(name).expect(name).clone()
}

fn full() -> Gateway {
    Gateway {
        id: "gw-1".into(),
        account: Computed::Unknown,
        name: "a".to_owned(),
        level: "PT".to_owned(),
        count_of_things: 3,
        share: 0.25,
        enabled: true,
        r#match: Some("m".to_owned()),
        labels: [("k".to_owned(), "v".to_owned())].into(),
        hosts: ["h".to_owned()].into(),
        secret: WriteOnly::default(),
        secret_version: Some(2),
        server: vec![Server { port: 80 }],
        base: Server { port: 1 },
        other: None,
        endpoints: vec![Endpoint { address: None.into() }].into(),
        state: "RUNNING".into(),
        drift: vec![].into(),
        anything: Some(Value::Null),
    }
}

#[test]
fn doc_comments_are_the_descriptions() {
    assert_eq!(Gateway::body().description, "A gateway.\n\nIt has *everything*.");
    assert_eq!(field("name").description, "The name.");
}

#[test]
fn a_derived_schema_is_sound() {
    assert_eq!(problems(&Schema::new(0, Gateway::body()), Kind::Resource), Vec::<String>::new());
}

#[test]
fn options_become_properties() {
    assert_eq!(field("id").usage, Usage::Computed);
    assert_eq!(field("id").identity, Some(Identity::Required));
    assert_eq!(field("account").identity, Some(Identity::Optional));
    assert_eq!(field("account").usage, Usage::OptionalComputed);
    assert_eq!(field("account").renewal, Renewal::With(&["name"]));
    assert_eq!(field("endpoints").renewal, Renewal::Always);
    assert_eq!(field("state").settles, Some("RUNNING".into()));
    assert_eq!(field("drift").settles, Some(Value::List(vec![])));
    assert_eq!(field("level").default, Some("AU".into()));
    assert_eq!(field("count_of_things").default, Some((-1).into()));
    assert!(field("level").force_new && field("match").sensitive && field("secret").write_only);
    assert_eq!(field("match").origin, Origin::Carried);
    assert_eq!(field("secret_version").origin, Origin::Configuration);
    assert_eq!(field("secret_version").deprecated, Some("It does nothing."));
    assert!(matches!(field("name").rules[..], [Rule::Length(_), Rule::Check(_)]));
    assert!(field("match").same.expect("a comparison")(&"A".into(), &"a".into()));
}

#[test]
fn rust_types_become_shapes() {
    let plain = |name| match field(name).shape {
        Shape::Plain(of) => of,
        other => panic!("{other:?}"),
    };
    assert_eq!(plain("labels"), Type::Map(Box::new(Type::String)));
    assert_eq!(plain("hosts"), Type::Set(Box::new(Type::String)));
    assert_eq!(plain("anything"), Type::Dynamic);
    assert!(matches!(field("server").shape, Shape::Block(Nesting::List, _, 1, 3)));
    assert!(matches!(field("base").shape, Shape::Block(Nesting::Single, _, 1, 1)));
    assert!(matches!(field("other").shape, Shape::Block(Nesting::Single, _, 0, 0)));
    assert!(matches!(field("endpoints").shape, Shape::Nested(Nesting::List, _)));
}

#[test]
fn a_model_survives_its_encoding() {
    let model = Gateway { anything: None, ..full() };
    assert_eq!(decode::<Gateway>(&model.to_object()), Ok(model));
}

#[test]
fn a_write_only_value_is_read_and_neither_written_nor_printed() {
    let config = Value::object([("secret", Value::from("canary"))]);
    let model: Gateway = decode_state(&config).expect("a model");
    assert_eq!(model.secret.get().map(String::as_str), Some("canary"));
    assert!(model.to_object().field("secret").is_null());
    assert!(!format!("{model:?}").contains("canary"));
}

#[test]
fn every_wrong_attribute_is_reported_at_its_path() {
    let Value::Map(mut object) = full().to_object() else { panic!("an object") };
    object.insert("name".into(), Value::Null);
    object.insert("share".into(), Value::Unknown);
    object.insert("server".into(), Value::List(vec![Value::object([("port", Value::from(0.5))])]));
    let problems = decode::<Gateway>(&Value::Map(object)).expect_err("three problems");
    let found: Vec<Path> = problems.iter().map(|problem| problem.path.clone()).collect();
    let port = Path::attribute("server").then(crate::framework::path::Step::Index(0)).field("port");
    assert_eq!(found, ["name".into(), "share".into(), port]);
}

#[test]
fn a_state_with_nothing_in_it_reads_as_the_default() {
    assert_eq!(decode_state::<Gateway>(&Value::object([("id", Value::Null)])), Ok(Gateway::default()));
}

#[test]
fn a_computed_value_tells_unknown_from_null() {
    let unknown = Value::object([("id", Value::Unknown), ("account", Value::Null)]);
    let model: Gateway = decode_state(&unknown).expect("a model");
    assert!(model.id.is_unknown() && model.account.is_null());
    assert_eq!(Computed::from(Some(1)).get(), Some(&1));
}
