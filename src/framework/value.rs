//! Values as Terraform knows them: known, null, or not known yet.

use std::collections::BTreeMap;

use super::number::Number;
use super::path::Step;
use super::types::Type;

/// A value of any type. Objects and maps are both `Map`, lists and tuples both `List`: the type tells them apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Not set.
    #[default]
    Null,
    /// Not known before apply.
    Unknown,
    /// `true` or `false`.
    Bool(bool),
    /// A number of any size.
    Number(Number),
    /// Text.
    String(String),
    /// Elements in order.
    List(Vec<Value>),
    /// Elements without order; make it with [`Value::set`], which sorts them.
    Set(Vec<Value>),
    /// The attributes of an object, or the elements of a map.
    Map(BTreeMap<String, Value>),
    /// The value of an attribute of any type, with the type that it has.
    Typed(Box<Typed>),
}

/// A value with its type, where the schema leaves the type open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Typed {
    /// The type of the value.
    pub r#type: Type,
    /// The value.
    pub value: Value,
}

static NULL: Value = Value::Null;

impl Value {
    /// A set of these elements. Equal elements become one, unless a part of them is unknown: they may yet differ.
    pub fn set(elements: impl IntoIterator<Item = Self>) -> Self {
        let mut elements: Vec<Self> = elements.into_iter().collect();
        elements.sort();
        elements.dedup_by(|one, other| one == other && one.is_wholly_known());
        Self::Set(elements)
    }

    /// An object with these attributes.
    pub fn object<Name: Into<String>>(attributes: impl IntoIterator<Item = (Name, Self)>) -> Self {
        Self::Map(attributes.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// Whether the value is not set.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Typed(typed) => typed.value.is_null(),
            _ => false,
        }
    }

    /// Whether the value as a whole is unknown; parts of a known value may be.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Typed(typed) => typed.value.is_unknown(),
            _ => false,
        }
    }

    /// Whether neither the value nor a part of it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::List(elements) | Self::Set(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Map(entries) => entries.values().all(Self::is_wholly_known),
            Self::Typed(typed) => typed.value.is_wholly_known(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
        }
    }

    /// Whether this is a collection or an object without content.
    pub fn is_empty_collection(&self) -> bool {
        match self {
            Self::List(elements) | Self::Set(elements) => elements.is_empty(),
            Self::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }

    /// The attribute `name` of an object; null where there is none.
    pub fn field(&self, name: &str) -> &Self {
        match self {
            Self::Map(entries) => entries.get(name).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    /// What is one `step` further; null where there is nothing.
    pub fn child(&self, step: &Step) -> &Self {
        match (self, step) {
            (Self::Map(_), Step::Attribute(name) | Step::Key(name)) => self.field(name),
            (Self::List(elements), Step::Index(index)) => elements.get(*index).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    /// The text, of a known string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The same value with null in place of everything unknown.
    #[must_use]
    pub fn without_unknowns(self) -> Self {
        match self {
            Self::Unknown => Self::Null,
            Self::List(elements) => Self::List(elements.into_iter().map(Self::without_unknowns).collect()),
            Self::Set(elements) => Self::set(elements.into_iter().map(Self::without_unknowns)),
            Self::Map(entries) => Self::object(entries.into_iter().map(|(key, value)| (key, value.without_unknowns()))),
            Self::Typed(typed) => {
                Self::Typed(Box::new(Typed { r#type: typed.r#type, value: typed.value.without_unknowns() }))
            }
            known => known,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

/// A number that is not finite has no value Terraform could hold: it becomes unknown, which no answer may contain.
impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Number::from_f64(number).map_or(Self::Unknown, Self::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_equal_in_any_order_and_with_duplicates() {
        assert_eq!(Value::set(["c", "b", "a", "a"].map(Value::from)), Value::set(["a", "b", "c"].map(Value::from)));
    }

    #[test]
    fn unknown_elements_of_a_set_are_not_merged() {
        assert_eq!(Value::set([Value::Unknown, Value::Unknown]), Value::Set(vec![Value::Unknown, Value::Unknown]));
    }

    #[test]
    fn a_number_that_is_not_finite_is_unknown() {
        assert_eq!(Value::from(f64::NAN), Value::Unknown);
        assert_eq!(Value::from(f64::NEG_INFINITY), Value::Unknown);
        assert_ne!(Value::from(0.5), Value::Unknown);
    }
}
