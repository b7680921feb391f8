//! What is known so far of an operation in flight, kept outside the task that carries it out: whatever ends the task, what
//! was kept gets into the state.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::diagnostics::{Diagnostic, Diagnostics};
use super::model::Model;
use super::private::Private;
use super::value::Value;

/// Where a create or an update tells what it has done.
///
/// Call [`keep`](Self::keep) after every effect on the world, at the latest before the next `await`: what was kept last
/// survives an error, a stop and a panic.
#[derive(Debug)]
pub struct Progress<M> {
    shared: Arc<Shared>,
    model: PhantomData<fn(M)>,
}

impl<M: Model> Progress<M> {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, model: PhantomData }
    }

    /// Keeps what is known of the object, which must include its ID: `Ccn { id: id.into(), ..plan.clone() }`. What is
    /// still unknown in it becomes null where the operation ends early.
    #[allow(clippy::needless_pass_by_value, reason = "what is kept is made for it")]
    pub fn keep(&mut self, model: M) {
        self.shared.lock().model = Some(model.to_object());
    }

    /// Forgets what was kept: it is certain that nothing came of it.
    pub fn forget(&mut self) {
        self.shared.lock().model = None;
    }

    /// Notes beside the state, kept like the state itself. They can be written as long as nothing is awaited.
    pub fn private_mut(&mut self) -> impl DerefMut<Target = Private> + '_ {
        Notes(self.shared.lock())
    }

    /// Shows a message when the operation ends, however it ends.
    pub fn warn(&mut self, diagnostic: Diagnostic) {
        self.shared.warn(diagnostic);
    }
}

/// What was kept, in the hands of the framework.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<Kept>);

/// What was kept last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) model: Option<Value>,
    pub(crate) private: Private,
    pub(crate) messages: Diagnostics,
}

impl Shared {
    /// Nothing kept yet, with these notes.
    pub(crate) fn new(private: Private) -> Self {
        Self(Mutex::new(Kept { private, ..Kept::default() }))
    }

    /// What was kept so far.
    pub(crate) fn kept(&self) -> Kept {
        self.lock().clone()
    }

    pub(crate) fn warn(&self, diagnostic: Diagnostic) {
        self.lock().messages.push(diagnostic);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A panic while the notes were written leaves them as they were then: still the best that is known.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Notes<'a>(MutexGuard<'a, Kept>);

impl Deref for Notes<'_> {
    type Target = Private;

    fn deref(&self) -> &Private {
        &self.0.private
    }
}

impl DerefMut for Notes<'_> {
    fn deref_mut(&mut self) -> &mut Private {
        &mut self.0.private
    }
}
