//! What a configured value must satisfy.

use std::ops::RangeInclusive;

use crate::framework::model::{AttributeValue, Computed, Decoder};
use crate::framework::path::{Path, Step};
use crate::framework::planned::Part;
use crate::framework::value::Value;

/// A rule for the known values of one attribute.
#[derive(Clone, Debug)]
pub enum Rule {
    /// A string, one of these.
    OneOf(&'static [&'static str]),
    /// A string of so many characters, or a collection of so many elements.
    Length(RangeInclusive<usize>),
    /// A number between these, both included.
    Range(RangeInclusive<f64>),
    /// What a function says; its error is a sentence that says what was expected.
    Check(fn(&Value) -> Result<(), String>),
    /// What a function says of each element.
    Each(fn(&Value) -> Result<(), String>),
}

impl Rule {
    /// What is wrong with `value`, which is at `path` and neither null nor unknown.
    pub(crate) fn violations(&self, value: &Value, path: &Path) -> Vec<(Path, String)> {
        match self {
            Self::Each(check) => {
                let problem = |(step, element)| Some((path.then(step), checked(*check, element)?));
                elements(value).into_iter().filter_map(problem).collect()
            }
            _ => self.violation(value).map(|problem| (path.clone(), problem)).into_iter().collect(),
        }
    }

    fn violation(&self, value: &Value) -> Option<String> {
        match self {
            Self::OneOf(allowed) => {
                let text = value.as_str()?;
                (!allowed.contains(&text)).then(|| format!("Expected one of `{}`.", allowed.join("`, `")))
            }
            Self::Length(range) => {
                let length = length(value)?;
                (!range.contains(&length)).then(|| format!("Expected {} {}.", between(range), unit(value)))
            }
            Self::Range(range) => {
                let Value::Number(number) = value else { return None };
                let inside = number.to_f64().is_some_and(|number| range.contains(&number));
                (!inside).then(|| format!("Expected a number from {} to {}.", range.start(), range.end()))
            }
            Self::Check(check) | Self::Each(check) => checked(*check, value),
        }
    }
}

/// Applies a check to a value of its own Rust type, for the code that `#[derive(Model)]` writes.
///
/// # Errors
/// What the check says. A value of another type passes: it is reported elsewhere.
pub fn typed<T: AttributeValue>(value: &Value, check: fn(&T) -> Result<(), String>) -> Result<(), String> {
    let mut decoder = Decoder::strict();
    let decoded = T::decode(value, &mut decoder);
    if decoder.finish().has_errors() { Ok(()) } else { check(&decoded) }
}

/// Applies a comparison to two values of its own Rust type, for the code that `#[derive(Model)]` writes. Values of
/// another type, and those that are null or unknown, are the same only where they are equal.
pub fn typed_same<T: AttributeValue>(one: &Value, other: &Value, same: fn(&T, &T) -> bool) -> bool {
    let mut decoder = Decoder::strict();
    let (first, second) = (T::decode(one, &mut decoder), T::decode(other, &mut decoder));
    one == other || (!decoder.finish().has_errors() && same(&first, &second))
}

/// Derives a value of its own Rust type from a configuration, for the code that `#[derive(Model)]` writes.
pub fn typed_derived<T: AttributeValue>(config: &Value, derive: fn(&Part<'_>) -> Computed<T>) -> Value {
    derive(&Part::of(config)).encode()
}

fn checked(check: fn(&Value) -> Result<(), String>, value: &Value) -> Option<String> {
    (!value.is_null() && value.is_wholly_known()).then(|| check(value).err())?
}

fn elements(value: &Value) -> Vec<(Step, &Value)> {
    match value {
        Value::List(elements) => {
            elements.iter().enumerate().map(|(index, element)| (Step::Index(index), element)).collect()
        }
        Value::Map(entries) => entries.iter().map(|(key, element)| (Step::Key(key.clone()), element)).collect(),
        Value::Set(elements) => elements.iter().map(|element| (Step::Element, element)).collect(),
        _ => Vec::new(),
    }
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.chars().count()),
        Value::List(elements) | Value::Set(elements) => Some(elements.len()),
        Value::Map(entries) => Some(entries.len()),
        _ => None,
    }
}

fn unit(value: &Value) -> &'static str {
    if value.as_str().is_some() { "characters" } else { "elements" }
}

fn between(range: &RangeInclusive<usize>) -> String {
    match (*range.start(), *range.end()) {
        (least, usize::MAX) => format!("at least {least}"),
        (0, most) => format!("at most {most}"),
        (least, most) if least == most => format!("exactly {least}"),
        (least, most) => format!("{least} to {most}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(rule: &Rule, value: &Value) -> Vec<String> {
        let path = Path::attribute("a");
        rule.violations(value, &path).into_iter().map(|(path, problem)| format!("{path}: {problem}")).collect()
    }

    #[test]
    fn a_violation_says_what_was_expected_and_never_the_value() {
        let one_of = Rule::OneOf(&["PT", "AU"]);
        assert_eq!(violations(&one_of, &"secret".into()), ["a: Expected one of `PT`, `AU`."]);
        assert_eq!(violations(&Rule::Length(1..=60), &"".into()), ["a: Expected 1 to 60 characters."]);
        assert_eq!(
            violations(&Rule::Length(2..=usize::MAX), &Value::List(vec![])),
            ["a: Expected at least 2 elements."]
        );
        assert_eq!(violations(&Rule::Range(1.0..=65535.0), &0.into()), ["a: Expected a number from 1 to 65535."]);
    }

    #[test]
    fn allowed_values_pass() {
        assert!(violations(&Rule::OneOf(&["PT", "AU"]), &"AU".into()).is_empty());
        assert!(violations(&Rule::Length(1..=2), &"é1".into()).is_empty());
        assert!(violations(&Rule::Range(1.0..=2.0), &2.into()).is_empty());
    }

    #[test]
    fn elements_are_checked_one_by_one_and_unknown_ones_later() {
        fn even(value: &Value) -> Result<(), String> {
            typed::<i64>(value, |number| if number % 2 == 0 { Ok(()) } else { Err("Expected an even number.".into()) })
        }
        let list = Value::List(vec![2.into(), 3.into(), Value::Unknown]);
        assert_eq!(violations(&Rule::Each(even), &list), ["a[1]: Expected an even number."]);
        assert_eq!(violations(&Rule::Check(even), &3.into()), ["a: Expected an even number."]);
    }
}
