//! What others can do to a server's requests: record them, disturb them, change what is admitted.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::errors::ApiError;
use super::identity::Identity;
use super::object::Object;

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The HTTP method.
    pub method: String,
    /// The path, with the query.
    pub path: String,
    /// Who asked.
    pub user: String,
    /// Whether it was to change something.
    pub write: bool,
    /// The HTTP status of the answer.
    pub code: u16,
    /// Whether the client is inside the process.
    pub inside: bool,
}

/// A request that has not been handled yet.
#[derive(Clone, Debug)]
pub struct Incoming<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path, without the query.
    pub path: &'a str,
    /// Who asks.
    pub user: &'a str,
    /// Whether the client is inside the process.
    pub inside: bool,
}

/// How a request is disturbed.
#[derive(Clone, Debug, PartialEq)]
pub enum Disturbance {
    /// It is answered with an error and not handled.
    Refuse(ApiError),
    /// It is handled, and answered with an error all the same.
    RefuseAfter(ApiError),
    /// It is answered by something in front of the server, with this status and an HTML page, and not handled.
    Page(u16),
    /// It is lost on the way: not handled, the connection breaks.
    LoseRequest,
    /// It is handled, and the answer is lost: the connection breaks.
    LoseReply,
    /// It is handled after a while, on the machine's clock.
    Delay(Duration),
}

/// An object on its way into the store.
pub struct Review<'a> {
    /// The API group.
    pub group: &'a str,
    /// The resource, for example `pods`.
    pub resource: &'a str,
    /// Who writes.
    pub user: &'a Identity,
    /// The object's namespace.
    pub namespace: Option<&'a Object>,
    /// The object as it was; none when it is created.
    pub old: Option<&'a Object>,
    /// The object, which may be changed.
    pub object: &'a mut Object,
}

/// Is told of every answered request.
pub type Journal = Arc<dyn Fn(Entry) + Send + Sync>;
/// Decides whether a request is disturbed.
pub type Faults = Arc<dyn Fn(&Incoming<'_>) -> Option<Disturbance> + Send + Sync>;
/// Admits, changes or refuses an object, as an admission webhook does. It must not call the server.
pub type Admission = Arc<dyn Fn(&mut Review<'_>) -> Result<(), ApiError> + Send + Sync>;

/// The hooks of a server.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) journal: Option<Journal>,
    pub(crate) faults: Option<Faults>,
    pub(crate) admission: RwLock<BTreeMap<String, Admission>>,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let admission = self.admission.read().unwrap_or_else(PoisonError::into_inner);
        formatter.debug_struct("Hooks").field("admission", &admission.keys()).finish_non_exhaustive()
    }
}

impl Hooks {
    /// Shows an object to every admission hook, by their names; tells whether one changed it.
    ///
    /// # Errors
    /// What a hook refuses the object with.
    pub(crate) fn admit(&self, review: &mut Review<'_>) -> Result<bool, ApiError> {
        let hooks: Vec<_> = self.admission.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        if hooks.is_empty() {
            return Ok(false);
        }
        let before = review.object.clone();
        hooks.iter().try_for_each(|hook| hook(review))?;
        Ok(*review.object != before)
    }
}
