//! What the test provider's API would know.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tokio::sync::Notify;

/// A thing as the API knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Record {
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) size: i64,
    pub(crate) share: f64,
    pub(crate) enabled: bool,
    pub(crate) level: String,
    pub(crate) hosts: Vec<String>,
    pub(crate) zones: Vec<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) ports: Vec<(i64, String)>,
    pub(crate) tls: Option<String>,
    pub(crate) endpoint: Option<(String, i64)>,
    pub(crate) revision: i64,
}

/// What the next operations of the API do wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// The write fails before anything happened.
    Refused,
    /// The write happens, then fails.
    FailsAfter,
    /// The write happens, then the resource panics.
    PanicsAfter,
    /// The write happens, then the resource waits until it is asked to end.
    HangsAfter,
    /// The write happens, then the resource waits for ever, whatever it is asked.
    NeverEnds,
    /// The resource says it wrote and did not tell what.
    Silent,
    /// The write succeeds, but a read right after it finds nothing.
    Vanishes,
    /// The API changes what it is given.
    Normalises,
    /// A read answers without a value, and with a number that is no number.
    Incomplete,
    /// A read fails.
    Unreadable,
    /// A read panics.
    PanicsInRead,
    /// A read waits for ever.
    HangsInRead,
    /// A read answers another identity.
    OtherIdentity,
}

/// All things, what to do wrong, and the calls so far.
#[derive(Debug, Default)]
pub(crate) struct World {
    things: Mutex<BTreeMap<String, Record>>,
    /// How many things were created so far.
    created: Mutex<u64>,
    fault: Mutex<Fault>,
    calls: Mutex<Vec<String>>,
    pub(crate) waiting: Notify,
}

impl World {
    pub(crate) fn set_fault(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    pub(crate) fn fault(&self) -> Fault {
        *self.fault.lock().unwrap()
    }

    pub(crate) fn call(&self, call: impl Into<String>) {
        self.calls.lock().unwrap().push(call.into());
    }

    /// What was called last.
    pub(crate) fn last_call(&self) -> String {
        self.calls.lock().unwrap().last().cloned().unwrap_or_default()
    }

    /// The calls since this was last asked.
    pub(crate) fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    pub(crate) fn get(&self, id: &str) -> Option<Record> {
        self.things.lock().unwrap().get(id).cloned()
    }

    pub(crate) fn len(&self) -> usize {
        self.things.lock().unwrap().len()
    }

    pub(crate) fn insert(&self, record: Record) -> String {
        let mut created = self.created.lock().unwrap();
        *created += 1;
        let id = format!("t-{created}");
        self.things.lock().unwrap().insert(id.clone(), record);
        id
    }

    pub(crate) fn change(&self, id: &str, change: impl FnOnce(&mut Record)) {
        change(self.things.lock().unwrap().get_mut(id).unwrap());
    }

    pub(crate) fn remove(&self, id: &str) -> Option<Record> {
        self.things.lock().unwrap().remove(id)
    }
}
