//! What a request type reads: the names and kinds of its members, as its own `Deserialize` asks for them.
//!
//! A deserializer that has no data is walked into the type, one member further each time. What comes out is what the code
//! does, so a list of what the simulator reads cannot grow old.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::de::value::{Error, StrDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::{Serialize, forward_to_deserialize_any};

/// What is read of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Shape {
    /// A scalar: `text`, `integer`, `float` or `boolean`; or `anything`, kept as it came; or `unread`, taken and forgotten.
    Of(&'static str),
    /// The items of a list. There is one shape.
    Items([Box<Self>; 1]),
    /// The members of an object.
    Members(BTreeMap<&'static str, Self>),
}

/// What `T` reads.
pub(super) fn of<T: DeserializeOwned>() -> Shape {
    walk::<T>(&mut Vec::new())
}

/// A step into a value.
#[derive(Clone, Copy)]
enum Step {
    Member(&'static str),
    Item,
}

/// What is asked for at the end of a path.
#[derive(Clone, Copy)]
enum Asked {
    Kind(&'static str),
    Items,
    Members(&'static [&'static str]),
}

fn walk<T: DeserializeOwned>(path: &mut Vec<Step>) -> Shape {
    let asked = RefCell::new(Asked::Kind("anything"));
    // It ends in an error, since there is nothing to read; what it asked for before is what matters.
    let _ = T::deserialize(Probe { path, asked: &asked });
    match asked.into_inner() {
        Asked::Kind(kind) => Shape::Of(kind),
        Asked::Items => Shape::Items([Box::new(further::<T>(path, Step::Item))]),
        Asked::Members(names) => {
            Shape::Members(names.iter().map(|name| (*name, further::<T>(path, Step::Member(name)))).collect())
        }
    }
}

fn further<T: DeserializeOwned>(path: &mut Vec<Step>, step: Step) -> Shape {
    path.push(step);
    let shape = walk::<T>(path);
    path.pop();
    shape
}

/// A value that is not there, except for the one that the path leads to.
#[derive(Clone, Copy)]
struct Probe<'a> {
    path: &'a [Step],
    asked: &'a RefCell<Asked>,
}

impl<'a> Probe<'a> {
    fn nothing<T>(self, asked: Asked) -> Result<T, Error> {
        self.asked.replace(asked);
        Err(de::Error::custom("there is no value"))
    }

    fn further(self) -> Option<(Step, Self)> {
        let (step, path) = self.path.split_first()?;
        Some((*step, Self { path, ..self }))
    }
}

/// Notes which kind of scalar is asked for.
macro_rules! scalars {
    ($($kind:literal: $($method:ident)*;)*) => {$($(
        fn $method<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
            self.nothing(Asked::Kind($kind))
        }
    )*)*};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Error;

    scalars! {
        "anything": deserialize_any deserialize_map;
        "boolean": deserialize_bool;
        "float": deserialize_f32 deserialize_f64;
        "integer": deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
            deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128;
        "text": deserialize_char deserialize_str deserialize_string deserialize_identifier;
        "unread": deserialize_ignored_any;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.further() {
            Some((Step::Item, next)) => visitor.visit_seq(Only(Some(next))),
            _ => self.nothing(Asked::Items),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.further() {
            Some((Step::Member(name), next)) => visitor.visit_map(Member { name: Some(name), value: next }),
            _ => self.nothing(Asked::Members(fields)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Error> {
        self.nothing(Asked::Kind("text"))
    }

    forward_to_deserialize_any! { bytes byte_buf unit unit_struct tuple tuple_struct }
}

/// A list of one item.
struct Only<'a>(Option<Probe<'a>>);

impl<'de> SeqAccess<'de> for Only<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.take().map(|item| seed.deserialize(item)).transpose()
    }
}

/// An object of one member.
struct Member<'a> {
    name: Option<&'static str>,
    value: Probe<'a>,
}

impl<'de> MapAccess<'de> for Member<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let name: Option<StrDeserializer<'de, Error>> = self.name.take().map(IntoDeserializer::into_deserializer);
        name.map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(self.value)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use serde::Deserialize;
    use serde::de::IgnoredAny;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "what is read matters here, not the values")]
    struct Request {
        ccn_id: String,
        #[serde(default)]
        instances: Vec<Instance>,
        limit: Option<u64>,
        force: Option<bool>,
        sampling: Option<f64>,
        order: Option<Order>,
        config: Option<Value>,
        nothing: Empty,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "what is read matters here, not the values")]
    struct Instance {
        #[serde(rename = "IP")]
        ip: Vec<Ipv4Addr>,
        status: IgnoredAny,
    }

    #[derive(Deserialize)]
    enum Order {
        Asc,
    }

    #[derive(Deserialize)]
    struct Empty {}

    #[test]
    fn a_type_says_every_member_that_it_reads() {
        let expected = json!({
            "CcnId": "text",
            "Instances": [{ "IP": ["text"], "Status": "unread" }],
            "Limit": "integer",
            "Force": "boolean",
            "Sampling": "float",
            "Order": "text",
            "Config": "anything",
            "Nothing": {},
        });
        assert_eq!(json!(of::<Request>()), expected);
    }
}
