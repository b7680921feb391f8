//! Attributes that exist in configurations only.

use std::fmt;

use super::{AttributeValue, Decoder};
use crate::framework::schema::Shape;
use crate::framework::value::Value;

/// A secret that a configuration gives and nothing keeps: it is there in the `config` of create and update, and null in
/// every plan and state. It is never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WriteOnly<T>(Option<T>);

impl<T> WriteOnly<T> {
    /// The value, where the configuration sets one.
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T> From<T> for WriteOnly<T> {
    fn from(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T> fmt::Debug for WriteOnly<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WriteOnly")
    }
}

impl<T: AttributeValue> AttributeValue for WriteOnly<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn decode(value: &Value, decoder: &mut Decoder) -> Self {
        Self(Option::decode(value, decoder))
    }

    fn encode(&self) -> Value {
        Value::Null
    }
}
