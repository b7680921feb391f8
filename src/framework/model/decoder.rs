//! Collects what is wrong while a model is read.

use super::AttributeValue;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::path::{Path, Step};
use crate::framework::value::Value;

/// The state of reading a model: where it is, and what was wrong so far.
#[derive(Debug)]
pub struct Decoder {
    lenient: bool,
    open: bool,
    path: Path,
    problems: Diagnostics,
}

impl Decoder {
    /// Null is wrong where a value is needed.
    pub fn strict() -> Self {
        Self { lenient: false, open: false, path: Path::ROOT, problems: Diagnostics::default() }
    }

    /// Null reads as the default.
    pub fn lenient() -> Self {
        Self { lenient: true, ..Self::strict() }
    }

    /// Null and what is not known yet read as the default.
    pub fn open() -> Self {
        Self { open: true, ..Self::lenient() }
    }

    /// Reads one attribute or block of an object.
    pub fn field<T: AttributeValue>(&mut self, object: &Value, name: &'static str) -> T {
        self.element(Step::Attribute(name.to_owned()), object.field(name))
    }

    /// Reads one element of a collection.
    pub fn element<T: AttributeValue>(&mut self, step: Step, value: &Value) -> T {
        let inner = self.path.then(step);
        let outer = std::mem::replace(&mut self.path, inner);
        let decoded = T::decode(value, self);
        self.path = outer;
        decoded
    }

    /// The default, for a value that is not what was expected.
    pub fn refuse<T: Default>(&mut self, value: &Value, expected: &str) -> T {
        let problem = match value {
            Value::Null if self.lenient => return T::default(),
            Value::Unknown if self.open => return T::default(),
            Value::Null => format!("Expected {expected}, but the attribute is not set."),
            Value::Unknown => format!("Expected {expected}, but the value is not known yet."),
            _ => format!("Expected {expected}."),
        };
        self.problems.push(Diagnostic::error("Wrong value", problem).at(self.path.clone()));
        T::default()
    }

    /// What was wrong.
    pub fn finish(self) -> Diagnostics {
        self.problems
    }
}
