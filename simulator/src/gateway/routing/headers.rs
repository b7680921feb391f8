//! Changes of headers, of a rule and of a destination.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::gateway::istio::virtual_service::{HeaderOperations, Headers};

/// A name or value that HTTP does not allow.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` cannot be in a header")]
pub(super) struct BadHeader(String);

/// Changes of request and answer.
#[derive(Clone, Debug, Default)]
pub(super) struct HeaderEdits {
    /// The new `Host` header, which is set like any other.
    pub(super) authority: Option<String>,
    request: Edits,
    response: Edits,
}

impl HeaderEdits {
    /// The changes that an object writes.
    pub(super) fn new(written: &Headers) -> Result<Self, BadHeader> {
        let HeaderOperations { set, add, .. } = &written.request;
        let authority =
            |map: &BTreeMap<String, String>| map.iter().find(|(name, _)| is_host(name)).map(|(_, value)| value.clone());
        Ok(Self {
            authority: authority(set).or_else(|| authority(add)),
            request: Edits::new(&written.request)?,
            response: Edits::new(&written.response)?,
        })
    }

    /// Both, as one: what either removes goes, then what either sets is set, then what either adds comes beside it. The
    /// first authority stands.
    pub(super) fn then(&self, other: &Self) -> Self {
        Self {
            authority: self.authority.clone().or_else(|| other.authority.clone()),
            request: self.request.then(&other.request),
            response: self.response.then(&other.response),
        }
    }

    /// Changes the headers of a request.
    pub(super) fn apply_to_request(&self, headers: &mut HeaderMap) {
        self.request.apply(headers);
    }

    /// Changes the headers of an answer.
    pub(super) fn apply_to_response(&self, headers: &mut HeaderMap) {
        self.response.apply(headers);
    }
}

/// Changes of the headers of one message: names that go, then values that replace or are added.
#[derive(Clone, Debug, Default)]
struct Edits {
    remove: Vec<HeaderName>,
    set: Vec<(HeaderName, HeaderValue, How)>,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Replace,
    Add,
}

impl Edits {
    fn new(written: &HeaderOperations) -> Result<Self, BadHeader> {
        let replaced = written.set.iter().map(|header| (header, How::Replace));
        let added = written.add.iter().map(|header| (header, How::Add));
        let changed = replaced.chain(added).filter(|((name, value), _)| !is_internal(name) && !value.is_empty());
        let removed = written.remove.iter().filter(|name| !is_internal(name));
        Ok(Self {
            remove: removed.map(|text| name(text)).collect::<Result<_, _>>()?,
            set: changed.map(|((key, text), how)| Ok((name(key)?, value(text)?, how))).collect::<Result<_, _>>()?,
        })
    }

    fn then(&self, other: &Self) -> Self {
        let mut set = [&*self.set, &other.set].concat();
        // Envoy sets all that is to be set before it adds anything.
        set.sort_by_key(|(_, _, how)| matches!(how, How::Add));
        Self { remove: [&*self.remove, &other.remove].concat(), set }
    }

    fn apply(&self, headers: &mut HeaderMap) {
        for name in &self.remove {
            headers.remove(name);
        }
        for (name, value, how) in &self.set {
            match how {
                How::Replace => drop(headers.insert(name, value.clone())),
                How::Add => drop(headers.append(name, value.clone())),
            }
        }
    }
}

fn name(text: &str) -> Result<HeaderName, BadHeader> {
    text.parse().map_err(|_| BadHeader(text.to_owned()))
}

fn value(text: &str) -> Result<HeaderValue, BadHeader> {
    text.parse().map_err(|_| BadHeader(text.to_owned()))
}

/// Headers that Envoy does not let operations change.
fn is_internal(name: &str) -> bool {
    name.starts_with(':') || is_host(name)
}

fn is_host(name: &str) -> bool {
    name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case(":authority")
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use serde_json::{Value, json};

    use super::HeaderEdits;

    fn edits(written: Value) -> HeaderEdits {
        HeaderEdits::new(&serde_json::from_value(written).unwrap()).unwrap()
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &'static str)| {
            (name.parse::<HeaderName>().unwrap(), HeaderValue::from_static(value))
        };
        let mut headers = HeaderMap::new();
        for (name, value) in pairs.iter().map(pair) {
            headers.append(name, value);
        }
        headers
    }

    fn changed(edits: &HeaderEdits, before: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut changed = headers(before);
        edits.apply_to_response(&mut changed);
        changed
    }

    #[test]
    fn set_replaces_add_comes_beside_and_remove_goes_first() {
        let edits = edits(json!({ "response": {
            "set": { "a": "new" },
            "add": { "b": "more" },
            "remove": ["b", "c"],
        } }));
        let after = changed(&edits, &[("a", "old"), ("b", "old"), ("c", "old")]);
        assert_eq!(after, headers(&[("a", "new"), ("b", "more")]));
    }

    #[test]
    fn request_and_answer_are_changed_apart() {
        let edits = edits(json!({ "request": { "set": { "a": "1" } } }));
        assert_eq!(changed(&edits, &[]), headers(&[]));
        let mut request = headers(&[]);
        edits.apply_to_request(&mut request);
        assert_eq!(request, headers(&[("a", "1")]));
    }

    #[test]
    fn the_host_header_is_the_authority() {
        let edits = edits(json!({ "request": { "set": { "Host": "a.com" }, "add": { ":authority": "b.com" } } }));
        assert_eq!(edits.authority.as_deref(), Some("a.com"));
        let mut request = headers(&[("host", "old")]);
        edits.apply_to_request(&mut request);
        assert_eq!(request, headers(&[("host", "old")]));
    }

    #[test]
    fn of_two_changes_in_one_the_later_value_stands_and_the_earlier_authority() {
        let set =
            |text: &str| edits(json!({ "request": { "set": { "host": text } }, "response": { "set": { "a": text } } }));
        let both = set("first").then(&set("second"));
        assert_eq!(changed(&both, &[]), headers(&[("a", "second")]));
        assert_eq!(both.authority.as_deref(), Some("first"));
    }

    #[test]
    fn of_two_changes_in_one_what_is_set_comes_before_what_is_added() {
        let added = edits(json!({ "response": { "add": { "a": "added" } } }));
        let set = edits(json!({ "response": { "set": { "a": "set" } } }));
        assert_eq!(changed(&added.then(&set), &[]), headers(&[("a", "set"), ("a", "added")]));
    }

    #[test]
    fn an_empty_value_changes_nothing() {
        assert_eq!(
            changed(&edits(json!({ "response": { "set": { "a": "" } } })), &[("a", "old")]),
            headers(&[("a", "old")])
        );
    }

    #[test]
    fn a_bad_name_is_refused_by_its_text() {
        let written = serde_json::from_value(json!({ "response": { "set": { "a b": "1" } } })).unwrap();
        assert_eq!(HeaderEdits::new(&written).unwrap_err().to_string(), "`a b` cannot be in a header");
    }
}
