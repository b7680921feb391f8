//! Reading an existing object.

use std::sync::Arc;

use super::answer::{Answer, after_read, opted_in};
use super::diagnostics::{Diagnostic, Diagnostics};
use super::erased::ErasedResource;
use super::error::{Error, ErrorKind};
use super::identity::check_stable;
use super::invariants::state_violations;
use super::path::Path;
use super::private::{Imported, Private};
use super::schema::Schema;
use super::task::contained;
use super::value::Value;
use crate::scope::Scope;

/// A read to be done.
pub(crate) struct Refresh {
    pub(crate) resource: Arc<dyn ErasedResource>,
    pub(crate) schema: Arc<Schema>,
    pub(crate) scope: Scope,
    pub(crate) prior: Value,
    pub(crate) private: Private,
}

/// The state after a read; null where the object is gone, the prior one after an error.
pub(crate) struct Refreshed {
    pub(crate) state: Value,
    pub(crate) private: Private,
    pub(crate) diagnostics: Diagnostics,
}

impl Refresh {
    /// Reads. What is not positively gone stays in the state.
    pub(crate) async fn run(self) -> Refreshed {
        let refresh = Arc::new(self);
        let found = match contained(&refresh.scope, Arc::clone(&refresh).find()).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            found => found,
        };
        match found {
            Ok(Some(found)) => refresh.found(found),
            Ok(None) if refresh.private.is_importing() => refresh.failed(nothing_to_import().into()),
            Ok(None) => {
                Refreshed { state: Value::Null, private: Private::default(), diagnostics: Diagnostics::default() }
            }
            Err(error) => refresh.failed(error.into_diagnostics()),
        }
    }

    async fn find(self: Arc<Self>) -> Result<Option<Value>, Error> {
        let read = async {
            self.resource.check_owner(&self.scope, &self.prior).await.map_err(Error::not_gone)?;
            self.resource.read(&self.scope, &self.prior, &self.private).await
        };
        self.scope.run(read).await?
    }

    fn found(&self, found: Value) -> Refreshed {
        let body = &self.schema.body;
        let found = if self.private.is_importing() { found } else { opted_in(body, &self.prior, found) };
        let Answer { state, unknown, .. } = after_read(body, &self.prior, found);
        let mut problems: Diagnostics = left_unknown(unknown);
        problems.extend(check_stable(body, &self.prior, &state).err());
        if problems.has_errors() {
            return self.failed(problems);
        }
        if cfg!(debug_assertions) {
            // A read has no plan to agree with.
            let violations = state_violations(body, &Value::Unknown, &state);
            problems.extend(violations.into_iter().map(|found| Diagnostic::error("Bug of the framework", found)));
        }
        let mut private = self.private.clone();
        if private.imported().is_some() {
            private.set_imported(Some(Imported::Read));
        }
        Refreshed { state, private, diagnostics: problems }
    }

    fn failed(&self, diagnostics: Diagnostics) -> Refreshed {
        Refreshed { state: self.prior.clone(), private: self.private.clone(), diagnostics }
    }
}

/// The errors for attributes that hold no value Terraform could take.
pub(crate) fn left_unknown(paths: Vec<Path>) -> Diagnostics {
    let detail = "The provider answered without a value for this attribute, or with a number that is not finite. \
                  This is a bug of the provider; please report it.";
    let mut diagnostics = Diagnostics::default();
    diagnostics
        .extend(paths.into_iter().map(|path| Diagnostic::error("No value after the operation", detail).at(path)));
    diagnostics
}

fn nothing_to_import() -> Diagnostic {
    let detail =
        "There is no such object for this provider's configuration. Is the ID right, and are account and region?";
    Diagnostic::error("Nothing to import", detail)
}
