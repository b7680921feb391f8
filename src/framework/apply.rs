//! Creating, updating and deleting, so that nothing that was done is lost from the state, whatever ends the operation.

mod applied;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use applied::Applied;

use super::answer::{Answer, after_read, opted_in, partial};
use super::diagnostics::Diagnostic;
use super::erased::{ErasedChange, ErasedResource};
use super::error::{Error, ErrorKind};
use super::plan::differs;
use super::private::Private;
use super::progress::{Kept, Shared};
use super::schema::Schema;
use super::task::contained;
use super::value::Value;
use super::walk::fill_unknowns;
use crate::scope::Scope;

/// How long to look at an object once more after a write that was done when the call was to end: without this look a new
/// object would count as broken and be replaced.
const LAST_LOOK: Duration = Duration::from_secs(10);

/// An apply to be done.
pub(crate) struct Apply {
    pub(crate) resource: Arc<dyn ErasedResource>,
    pub(crate) schema: Arc<Schema>,
    pub(crate) scope: Scope,
    /// Configuration with defaults, prior state, plan, and the notes beside the prior state.
    pub(crate) change: ErasedChange,
}

impl Apply {
    /// Creates where there is no prior state, deletes where null is planned, else updates.
    ///
    /// # Cancellation
    /// When the caller is dropped, the write that is under way goes on to its end.
    pub(crate) async fn run(self) -> Applied {
        let apply = Arc::new(self);
        if apply.change.prior.is_null() {
            apply.create().await
        } else if apply.change.plan.is_null() {
            apply.delete().await
        } else if apply.changes_anything() {
            apply.update().await
        } else {
            apply.adopted()
        }
    }

    fn changes_anything(&self) -> bool {
        let ErasedChange { prior, plan, private, .. } = &self.change;
        differs(&self.schema.body, prior, plan, private.imported().is_some())
    }

    async fn create(self: Arc<Self>) -> Applied {
        let shared = Arc::new(Shared::new(Private::default()));
        let (apply, told) = (Arc::clone(&self), Arc::clone(&shared));
        let create =
            async move { apply.resource.create(&apply.scope, &apply.change.config, &apply.change.plan, &told).await };
        let created = contained(&self.scope, create).await;
        let kept = shared.kept();
        let Some(known) = self.known(&kept) else {
            return Applied::not_created(created.err().unwrap_or_else(nothing_kept), kept);
        };
        let answer = match created {
            Ok(()) => Arc::clone(&self).read_back(known.clone(), kept.private.clone()).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(answer) => self.written(answer, kept),
            Err(error) => Applied::tainted(error, known, kept),
        }
    }

    async fn update(self: Arc<Self>) -> Applied {
        let shared = Arc::new(Shared::new(self.change.private.clone()));
        let updated = contained(&self.scope, Arc::clone(&self).check_and_update(Arc::clone(&shared))).await;
        let kept = shared.kept();
        match updated {
            Ok(()) => {
                let planned = || fill_unknowns(self.change.plan.clone(), &self.change.prior);
                let known = self.known(&kept).unwrap_or_else(planned);
                match Arc::clone(&self).read_back(known.clone(), kept.private.clone()).await {
                    Ok(answer) => self.written(answer, kept),
                    Err(error) => Applied::updated_unread(error, known, kept),
                }
            }
            Err(error) => {
                let known = self.known(&kept).unwrap_or_else(|| self.change.prior.clone());
                let state = Arc::clone(&self).look(known, kept.private.clone()).await;
                Applied::not_updated(error, state, kept)
            }
        }
    }

    async fn check_and_update(self: Arc<Self>, shared: Arc<Shared>) -> Result<(), Error> {
        self.resource.check_owner(&self.scope, &self.change.prior).await?;
        self.resource.update(&self.scope, &self.change, &shared).await
    }

    async fn delete(self: Arc<Self>) -> Applied {
        let shared = Arc::new(Shared::new(self.change.private.clone()));
        let deleted = contained(&self.scope, Arc::clone(&self).check_and_delete(Arc::clone(&shared))).await;
        match deleted {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Applied::not_deleted(error, self.change.prior.clone(), shared.kept())
            }
            _ => Applied::gone(shared.kept()),
        }
    }

    async fn check_and_delete(self: Arc<Self>, shared: Arc<Shared>) -> Result<(), Error> {
        let ErasedChange { prior, private, .. } = &self.change;
        self.resource.check_owner(&self.scope, prior).await.map_err(Error::not_gone)?;
        self.resource.delete(&self.scope, prior, private, &shared).await
    }

    /// What the resource told of the object, where it told anything.
    fn known(&self, kept: &Kept) -> Option<Value> {
        Some(partial(&self.schema.body, &self.change.plan, kept.model.clone()?))
    }

    /// The object after a successful write, which must be there.
    async fn read_back(self: Arc<Self>, known: Value, private: Private) -> Result<Answer, Error> {
        let apply = Arc::clone(&self);
        contained(&self.scope, async move {
            let found = match apply.read(&apply.scope, &known, &private).await {
                Err(_) if apply.scope.interrupted().is_some() => {
                    apply.read(&Scope::unstopped(LAST_LOOK), &known, &private).await
                }
                found => found,
            };
            let found = found?.ok_or_else(vanished)?;
            Ok(after_read(&apply.schema.body, &known, found))
        })
        .await
        .map_err(Error::not_gone)
    }

    /// The object after a failed write, as far as there is time to look.
    async fn look(self: Arc<Self>, known: Value, private: Private) -> Value {
        if self.scope.interrupted().is_some() {
            return known;
        }
        let (apply, reference) = (Arc::clone(&self), known.clone());
        match contained(&self.scope, async move { apply.read(&apply.scope, &reference, &private).await }).await {
            Ok(Some(found)) => after_read(&self.schema.body, &known, found).state,
            _ => known,
        }
    }

    async fn read(&self, scope: &Scope, known: &Value, private: &Private) -> Result<Option<Value>, Error> {
        let found = scope.run(self.resource.read(scope, known, private)).await??;
        Ok(found.map(|found| opted_in(&self.schema.body, known, found)))
    }
}

fn nothing_kept() -> Error {
    let detail = "The provider reported success without saying which object it created. This is a bug of the provider; please \
                  report it.";
    Diagnostic::error("The new object is not known", detail).into()
}

fn vanished() -> Error {
    let detail = "The API accepted the write, but does not find the object right after it.";
    Diagnostic::error("The object was not found after it was written", detail).into()
}
