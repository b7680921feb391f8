//! Rust types as attributes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Decoder, Model};
use crate::framework::path::Step;
use crate::framework::schema::{Nesting, Shape};
use crate::framework::types::Type;
use crate::framework::value::Value;

/// A Rust type that an attribute or block can have.
pub trait AttributeValue: Default {
    /// The attribute's type in the schema.
    fn shape() -> Shape;

    /// Reads a value; what is wrong is told to the decoder.
    fn decode(value: &Value, decoder: &mut Decoder) -> Self;

    /// Writes a value.
    fn encode(&self) -> Value;
}

impl AttributeValue for String {
    fn shape() -> Shape {
        Shape::Plain(Type::String)
    }

    fn decode(value: &Value, decoder: &mut Decoder) -> Self {
        match value {
            Value::String(text) => text.clone(),
            other => decoder.refuse(other, "a string"),
        }
    }

    fn encode(&self) -> Value {
        Value::String(self.clone())
    }
}

impl AttributeValue for bool {
    fn shape() -> Shape {
        Shape::Plain(Type::Bool)
    }

    fn decode(value: &Value, decoder: &mut Decoder) -> Self {
        match value {
            Value::Bool(truth) => *truth,
            other => decoder.refuse(other, "true or false"),
        }
    }

    fn encode(&self) -> Value {
        Value::Bool(*self)
    }
}

impl AttributeValue for i64 {
    fn shape() -> Shape {
        Shape::Plain(Type::Number)
    }

    fn decode(value: &Value, decoder: &mut Decoder) -> Self {
        let number = if let Value::Number(number) = value { number.to_i64() } else { None };
        number.unwrap_or_else(|| decoder.refuse(value, "a whole number of at most 64 bits"))
    }

    fn encode(&self) -> Value {
        Value::from(*self)
    }
}

impl AttributeValue for f64 {
    fn shape() -> Shape {
        Shape::Plain(Type::Number)
    }

    fn decode(value: &Value, decoder: &mut Decoder) -> Self {
        let number = if let Value::Number(number) = value { number.to_f64() } else { None };
        number.unwrap_or_else(|| decoder.refuse(value, "a number"))
    }

    fn encode(&self) -> Value {
        Value::from(*self)
    }
}

/// An attribute of any type.
impl AttributeValue for Value {
    fn shape() -> Shape {
        Shape::Plain(Type::Dynamic)
    }

    fn decode(value: &Value, _: &mut Decoder) -> Self {
        value.clone()
    }

    fn encode(&self) -> Value {
        self.clone()
    }
}

impl<T: AttributeValue> AttributeValue for Option<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn decode(value: &Value, decoder: &mut Decoder) -> Self {
        (!value.is_null()).then(|| T::decode(value, decoder))
    }

    fn encode(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::encode)
    }
}

impl<T: AttributeValue> AttributeValue for Vec<T> {
    fn shape() -> Shape {
        collection::<T>(Nesting::List)
    }

    fn decode(value: &Value, decoder: &mut Decoder) -> Self {
        match value {
            Value::Null => Self::new(),
            Value::List(elements) => {
                let elements = elements.iter().enumerate();
                elements.map(|(index, element)| decoder.element(Step::Index(index), element)).collect()
            }
            other => decoder.refuse(other, "a list"),
        }
    }

    fn encode(&self) -> Value {
        Value::List(self.iter().map(T::encode).collect())
    }
}

impl<T: AttributeValue + Ord> AttributeValue for BTreeSet<T> {
    fn shape() -> Shape {
        collection::<T>(Nesting::Set)
    }

    fn decode(value: &Value, decoder: &mut Decoder) -> Self {
        match value {
            Value::Null => Self::new(),
            Value::Set(elements) => elements.iter().map(|element| decoder.element(Step::Element, element)).collect(),
            other => decoder.refuse(other, "a set"),
        }
    }

    fn encode(&self) -> Value {
        Value::set(self.iter().map(T::encode))
    }
}

impl<T: AttributeValue> AttributeValue for BTreeMap<String, T> {
    fn shape() -> Shape {
        collection::<T>(Nesting::Map)
    }

    fn decode(value: &Value, decoder: &mut Decoder) -> Self {
        match value {
            Value::Null => Self::new(),
            Value::Map(entries) => {
                let element =
                    |(key, value): (&String, _)| (key.clone(), decoder.element(Step::Key(key.clone()), value));
                entries.iter().map(element).collect()
            }
            other => decoder.refuse(other, "a map"),
        }
    }

    fn encode(&self) -> Value {
        Value::object(self.iter().map(|(key, value)| (key.clone(), value.encode())))
    }
}

impl<M: Model> AttributeValue for M {
    fn shape() -> Shape {
        Shape::Nested(Nesting::Single, M::body())
    }

    fn decode(value: &Value, decoder: &mut Decoder) -> Self {
        match value {
            Value::Map(_) => M::from_object(value, decoder),
            other => decoder.refuse(other, "an object"),
        }
    }

    fn encode(&self) -> Value {
        self.to_object()
    }
}

/// A collection of objects has nested attributes; a collection of anything else is a plain attribute.
fn collection<T: AttributeValue>(nesting: Nesting) -> Shape {
    match T::shape() {
        Shape::Nested(Nesting::Single, body) => Shape::Nested(nesting, body),
        element => Shape::Plain(nesting.of(element.value_type())),
    }
}
