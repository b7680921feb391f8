//! What an apply answers, in each of the ways in which it can end.

use super::Apply;
use crate::framework::answer::{Answer, after_write};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::error::Error;
use crate::framework::identity::check_stable;
use crate::framework::invariants::state_violations;
use crate::framework::path::Path;
use crate::framework::private::Private;
use crate::framework::progress::Kept;
use crate::framework::refresh::left_unknown;
use crate::framework::value::Value;
use crate::framework::walk::fill_unknowns;

/// The new state, null where there is no object, with the notes beside it.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) state: Value,
    pub(crate) private: Private,
    pub(crate) diagnostics: Diagnostics,
}

impl Applied {
    /// A failure after which `state` is what Terraform should have, with what state things are left in.
    fn failed(error: Error, state: Value, kept: Kept, left: &str) -> Self {
        let mut diagnostics = kept.messages;
        diagnostics.extend(error.into_diagnostics().leaving(left));
        Self { state, private: kept.private, diagnostics }
    }

    pub(super) fn not_created(error: Error, kept: Kept) -> Self {
        let left = "No new object is known, so nothing was added to the state.";
        Self::failed(error, Value::Null, Kept { private: Private::default(), ..kept }, left)
    }

    pub(super) fn tainted(error: Error, known: Value, kept: Kept) -> Self {
        let left = "The new object is in the state, marked as tainted: the next apply deletes it and creates another one. If \
                    it is sound, `terraform untaint` keeps it.";
        Self::failed(error, known, kept, left)
    }

    pub(super) fn not_updated(error: Error, state: Value, kept: Kept) -> Self {
        let left = "The update is not complete. The state holds what is known to be in effect, and the next plan shows the rest.";
        Self::failed(error, state, kept, left)
    }

    pub(super) fn updated_unread(error: Error, known: Value, kept: Kept) -> Self {
        let left = "The update itself was carried out, and the state says so; the next plan reads the object again.";
        Self::failed(error, known, kept, left)
    }

    pub(super) fn not_deleted(error: Error, prior: Value, kept: Kept) -> Self {
        let left = "The object is still in the state: the next apply goes on deleting it.";
        Self::failed(error, prior, kept, left)
    }

    pub(super) fn gone(kept: Kept) -> Self {
        Self { state: Value::Null, private: Private::default(), diagnostics: kept.messages }
    }
}

impl Apply {
    /// A change that is none to the API: the state takes on what is planned.
    pub(super) fn adopted(&self) -> Applied {
        let state = fill_unknowns(self.change.plan.clone(), &self.change.prior);
        self.checked(state, self.change.private.clone(), Diagnostics::default())
    }

    /// A write that was read back.
    pub(super) fn written(&self, read: Answer, kept: Kept) -> Applied {
        let body = &self.schema.body;
        let mut diagnostics = kept.messages;
        diagnostics.extend(check_stable(body, &self.change.prior, &read.state).err());
        let Answer { state, overruled, .. } = after_write(body, self.change.plan.clone(), &read.state);
        diagnostics.extend(left_unknown(read.unknown));
        diagnostics.extend(overruled.into_iter().map(overruled_by_plan));
        self.checked(state, kept.private, diagnostics)
    }

    /// A success, after which an object no longer counts as just imported.
    fn checked(&self, state: Value, mut private: Private, mut diagnostics: Diagnostics) -> Applied {
        private.set_imported(None);
        if cfg!(debug_assertions) {
            let violations = state_violations(&self.schema.body, &self.change.plan, &state);
            diagnostics.extend(violations.into_iter().map(|found| Diagnostic::error("Bug of the framework", found)));
        }
        Applied { state, private, diagnostics }
    }
}

fn overruled_by_plan(path: Path) -> Diagnostic {
    let detail = format!(
        "The API answered another value for `{path}` than the one it was given. The state keeps the given value for now; \
         unless the API takes it on, the next plan shows the difference."
    );
    Diagnostic::warning("Value changed by the API", detail).at(path)
}
