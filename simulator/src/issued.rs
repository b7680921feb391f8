//! The secrets that were given out, for tests that look for where one has leaked.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Every secret that a simulated cloud has given out since it started. No endpoint shows it. Clones are the same.
#[derive(Clone, Default)]
pub struct Issued(Arc<Mutex<BTreeMap<String, &'static str>>>);

impl Issued {
    /// Every secret so far, with what it is, such as `session token`.
    pub fn all(&self) -> BTreeMap<String, &'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes note of a secret. One that a world file gives is given out too.
    pub(crate) fn note(&self, what: &'static str, secret: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(secret.to_owned(), what);
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Issued")
    }
}
