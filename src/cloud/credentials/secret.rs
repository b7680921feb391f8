//! A text that is not shown.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::redaction;

/// A secret text, such as a key or a token. Its `Debug` form shows nothing of it, it has no `Display` form, and no message and
/// no line of the log tells it from then on.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        let text = text.into();
        redaction::learn(&text);
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_debug_form_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::from("hunter2")), "Secret");
    }

    #[test]
    fn whatever_quotes_one_is_redacted() {
        let [made, read] = ["secret-test-made-one", "secret-test-read-one"];
        let secrets = (Secret::from(made), serde_json::from_value::<Secret>(read.into()));
        assert_eq!(secrets.1.ok().as_ref().map(Secret::expose), Some(read));
        assert_eq!(redaction::redact(&format!("{made} {read}")), "(secret) (secret)");
    }
}
