//! Planned values for rules that look at several of them, with what is unknown told apart from what is not set.

use std::marker::PhantomData;
use std::ops::Deref;

use super::model::{AttributeValue, Computed, Decoder, Model, decode_state};
use super::path::{Path, Step};
use super::value::Value;

/// An object in a plan, or a part of it such as one block.
///
/// Attributes are named from here: `port`, or `tls.mode` for one in a nested object.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    value: &'a Value,
    path: Path,
}

impl<'a> Part<'a> {
    /// A whole object.
    pub(crate) fn of(value: &'a Value) -> Self {
        Self { value, path: Path::ROOT }
    }

    /// The value of an attribute: unknown, null, or known. A value that is unknown in parts is unknown; so is one that the type
    /// cannot hold, which is reported elsewhere.
    pub fn get<T: AttributeValue>(&self, name: &str) -> Computed<T> {
        let value = self.value_at(name);
        if value.is_null() {
            return Computed::Null;
        }
        if !value.is_wholly_known() {
            return Computed::Unknown;
        }
        let mut decoder = Decoder::lenient();
        let decoded = T::decode(value, &mut decoder);
        if decoder.finish().is_empty() { Computed::Known(decoded) } else { Computed::Unknown }
    }

    /// The value of an attribute, where it is known and set.
    pub fn known<T: AttributeValue>(&self, name: &str) -> Option<T> {
        self.get(name).into_known()
    }

    /// Whether it is known that an attribute is not set.
    pub fn is_null(&self, name: &str) -> bool {
        self.value_at(name).is_null()
    }

    /// Whether it is known that an attribute is set; parts of its value may be unknown still. What is neither set nor null
    /// may turn out to be either.
    pub fn is_set(&self, name: &str) -> bool {
        let value = self.value_at(name);
        !value.is_null() && !value.is_unknown()
    }

    /// Whether an attribute, or a part of it, is not known yet.
    pub fn is_unknown(&self, name: &str) -> bool {
        !self.value_at(name).is_wholly_known()
    }

    /// The elements of a list, set or map, or the one object of a nested attribute or block: none where it is unknown or
    /// not set.
    pub fn each(&self, name: &str) -> Vec<Part<'a>> {
        let path = self.at(name);
        let part = |value, step| Part { value, path: path.then(step) };
        match self.value_at(name) {
            Value::List(elements) => {
                let elements = elements.iter().enumerate();
                elements.map(|(index, element)| part(element, Step::Index(index))).collect()
            }
            Value::Set(elements) => elements.iter().map(|element| part(element, Step::Element)).collect(),
            Value::Map(entries) => entries.iter().map(|(key, entry)| part(entry, Step::Key(key.clone()))).collect(),
            _ => Vec::new(),
        }
    }

    /// The one object of a nested attribute or block, where it is known and set.
    pub fn object(&self, name: &str) -> Option<Part<'a>> {
        let value = self.value_at(name);
        matches!(value, Value::Map(_)).then(|| Part { value, path: self.at(name) })
    }

    /// Where this is, for diagnostics.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where an attribute is, for diagnostics.
    pub fn at(&self, name: &str) -> Path {
        name.split('.').fold(self.path.clone(), |path, name| path.field(name))
    }

    fn value_at(&self, name: &str) -> &'a Value {
        let step = |value: &'a Value, name| if value.is_unknown() { value } else { value.field(name) };
        name.split('.').fold(self.value, step)
    }
}

/// A whole planned object, with the state before.
#[derive(Clone, Debug)]
pub struct Planned<'a, M> {
    root: Part<'a>,
    prior: &'a Value,
    config: &'a Value,
    model: PhantomData<fn() -> M>,
}

impl<'a, M: Model> Planned<'a, M> {
    /// A planned object, the state before, which is null where there is none, and the configuration.
    pub(crate) fn new(planned: &'a Value, prior: &'a Value, config: &'a Value) -> Self {
        Self { root: Part::of(planned), prior, config, model: PhantomData }
    }

    /// Whether the configuration sets an attribute or a block, be it to a value that is not known yet. The planned value of
    /// a computed attribute does not tell.
    pub fn is_configured(&self, name: &str) -> bool {
        !Part::of(self.config).is_null(name)
    }

    /// The state before; nothing for a new object.
    pub fn prior(&self) -> Option<M> {
        if self.is_create() { None } else { decode_state(self.prior).ok() }
    }

    /// Whether there is no state before. So it is while a configuration is validated, too.
    pub fn is_create(&self) -> bool {
        self.prior.is_null()
    }
}

impl<'a, M> Deref for Planned<'a, M> {
    type Target = Part<'a>;

    fn deref(&self) -> &Part<'a> {
        &self.root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A route.
    #[derive(Clone, Debug, Default, PartialEq, Model)]
    struct Route {
        /// The host.
        #[tf(required)]
        host: String,
    }

    fn planned() -> Value {
        let rule = |weight| Value::object([("weight", weight)]);
        Value::object([
            ("host", Value::Unknown),
            ("port", 80.into()),
            ("path", Value::Null),
            ("rule", Value::List(vec![rule(Value::from(20)), rule(Value::Unknown)])),
            ("tls", Value::object([("mode", Value::from("SIMPLE"))])),
            ("labels", Value::object([("a", Value::from("x"))])),
        ])
    }

    #[test]
    fn unknown_null_and_known_are_told_apart() {
        let object = planned();
        let planned: Planned<'_, Route> = Planned::new(&object, &Value::Null, &object);
        assert!(planned.is_unknown("host") && planned.is_null("path") && !planned.is_null("host"));
        assert!(planned.is_set("rule") && !planned.is_set("host") && !planned.is_set("path"));
        assert_eq!(planned.get::<String>("host"), Computed::Unknown);
        assert_eq!(planned.get::<String>("path"), Computed::Null);
        assert_eq!(planned.known::<i64>("port"), Some(80));
        assert_eq!(planned.known::<String>("tls.mode").as_deref(), Some("SIMPLE"));
        assert!(planned.is_unknown("rule"), "a part of it is");
    }

    #[test]
    fn blocks_are_walked_with_their_paths() {
        let object = planned();
        let planned: Planned<'_, Route> = Planned::new(&object, &Value::Null, &object);
        let weights: Vec<_> =
            planned.each("rule").iter().map(|rule| (rule.at("weight").to_string(), rule.known("weight"))).collect();
        assert_eq!(weights, [("rule[0].weight".to_owned(), Some(20)), ("rule[1].weight".to_owned(), None)]);
        assert_eq!(planned.each("labels")[0].path().to_string(), "labels[\"a\"]");
        assert_eq!(planned.object("tls").expect("a block").at("mode").to_string(), "tls.mode");
        assert!(planned.each("host").is_empty());
    }

    #[test]
    fn the_state_before_is_there_for_an_update_only() {
        let object = planned();
        let prior = Value::object([("host", Value::from("h"))]);
        assert!(Planned::<Route>::new(&object, &Value::Null, &object).is_create());
        assert_eq!(Planned::<Route>::new(&object, &prior, &object).prior(), Some(Route { host: "h".into() }));
    }

    #[test]
    fn what_is_configured_is_told_apart_from_what_is_computed() {
        let (planned, config) = (planned(), Value::object([("host", Value::Unknown), ("port", Value::Null)]));
        let planned: Planned<'_, Route> = Planned::new(&planned, &Value::Null, &config);
        assert!(planned.is_configured("host") && !planned.is_configured("port") && !planned.is_configured("tls.mode"));
    }
}
