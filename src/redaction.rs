//! The secrets of this process by their values: whatever tells a user or the log something has them replaced first.
//!
//! Types and schemas keep secrets out of messages as it is. This is for what neither sees: an answer of somebody else that
//! quotes what it was sent, or a panic.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock};

/// What stands in a secret's place.
pub const REPLACEMENT: &str = "(secret)";

/// What is shorter, in bytes, would be found in harmless words, too.
const SHORTEST: usize = 16;

/// How many secrets are known at once; the oldest ones are forgotten first. A long apply has many short-lived tokens.
const MOST: usize = 1000;

static KNOWN: RwLock<VecDeque<Box<str>>> = RwLock::new(VecDeque::new());

/// Makes a secret known. Of PEM text each line is one; of texts of other kinds with several lines nothing is learned: most of
/// a kubeconfig is no secret. Neither is anything learned of what is shorter than 16 bytes.
pub fn learn(secret: &str) {
    let secret = secret.trim();
    if !secret.contains('\n') {
        learn_line(secret);
    } else if secret.contains("-----BEGIN ") {
        secret.lines().map(str::trim).filter(|line| !line.starts_with("-----")).for_each(learn_line);
    }
}

fn learn_line(secret: &str) {
    let is_known = || KNOWN.read().unwrap_or_else(PoisonError::into_inner).iter().any(|known| **known == *secret);
    if secret.len() < SHORTEST || is_known() {
        return;
    }
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() == MOST {
        known.pop_front();
    }
    known.push_back(secret.into());
}

/// A text without the secrets that are known.
pub fn redact(text: &str) -> Cow<'_, str> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let mut found: Vec<&str> = known.iter().map(AsRef::as_ref).filter(|secret| text.contains(secret)).collect();
    // One may be a part of another.
    found.sort_by_key(|secret| Reverse(secret.len()));
    found.into_iter().fold(Cow::Borrowed(text), |text, secret| Cow::Owned(text.replace(secret, REPLACEMENT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_secret_is_replaced_wherever_it_stands() {
        learn("redaction-test-swordfish-1");
        learn(" redaction-test-swordfish-12\n");
        let told = redact("a redaction-test-swordfish-12, b redaction-test-swordfish-1.");
        assert_eq!(told, "a (secret), b (secret).");
        assert!(matches!(redact("nothing of it"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_would_be_found_in_harmless_words_is_not_learned() {
        ["", "ap-guangzhou", "kind: Config\ncurrent-context: redaction-test-context"]
            .iter()
            .for_each(|text| learn(text));
        for told in ["in ap-guangzhou", "current-context: redaction-test-context"] {
            assert_eq!(redact(told), told);
        }
    }

    #[test]
    fn of_a_key_each_line_is_a_secret() {
        learn("-----BEGIN PRIVATE KEY-----\nredaction/test/key/MIGHAgEA\n-----END PRIVATE KEY-----\n");
        assert_eq!(
            redact("-----BEGIN PRIVATE KEY----- redaction/test/key/MIGHAgEA"),
            "-----BEGIN PRIVATE KEY----- (secret)"
        );
    }

    #[test]
    fn the_newest_secrets_are_known() {
        (0..=MOST).for_each(|number| learn(&format!("redaction-test-numbered-{number:06}")));
        assert!(KNOWN.read().unwrap().len() <= MOST);
        assert_eq!(redact(&format!("redaction-test-numbered-{MOST:06}")), REPLACEMENT);
    }
}
