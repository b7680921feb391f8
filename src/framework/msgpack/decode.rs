//! From msgpack to values.

use std::collections::BTreeMap;

use super::token::{Malformed, Token, Tokens};
use super::{MAX_DEPTH, report, unexpected, wrong_type};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::number::Number;
use crate::framework::path::{Path, Step};
use crate::framework::types::Type;
use crate::framework::value::{Typed, Value};

/// Reads a value of a type.
///
/// # Errors
/// Every wrong part at its path, or one error for bytes that are no msgpack.
pub fn decode(bytes: &[u8], of: &Type) -> Result<Value, Diagnostics> {
    let mut decoder = Decoder { tokens: Tokens::new(bytes), problems: Diagnostics::default(), depth: 0 };
    match decoder.value(of, &Path::ROOT) {
        Ok(value) if decoder.tokens.is_at_end() => decoder.problems.into_result().map(|()| value),
        _ => Err(Diagnostic::error("Malformed value", "The value is not msgpack of the expected type.").into()),
    }
}

struct Decoder<'a> {
    tokens: Tokens<'a>,
    problems: Diagnostics,
    depth: usize,
}

impl<'a> Decoder<'a> {
    fn value(&mut self, of: &Type, path: &Path) -> Result<Value, Malformed> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Malformed);
        }
        let value = self.value_of(of, path);
        self.depth -= 1;
        value
    }

    fn value_of(&mut self, of: &Type, path: &Path) -> Result<Value, Malformed> {
        let token = self.tokens.next()?;
        match (of, token) {
            (_, Token::Nil) => Ok(Value::Null),
            (_, Token::Extension) => Ok(Value::Unknown),
            (Type::Bool, Token::Bool(truth)) => Ok(Value::Bool(truth)),
            (Type::String, Token::Text(text)) => Ok(Value::String(utf8(text)?.to_owned())),
            (Type::List(of), Token::Array(length)) => self.elements(length, of, path).map(Value::List),
            (Type::Set(of), Token::Array(length)) => self.set(length, of, path),
            (Type::Map(of), Token::Map(length)) => self.map(length, of, path),
            (Type::Object(attributes), Token::Map(length)) => self.object(length, attributes, path),
            (Type::Tuple(of), Token::Array(length)) if length == of.len() => self.tuple(of, path),
            (Type::Dynamic, Token::Array(2)) => self.typed(path),
            (Type::Number, token) => self.number(&token, path),
            (of, token) => self.mismatch(of, &token, path),
        }
    }

    fn mismatch(&mut self, of: &Type, token: &Token<'a>, path: &Path) -> Result<Value, Malformed> {
        report(&mut self.problems, wrong_type(path, of));
        self.tokens.skip(token)?;
        Ok(Value::Null)
    }

    fn number(&mut self, token: &Token<'a>, path: &Path) -> Result<Value, Malformed> {
        let number = match token {
            Token::Whole(number) => Some(number.clone()),
            Token::Float(number) => Number::exactly_f64(*number),
            Token::Text(text) => utf8(text)?.parse().ok(),
            _ => None,
        };
        number.map_or_else(|| self.mismatch(&Type::Number, token, path), |number| Ok(Value::Number(number)))
    }

    fn elements(&mut self, length: usize, of: &Type, path: &Path) -> Result<Vec<Value>, Malformed> {
        (0..length).map(|index| self.value(of, &path.then(Step::Index(index)))).collect()
    }

    fn set(&mut self, length: usize, of: &Type, path: &Path) -> Result<Value, Malformed> {
        let path = path.then(Step::Element);
        let elements: Result<Vec<_>, _> = (0..length).map(|_| self.value(of, &path)).collect();
        elements.map(Value::set)
    }

    fn map(&mut self, length: usize, of: &Type, path: &Path) -> Result<Value, Malformed> {
        let mut entries = BTreeMap::new();
        for _ in 0..length {
            let key = self.key()?;
            let value = self.value(of, &path.then(Step::Key(key.clone())))?;
            entries.insert(key, value);
        }
        Ok(Value::Map(entries))
    }

    fn object(&mut self, length: usize, attributes: &BTreeMap<String, Type>, path: &Path) -> Result<Value, Malformed> {
        let mut found: BTreeMap<String, Value> = attributes.keys().map(|name| (name.clone(), Value::Null)).collect();
        for _ in 0..length {
            let name = self.key()?;
            let path = path.field(&name);
            if let Some(of) = attributes.get(&name) {
                found.insert(name, self.value(of, &path)?);
            } else {
                report(&mut self.problems, unexpected(&path));
                let token = self.tokens.next()?;
                self.tokens.skip(&token)?;
            }
        }
        Ok(Value::Map(found))
    }

    fn tuple(&mut self, of: &[Type], path: &Path) -> Result<Value, Malformed> {
        let elements = of.iter().enumerate().map(|(index, of)| self.value(of, &path.then(Step::Index(index))));
        elements.collect::<Result<_, _>>().map(Value::List)
    }

    /// A value that brings its type, as the notation's bytes.
    fn typed(&mut self, path: &Path) -> Result<Value, Malformed> {
        let (Token::Text(notation) | Token::Binary(notation)) = self.tokens.next()? else { return Err(Malformed) };
        let r#type = Type::from_bytes(notation).map_err(|_| Malformed)?;
        let value = self.value(&r#type, path)?;
        Ok(Value::Typed(Box::new(Typed { r#type, value })))
    }

    fn key(&mut self) -> Result<String, Malformed> {
        match self.tokens.next()? {
            Token::Text(text) => utf8(text).map(str::to_owned),
            _ => Err(Malformed),
        }
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|_| Malformed)
}
