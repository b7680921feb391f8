//! What was asked of the cloud and how it was answered.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// The journal keeps this many of the latest entries.
const CAPACITY: usize = 10_000;

/// What the journal and faults call the API of a cluster.
pub(crate) const KUBERNETES: &str = "kubernetes";

/// Parameters whose values are secrets.
const SECRETS: [&str; 4] = ["Password", "WebIdentityToken", "SAMLAssertion", "TokenCode"];

/// A request and its answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Numbered {
    /// Counts from 1.
    pub(crate) number: u64,
    /// What was asked of whom.
    #[serde(flatten)]
    pub(crate) request: Request,
}

/// What was asked of whom.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Request {
    /// An action of a service.
    Action(Entry),
    /// A request to a cluster's API.
    Kubernetes(KubernetesEntry),
}

/// A request to a cluster's API, and its answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct KubernetesEntry {
    /// World time.
    pub(crate) time: Timestamp,
    /// Always [`KUBERNETES`].
    pub(crate) service: &'static str,
    /// The cluster or hub.
    pub(crate) cluster: String,
    /// The HTTP method.
    pub(crate) method: String,
    /// The path, with the query.
    pub(crate) path: String,
    /// Who asked; empty where that is not known.
    pub(crate) user: String,
    /// Whether it was to change something.
    pub(crate) write: bool,
    /// The HTTP status of the answer.
    pub(crate) code: u16,
}

/// A request to a service, and its answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
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

impl Request {
    /// The service asked.
    pub(crate) fn service(&self) -> &str {
        match self {
            Self::Action(entry) => &entry.service,
            Self::Kubernetes(entry) => entry.service,
        }
    }

    /// Whether it was to change something.
    pub(crate) fn writes(&self) -> bool {
        match self {
            Self::Action(entry) => entry.write,
            Self::Kubernetes(entry) => entry.write,
        }
    }

    /// The request as one for an action, if it was.
    pub(crate) fn as_action(&self) -> Option<&Entry> {
        match self {
            Self::Action(entry) => Some(entry),
            Self::Kubernetes(_) => None,
        }
    }
}

/// The latest requests.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    last: u64,
    entries: VecDeque<Numbered>,
}

impl Journal {
    /// Writes down a request for an action. Its secrets are taken out.
    pub(crate) fn add(&self, mut entry: Entry) {
        hide_secrets(&mut entry.parameters);
        self.append(Request::Action(entry));
    }

    /// Writes down a request to a cluster's API.
    pub(crate) fn add_kubernetes(&self, entry: KubernetesEntry) {
        self.append(Request::Kubernetes(entry));
    }

    fn append(&self, request: Request) {
        let mut journal = self.lock();
        journal.last += 1;
        let number = journal.last;
        if journal.entries.len() == CAPACITY {
            journal.entries.pop_front();
        }
        journal.entries.push_back(Numbered { number, request });
    }

    /// The entries that `wanted` accepts, oldest first.
    pub(crate) fn entries(&self, wanted: impl Fn(&Numbered) -> bool) -> Vec<Numbered> {
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
