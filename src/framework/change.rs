//! What an update starts from and leads to.

use std::ops::Deref;
use std::sync::Arc;

use super::diagnostics::Diagnostic;
use super::private::Private;
use super::progress::Shared;

/// The state before an operation. Attributes that are not set read as the default of their Rust type.
#[derive(Clone, Debug)]
pub struct Prior<M> {
    model: M,
    private: Private,
    told: Arc<Shared>,
}

impl<M> Prior<M> {
    /// A state and what was noted beside it.
    pub fn new(model: M, private: Private) -> Self {
        Self { model, private, told: Arc::default() }
    }

    /// The same state, with a place for what a deletion has to tell.
    pub(crate) fn telling(self, told: Arc<Shared>) -> Self {
        Self { told, ..self }
    }

    /// Shows a message when the deletion ends, however it ends: above all what it leaves behind. Reads and updates drop it.
    pub fn warn(&self, diagnostic: Diagnostic) {
        self.told.warn(diagnostic);
    }

    /// What the resource noted beside the state.
    pub fn private(&self) -> &Private {
        &self.private
    }
}

impl<M> Deref for Prior<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.model
    }
}

/// An update.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a, M> {
    /// The configuration with defaults filled in: the only place of write-only values.
    pub config: &'a M,
    /// The state before.
    pub prior: &'a Prior<M>,
    /// The state to reach. What is computed may be unknown.
    pub plan: &'a M,
}

impl<'a, M> Change<'a, M> {
    /// Whether a part of the object changes: `change.any(|ccn| (&ccn.name, &ccn.description))`.
    pub fn any<T: PartialEq>(&self, part: impl Fn(&'a M) -> T) -> bool {
        part(self.prior) != part(self.plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_in_the_parts_that_differ() {
        let prior = Prior::new(("a".to_owned(), 1, 2), Private::default());
        let plan = ("b".to_owned(), 1, 2);
        let change = Change { config: &plan, prior: &prior, plan: &plan };
        assert!(change.any(|(name, size, _)| (name, size)));
        assert!(!change.any(|(_, size, weight)| (size, weight)));
    }
}
