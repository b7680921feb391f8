//! Label and field selectors of lists and watches.

use super::errors::ApiError;
use super::kinds::Kind;
use super::names;
use super::object::Object;

/// Which objects a list or watch is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    labels: Vec<LabelRequirement>,
    fields: Vec<FieldRequirement>,
}

#[derive(Clone, Debug, PartialEq)]
struct LabelRequirement {
    key: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Exists,
    Missing,
    In(Vec<String>),
    NotIn(Vec<String>),
    Above(i64),
    Below(i64),
}

#[derive(Clone, Debug)]
struct FieldRequirement {
    pointer: String,
    equal: bool,
    value: String,
}

impl Selector {
    /// Reads the query parameters `labelSelector` and `fieldSelector`.
    ///
    /// # Errors
    /// 400 when they cannot be read, or name a field that the kind cannot be selected by.
    pub(crate) fn parse(kind: &Kind, labels: &str, fields: &str) -> Result<Self, ApiError> {
        Ok(Self { labels: parse_labels(labels)?, fields: parse_fields(kind, fields)? })
    }

    /// Whether every object matches.
    pub(crate) fn is_everything(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Whether an object matches.
    pub(crate) fn matches(&self, object: &Object) -> bool {
        self.labels.iter().all(|requirement| requirement.matches(object.label(&requirement.key)))
            && self.fields.iter().all(|requirement| requirement.matches(object))
    }
}

impl LabelRequirement {
    fn matches(&self, value: Option<&str>) -> bool {
        match &self.test {
            Test::Exists => value.is_some(),
            Test::Missing => value.is_none(),
            Test::In(values) => value.is_some_and(|value| values.iter().any(|it| it == value)),
            Test::Above(number) => value.and_then(|value| value.parse().ok()).is_some_and(|it: i64| it > *number),
            Test::Below(number) => value.and_then(|value| value.parse().ok()).is_some_and(|it: i64| it < *number),
            Test::NotIn(values) => value.is_none_or(|value| values.iter().all(|it| it != value)),
        }
    }
}

impl FieldRequirement {
    fn matches(&self, object: &Object) -> bool {
        let value = object.at(&self.pointer);
        let text = value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        (text.unwrap_or_default() == self.value) == self.equal
    }
}

fn parse_labels(text: &str) -> Result<Vec<LabelRequirement>, ApiError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    split_outside_parentheses(text).map(|part| parse_label(part.trim())).collect()
}

/// Splits at the commas that are not inside parentheses.
fn split_outside_parentheses(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    text.split(move |letter: char| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ',' && depth == 0
    })
}

fn parse_label(text: &str) -> Result<LabelRequirement, ApiError> {
    if text.is_empty() {
        return Err(ApiError::bad_request("found ',', expected: !, identifier, or 'end of string'"));
    }
    if let Some(word) = misplaced_word(text) {
        return Err(ApiError::bad_request(word));
    }
    let (key, test) = split_label(text).ok_or_else(|| unreadable(text))?;
    if !names::is_label_key(key) {
        return Err(unreadable(text));
    }
    Ok(LabelRequirement { key: key.to_owned(), test })
}

/// A word where none can be: after a value, or instead of the values of a set.
fn misplaced_word(text: &str) -> Option<String> {
    let words: Vec<_> = text.split_whitespace().collect();
    if let [_, "in" | "notin", word, ..] = words[..]
        && !word.starts_with('(')
    {
        return Some(format!("unable to parse requirement: found '{word}' expected: '('"));
    }
    let (_, value) = text.split_once('=').filter(|_| !text.contains('('))?;
    let word = value.trim_start_matches('=').split_whitespace().nth(1)?;
    Some(format!("found '{word}', expected: ',' or 'end of string'"))
}

fn split_label(text: &str) -> Option<(&str, Test)> {
    if let Some(key) = text.strip_prefix('!') {
        return Some((key.trim(), Test::Missing));
    }
    if let Some((head, values)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let (key, operator) = head.trim().split_once(char::is_whitespace)?;
        return match operator.trim() {
            "in" => Some((key, Test::In(values))),
            "notin" => Some((key, Test::NotIn(values))),
            _ => None,
        };
    }
    for operator in ["!=", "==", "="] {
        if let Some((key, value)) = text.split_once(operator) {
            let values = vec![value.trim().to_owned()];
            let test = if operator == "!=" { Test::NotIn(values) } else { Test::In(values) };
            return Some((key.trim(), test));
        }
    }
    for (operator, test) in [('>', Test::Above as fn(i64) -> Test), ('<', Test::Below)] {
        if let Some((key, number)) = text.split_once(operator) {
            return Some((key.trim(), test(number.trim().parse().ok()?)));
        }
    }
    Some((text, Test::Exists))
}

fn unreadable(text: &str) -> ApiError {
    ApiError::bad_request(format!("unable to parse requirement: {text:?}"))
}

fn parse_fields(kind: &Kind, text: &str) -> Result<Vec<FieldRequirement>, ApiError> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| parse_field(kind, part)).collect()
}

fn parse_field(kind: &Kind, text: &str) -> Result<FieldRequirement, ApiError> {
    let split = ["!=", "==", "="].into_iter().find_map(|operator| Some((operator, text.split_once(operator)?)));
    let invalid = || ApiError::bad_request(format!("invalid selector: '{text}'; can't understand '{text}'"));
    let (operator, (field, value)) = split.ok_or_else(invalid)?;
    let always = ["metadata.name", "metadata.namespace"];
    if !always.contains(&field) && !kind.selectable_fields.iter().any(|known| known == field) {
        return Err(ApiError::bad_request(match kind.selectable_fields.is_empty() {
            true => format!("{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""),
            false => format!("field label not supported: {field}"),
        }));
    }
    let pointer = format!("/{}", field.replace('.', "/"));
    Ok(FieldRequirement { pointer, equal: operator != "!=", value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::builtin;

    fn pod(labels: &[(&str, &str)]) -> Object {
        let mut object = Object::new("v1", "Pod", "p");
        for (name, value) in labels {
            object.set(&format!("/metadata/labels/{name}"), *value);
        }
        object.set("/spec/nodeName", "n1");
        object
    }

    fn matches(labels: &str, fields: &str, object: &Object) -> bool {
        let pods = builtin::kinds().into_iter().find(|kind| kind.kind == "Pod").expect("pods");
        Selector::parse(&pods, labels, fields).expect("a selector").matches(object)
    }

    #[test]
    fn label_selectors_match_as_documented() {
        let object = pod(&[("app", "web"), ("tier", "front")]);
        for (selector, expected) in [
            ("", true),
            ("app=web,tier==front", true),
            ("app!=web", false),
            ("other!=x", true),
            ("app in (db, web)", true),
            ("app notin (db,web),tier", false),
            ("tier,!other", true),
            ("other", false),
        ] {
            assert_eq!(matches(selector, "", &object), expected, "{selector}");
        }
    }

    #[test]
    fn field_selectors_match_the_fields_of_the_kind() {
        let object = pod(&[]);
        assert!(matches("", "metadata.name=p,spec.nodeName=n1", &object));
        assert!(!matches("", "spec.nodeName!=n1", &object));
        assert!(matches("", "status.phase=", &object));
    }

    #[test]
    fn unreadable_selectors_and_unknown_fields_are_refused() {
        let pods = builtin::kinds().into_iter().find(|kind| kind.kind == "Pod").expect("pods");
        for (labels, fields) in [("a b (c)", ""), ("=x", ""), ("", "spec.hostname=x"), ("", "nothing")] {
            let refused = Selector::parse(&pods, labels, fields).expect_err("refused");
            assert_eq!(refused.code(), 400, "{labels} {fields}");
        }
    }
}
