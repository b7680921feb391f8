//! Looks for secrets in bytes: as they are, in parts, and in base64.

use std::collections::{BTreeSet, HashMap};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// What is shorter is no secret, and would be found everywhere.
const LENGTH: usize = 16;

/// Secrets to look for.
pub(super) struct Needles {
    by_beginning: HashMap<Vec<u8>, Vec<Needle>>,
    /// Which three bytes one begins with: logs are long, and most of what is in them is told apart by that.
    beginnings: Vec<bool>,
}

struct Needle {
    name: String,
    text: Vec<u8>,
}

impl Needles {
    /// Secrets with their names. A secret of several lines is found by each of them.
    pub(super) fn new(secrets: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut by_beginning = HashMap::<_, Vec<Needle>>::new();
        let mut beginnings = vec![false; 1 << 24];
        for (name, secret) in secrets {
            let traces = traces(&secret);
            assert!(!traces.is_empty(), "the {name} is too short to be looked for");
            for text in traces {
                beginnings[beginning(&text)] = true;
                by_beginning.entry(text[..LENGTH].to_vec()).or_default().push(Needle { name: name.clone(), text });
            }
        }
        Self { by_beginning, beginnings }
    }

    /// The names of the secrets that are in these bytes.
    pub(super) fn found_in(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let at = |from: usize| {
            let rest = &bytes[from..];
            let candidates = self.by_beginning.get(&rest[..LENGTH]).into_iter().flatten();
            candidates.filter(move |needle| rest.starts_with(&needle.text)).map(|needle| needle.name.as_str())
        };
        let places = 0..(bytes.len() + 1).saturating_sub(LENGTH);
        places.filter(|from| self.beginnings[beginning(&bytes[*from..])]).flat_map(at).collect()
    }
}

fn beginning(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2])
}

/// What gives a secret away: each line, what follows the last dot of a token, and all of it in base64.
fn traces(secret: &str) -> Vec<Vec<u8>> {
    let lines = secret.lines().filter(|line| !line.starts_with("-----"));
    let parts = lines.flat_map(|line| [Some(line), line.rsplit_once('.').map(|(_, last)| last)]).flatten();
    let forms = parts.flat_map(|part| std::iter::once(part.as_bytes().to_vec()).chain(encoded(part)));
    forms.filter(|form| form.len() >= LENGTH).collect()
}

/// The text in base64, without what depends on what stands before and after it.
fn encoded(text: &str) -> impl Iterator<Item = Vec<u8>> {
    [(0, 0), (1, 2), (2, 3)].into_iter().map(move |(before, cut)| {
        let encoded = STANDARD_NO_PAD.encode([&vec![b' '; before], text.as_bytes()].concat());
        let end = encoded.len() - usize::from(!(before + text.len()).is_multiple_of(3));
        encoded.as_bytes()[cut..end].to_vec()
    })
}

#[test]
fn a_secret_is_found_in_every_wrapping() {
    let pem =
        "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\nCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----\n";
    let secrets = [("token", "head.claims.c2lnbmF0dXJlLW9mLWl0"), ("key", pem)];
    let needles = Needles::new(secrets.map(|(name, secret)| (name.to_owned(), secret.to_owned())));
    let found = |text: &str| needles.found_in(text.as_bytes()).into_iter().collect::<Vec<_>>();
    assert_eq!(found("Bearer head.claims.c2lnbmF0dXJlLW9mLWl0"), ["token"]);
    assert_eq!(found("only c2lnbmF0dXJlLW9mLWl0 of it"), ["token"]);
    assert_eq!(found(&format!("{pem:?}")), ["key"]);
    for before in ["", "a", "ab", "abc"] {
        assert_eq!(found(&STANDARD_NO_PAD.encode(format!("{before}{pem} and more"))), ["key"], "after {before:?}");
    }
    assert_eq!(found("-----BEGIN PRIVATE KEY-----"), [""; 0]);
    assert_eq!(found("short"), [""; 0]);
}
