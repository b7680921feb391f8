//! Conditions on a text: exact, by prefix, or by expression.

use regex::bytes::{Regex, RegexBuilder};

use crate::gateway::istio::virtual_service::StringMatch;

/// The expression is none that RE2 takes.
#[derive(Debug, thiserror::Error)]
#[error("`{expression}` is not a regular expression")]
pub(super) struct BadExpression {
    expression: String,
    source: Box<regex::Error>,
}

/// A condition on a text.
#[derive(Debug)]
pub(super) enum Matcher {
    /// It is there.
    Present,
    /// It is this.
    Exact(String),
    /// It begins so.
    Prefix(String),
    /// All of it matches.
    Regex(Regex),
}

impl Matcher {
    /// The condition that an object writes.
    pub(super) fn new(text: &StringMatch) -> Result<Self, BadExpression> {
        Ok(match text {
            StringMatch { exact: Some(exact), .. } => Self::Exact(exact.clone()),
            StringMatch { prefix: Some(prefix), .. } => Self::Prefix(prefix.clone()),
            // Istio reads a lone star as "anything", though it is no expression.
            StringMatch { regex: Some(star), .. } if star == "*" => Self::Present,
            StringMatch { regex: Some(expression), .. } => Self::Regex(whole(expression)?),
            StringMatch { .. } => Self::Present,
        })
    }

    /// Whether a text that is there fulfils it.
    pub(super) fn holds(&self, text: &[u8]) -> bool {
        match self {
            Self::Present => true,
            Self::Exact(exact) => text == exact.as_bytes(),
            Self::Prefix(prefix) => text.starts_with(prefix.as_bytes()),
            Self::Regex(expression) => expression.is_match(text),
        }
    }
}

/// An expression for a whole text, in bytes, as RE2 compiles it for Envoy.
fn whole(expression: &str) -> Result<Regex, BadExpression> {
    let compiled = RegexBuilder::new(&format!(r"\A(?:{expression})\z")).unicode(false).build();
    compiled.map_err(|source| BadExpression { expression: expression.to_owned(), source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{BadExpression, Matcher};

    fn holds(written: Value, text: &str) -> Result<bool, BadExpression> {
        let matcher = Matcher::new(&serde_json::from_value(written).unwrap())?;
        Ok(matcher.holds(text.as_bytes()))
    }

    #[test]
    fn each_kind_holds_for_its_texts_only() {
        for (written, good, bad) in [
            (json!({ "exact": "a.b" }), "a.b", "a.bc"),
            (json!({ "prefix": "a.b" }), "a.bc", "a.cb"),
            (json!({ "regex": "a.b|c" }), "axb", "axbc"),
            (json!({ "regex": r"\d{2}\/" }), "12/", "123/"),
            (json!({ "regex": "(?i)abc" }), "AbC", "AbCd"),
        ] {
            assert!(holds(written.clone(), good).unwrap(), "{written} {good}");
            assert!(!holds(written.clone(), bad).unwrap(), "{written} {bad}");
        }
    }

    #[test]
    fn nothing_and_a_lone_star_hold_for_all_texts() {
        assert!(holds(json!({}), "").unwrap());
        assert!(holds(json!({ "regex": "*" }), "any").unwrap());
    }

    #[test]
    fn a_bad_expression_is_refused_by_its_text() {
        let error = holds(json!({ "regex": "/(" }), "").unwrap_err();
        assert_eq!(error.to_string(), "`/(` is not a regular expression");
    }
}
