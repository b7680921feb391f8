//! Attributes that the provider computes.

use super::{AttributeValue, Decoder};
use crate::framework::schema::Shape;
use crate::framework::value::Value;

/// A value that the provider says: unknown in a plan, known or null from apply on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Computed<T> {
    /// Not known before apply. No answer of a read or an apply may hold it.
    Unknown,
    /// There is none.
    #[default]
    Null,
    /// The value.
    Known(T),
}

impl<T> Computed<T> {
    /// The value, where it is known and there is one.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown | Self::Null => None,
        }
    }

    /// The value by value, where it is known and there is one.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown | Self::Null => None,
        }
    }

    /// Whether the value is not known yet.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether it is known that there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl<T> From<T> for Computed<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Option<T>> for Computed<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl From<&str> for Computed<String> {
    fn from(text: &str) -> Self {
        Self::Known(text.to_owned())
    }
}

impl<T: AttributeValue> AttributeValue for Computed<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn decode(value: &Value, decoder: &mut Decoder) -> Self {
        match value {
            unknown if unknown.is_unknown() => Self::Unknown,
            null if null.is_null() => Self::Null,
            known => Self::Known(T::decode(known, decoder)),
        }
    }

    fn encode(&self) -> Value {
        match self {
            Self::Unknown => Value::Unknown,
            Self::Null => Value::Null,
            Self::Known(value) => value.encode(),
        }
    }
}
