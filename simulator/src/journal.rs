//! What was asked of the cloud and how it was answered.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// The journal keeps this many of the latest entries.
const CAPACITY: usize = 10_000;

/// Parameters whose values are secrets.
const SECRETS: [&str; 4] = ["Password", "WebIdentityToken", "SAMLAssertion", "TokenCode"];

/// One request and its answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    /// Counts from 1.
    pub(crate) number: u64,
    /// World time.
    pub(crate) time: Timestamp,
    /// The service asked.
    pub(crate) service: String,
    /// The action asked for.
    pub(crate) action: String,
    /// `X-TC-Region`, or empty.
    pub(crate) region: String,
    /// The world's name of the account that signed, where the signature was right.
    pub(crate) account: Option<String>,
    /// Whether the action changes something.
    pub(crate) write: bool,
    /// The parameters, without secrets.
    pub(crate) parameters: Value,
    /// The error code answered, or `HTTP 502` and the like for faults; nothing where all went well.
    pub(crate) code: Option<String>,
    /// The id of the request.
    pub(crate) request_id: String,
}

/// The latest requests.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    last: u64,
    entries: VecDeque<Entry>,
}

impl Journal {
    /// Writes down a request. Its number is given here, its secrets are taken out.
    pub(crate) fn add(&self, mut entry: Entry) {
        hide_secrets(&mut entry.parameters);
        let mut journal = self.lock();
        journal.last += 1;
        entry.number = journal.last;
        if journal.entries.len() == CAPACITY {
            journal.entries.pop_front();
        }
        journal.entries.push_back(entry);
    }

    /// The entries that `wanted` accepts, oldest first.
    pub(crate) fn entries(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        self.lock().entries.iter().filter(|entry| wanted(entry)).cloned().collect()
    }

    /// Forgets everything; numbers begin at 1 again.
    pub(crate) fn clear(&self) {
        *self.lock() = Entries::default();
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hide_secrets(value: &mut Value) {
    match value {
        Value::Object(members) => hide_members(members),
        Value::Array(items) => items.iter_mut().for_each(hide_secrets),
        _ => {}
    }
}

fn hide_members(members: &mut Map<String, Value>) {
    for (name, value) in members {
        match SECRETS.contains(&name.as_str()) {
            true => *value = Value::from("[secret]"),
            false => hide_secrets(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_not_written_down() {
        let mut parameters =
            json!({"Prometheus": {"CustomProm": {"Password": "p", "Url": "u"}}, "List": [{"Password": 1}]});
        hide_secrets(&mut parameters);
        let expected = json!({"Prometheus": {"CustomProm": {"Password": "[secret]", "Url": "u"}}, "List": [{"Password": "[secret]"}]});
        assert_eq!(parameters, expected);
    }
}
