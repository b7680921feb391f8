//! Reads an action's parameters into its request type.
//!
//! Names are exact: an unknown or missing one is the API's error. Scalars are taken in any spelling, since the
//! documents' samples write numbers and booleans as text and a GET request has only text. A null is as good as absent.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, map};

use super::ApiError;

/// Reads `parameters` as a `T`.
///
/// # Errors
/// `MissingParameter`, `UnknownParameter` or `InvalidParameter`, naming the place, such as `Filters.0.Name`.
pub(crate) fn read<T: DeserializeOwned>(parameters: &Map<String, Value>) -> Result<T, ApiError> {
    T::deserialize(Members::new(parameters)).map_err(ApiError::from)
}

/// What is wrong with a parameter, and where.
#[derive(Debug)]
struct ParameterError {
    kind: Kind,
    place: Vec<String>,
}

#[derive(Debug)]
enum Kind {
    Missing,
    Unknown,
    Invalid(String),
}

impl ParameterError {
    fn at(kind: Kind, name: &str) -> Self {
        Self { kind, place: vec![name.to_owned()] }
    }

    fn inside(mut self, name: &str) -> Self {
        self.place.push(name.to_owned());
        self
    }
}

impl From<ParameterError> for ApiError {
    fn from(error: ParameterError) -> Self {
        let place: Vec<&str> = error.place.iter().rev().map(String::as_str).collect();
        let place = place.join(".");
        match error.kind {
            Kind::Missing => Self::new("MissingParameter", format!("The request is missing the parameter `{place}`.")),
            Kind::Unknown => Self::new("UnknownParameter", format!("The parameter `{place}` is not recognized.")),
            Kind::Invalid(what) => {
                Self::new("InvalidParameter", format!("The parameter `{place}` is invalid: {what}."))
            }
        }
    }
}

impl fmt::Display for ParameterError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}

impl std::error::Error for ParameterError {}

impl de::Error for ParameterError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { kind: Kind::Invalid(message.to_string()), place: Vec::new() }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::at(Kind::Missing, field)
    }

    fn unknown_field(field: &str, _expected: &'static [&'static str]) -> Self {
        Self::at(Kind::Unknown, field)
    }
}

/// One value.
struct Parameter<'a>(&'a Value);

/// Takes a number, or a text that reads as one.
macro_rules! scalar {
    ($($method:ident $visit:ident $read:ident $type:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            let spelled = self.0.as_str().and_then(|text| text.parse::<$type>().ok());
            match self.0.$read().or(spelled) {
                Some(value) => visitor.$visit(value),
                None => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Parameter<'de> {
    type Error = ParameterError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(value) => match (value.as_u64(), value.as_i64(), value.as_f64()) {
                (Some(value), _, _) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (_, _, value) => visitor.visit_f64(value.unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(Items { items: items.iter().enumerate() }),
            Value::Object(members) => visitor.visit_map(Members::new(members)),
        }
    }

    scalar! {
        deserialize_u64 visit_u64 as_u64 u64,
        deserialize_i64 visit_i64 as_i64 i64,
        deserialize_f64 visit_f64 as_f64 f64,
        deserialize_bool visit_bool as_bool bool
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Number(number) => visitor.visit_string(number.to_string()),
            Value::Bool(value) => visitor.visit_string(value.to_string()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let text: StrDeserializer<'de, ParameterError> = self.0.as_str().unwrap_or_default().into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u128 f32 char str bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// The members of an object.
struct Members<'a> {
    members: map::Iter<'a>,
    current: Option<(&'a String, &'a Value)>,
}

impl<'a> Members<'a> {
    fn new(members: &'a Map<String, Value>) -> Self {
        Self { members: members.iter(), current: None }
    }
}

impl<'de> Deserializer<'de> for Members<'de> {
    type Error = ParameterError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = ParameterError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        self.current = self.members.find(|(_, value)| !value.is_null());
        let key: Option<StrDeserializer<'de, ParameterError>> =
            self.current.map(|(name, _)| name.as_str().into_deserializer());
        key.map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        let (name, value) = self.current.ok_or_else(|| de::Error::custom("a value without a name"))?;
        seed.deserialize(Parameter(value)).map_err(|error| error.inside(name))
    }
}

/// The items of a list.
struct Items<'a> {
    items: std::iter::Enumerate<std::slice::Iter<'a, Value>>,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = ParameterError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Self::Error> {
        let Some((index, value)) = self.items.next() else { return Ok(None) };
        seed.deserialize(Parameter(value)).map(Some).map_err(|error| error.inside(&index.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Request {
        ccn_id: String,
        #[serde(default)]
        instances: Vec<Instance>,
        limit: Option<u64>,
        force: Option<bool>,
        sampling: Option<f64>,
        order: Option<Order>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Instance {
        instance_id: String,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "UPPERCASE")]
    enum Order {
        Asc,
    }

    fn read_request(parameters: &Value) -> Result<Request, ApiError> {
        read(parameters.as_object().unwrap())
    }

    #[test]
    fn parameters_are_read_in_any_spelling_of_their_scalars() {
        let plain = json!({"CcnId": "7", "Limit": 20, "Force": true, "Sampling": 0.5, "Order": "ASC"});
        let spelled = json!({"CcnId": 7, "Limit": "20", "Force": "true", "Sampling": "0.5", "Order": "ASC"});
        assert_eq!(read_request(&plain).unwrap(), read_request(&spelled).unwrap());
    }

    #[test]
    fn a_null_is_absent() {
        let request = read_request(&json!({"CcnId": "a", "Instances": null, "Limit": null})).unwrap();
        assert!(request.instances.is_empty() && request.limit.is_none());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let cases = [
            (json!({}), "MissingParameter", "`CcnId`"),
            (json!({"CcnId": "a", "Ccn": 1}), "UnknownParameter", "`Ccn`"),
            (json!({"CcnId": "a", "Instances": [{}]}), "MissingParameter", "`Instances.0.InstanceId`"),
            (
                json!({"CcnId": "a", "Instances": [{"InstanceId": "a", "Id": 1}]}),
                "UnknownParameter",
                "`Instances.0.Id`",
            ),
            (json!({"CcnId": "a", "Limit": "many"}), "InvalidParameter", "`Limit`"),
            (json!({"CcnId": {}}), "InvalidParameter", "`CcnId`"),
            (json!({"CcnId": "a", "Order": "DOWN"}), "InvalidParameter", "`Order`"),
        ];
        for (parameters, code, place) in cases {
            let error = read_request(&parameters).unwrap_err();
            assert_eq!(error.code, code, "{error}");
            assert!(error.message.contains(place), "{error}");
        }
    }
}
