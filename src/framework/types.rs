//! The types of values, and their JSON notation.

use std::collections::BTreeMap;

use serde_json::json;

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// Text.
    String,
    /// Any type: the value brings its own.
    Dynamic,
    /// Elements of one type in order.
    List(Box<Type>),
    /// Distinct elements of one type without order.
    Set(Box<Type>),
    /// Elements of one type by key.
    Map(Box<Type>),
    /// Named attributes, each of its type.
    Object(BTreeMap<String, Type>),
    /// Elements in order, each of its type.
    Tuple(Vec<Type>),
}

/// A text that is not the JSON notation of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a type")]
pub struct NotAType;

impl Type {
    /// The notation that the protocol uses: `"string"`, `["list","string"]`, `["object",{"a":"bool"}]`.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Bool => json!("bool"),
            Self::Number => json!("number"),
            Self::String => json!("string"),
            Self::Dynamic => json!("dynamic"),
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Set(element) => json!(["set", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Object(attributes) => {
                let attributes: serde_json::Map<_, _> =
                    attributes.iter().map(|(name, of)| (name.clone(), of.to_json())).collect();
                json!(["object", attributes])
            }
            Self::Tuple(elements) => json!(["tuple", elements.iter().map(Self::to_json).collect::<Vec<_>>()]),
        }
    }

    /// The notation as compact bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_json().to_string().into_bytes()
    }

    /// Reads the notation.
    ///
    /// # Errors
    /// [`NotAType`], for everything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotAType> {
        Self::from_json(&serde_json::from_slice(bytes).map_err(|_| NotAType)?)
    }

    fn from_json(notation: &serde_json::Value) -> Result<Self, NotAType> {
        if let Some(name) = notation.as_str() {
            return Self::primitive(name).ok_or(NotAType);
        }
        let (kind, of) = match notation.as_array().map(Vec::as_slice) {
            // A third element would name the optional attributes of an object: it says nothing about the value.
            Some([kind, of, ..]) => (kind.as_str().ok_or(NotAType)?, of),
            _ => return Err(NotAType),
        };
        match kind {
            "list" => Ok(Self::List(Box::new(Self::from_json(of)?))),
            "set" => Ok(Self::Set(Box::new(Self::from_json(of)?))),
            "map" => Ok(Self::Map(Box::new(Self::from_json(of)?))),
            "tuple" => {
                of.as_array().ok_or(NotAType)?.iter().map(Self::from_json).collect::<Result<_, _>>().map(Self::Tuple)
            }
            "object" => {
                let attributes = of.as_object().ok_or(NotAType)?.iter();
                let attributes = attributes.map(|(name, of)| Ok((name.clone(), Self::from_json(of)?)));
                attributes.collect::<Result<_, _>>().map(Self::Object)
            }
            _ => Err(NotAType),
        }
    }

    fn primitive(name: &str) -> Option<Self> {
        match name {
            "bool" => Some(Self::Bool),
            "number" => Some(Self::Number),
            "string" => Some(Self::String),
            "dynamic" => Some(Self::Dynamic),
            _ => None,
        }
    }

    /// Whether a part of the type is left open.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_dynamic(),
            Self::Object(attributes) => attributes.values().any(Self::has_dynamic),
            Self::Tuple(elements) => elements.iter().any(Self::has_dynamic),
        }
    }

    /// What a value of this type is called in messages.
    pub(crate) fn friendly(&self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Dynamic => "a value with its type",
            Self::List(_) | Self::Tuple(_) => "a list",
            Self::Set(_) => "a set",
            Self::Map(_) => "a map",
            Self::Object(_) => "an object",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_survives_its_notation() {
        let object = Type::Object([("a".to_owned(), Type::Bool), ("b".to_owned(), Type::Dynamic)].into());
        let nested = Type::List(Box::new(Type::Set(Box::new(Type::Map(Box::new(Type::Number))))));
        for of in [Type::String, object.clone(), nested, Type::Tuple(vec![Type::String, object])] {
            assert_eq!(Type::from_bytes(&of.to_bytes()), Ok(of));
        }
    }

    #[test]
    fn the_notation_is_the_protocols() {
        let object = Type::Object([("b".to_owned(), Type::Bool), ("a".to_owned(), Type::String)].into());
        assert_eq!(Type::List(Box::new(object)).to_bytes(), br#"["list",["object",{"a":"string","b":"bool"}]]"#);
    }

    #[test]
    fn what_is_not_a_type_is_refused() {
        for text in ["", "1", "\"text\"", "[]", "[\"list\"]", "[\"bag\",\"string\"]", "[\"object\",[]]"] {
            assert_eq!(Type::from_bytes(text.as_bytes()), Err(NotAType), "{text}");
        }
    }
}
