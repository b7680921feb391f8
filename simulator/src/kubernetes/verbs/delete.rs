//! Deleting: at once, or by asking and waiting for finalizers.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Call;
use super::decode::read;
use crate::kubernetes::answer::Answer;
use crate::kubernetes::clock::rfc3339;
use crate::kubernetes::errors::{ApiError, Cause};
use crate::kubernetes::object::Object;
use k8s_openapi::jiff::SignedDuration;

/// The finalizer that lets dependents outlive an object.
const ORPHAN: &str = "orphan";
/// The finalizer that lets an object outlive its dependents.
const FOREGROUND: &str = "foregroundDeletion";

/// How to delete (API reference, `DeleteOptions`).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    dry_run: Vec<String>,
    grace_period_seconds: Option<u32>,
    orphan_dependents: Option<bool>,
    preconditions: Preconditions,
    propagation_policy: Option<String>,
}

impl Options {
    fn propagation(&self) -> Option<Propagation> {
        let policy = Value::from(self.propagation_policy.as_deref()?);
        serde_json::from_value(policy).ok()
    }

    fn check(&self) -> Result<(), ApiError> {
        let Some(policy) = &self.propagation_policy else { return Ok(()) };
        let (field, value) = ("propagationPolicy", Value::from(policy.as_str()));
        let cause = match (self.propagation(), self.orphan_dependents) {
            (None, _) => Cause::unsupported(field, &value, &["Foreground", "Background", "Orphan", "nil"]),
            (_, None) => return Ok(()),
            _ => Cause::invalid(field, &value, "orphanDependents and deletionPropagation cannot be both set"),
        };
        Err(ApiError::invalid_options("DeleteOptions", &[cause]))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Preconditions {
    uid: String,
    resource_version: String,
}

/// What becomes of dependents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Propagation {
    Orphan,
    Background,
    Foreground,
}

/// What a delete did.
enum Outcome {
    Gone(Arc<Object>),
    Going(Arc<Object>),
}

impl Call<'_> {
    pub(super) fn delete(&self, name: &str) -> Result<Answer, ApiError> {
        let options = self.delete_options()?;
        match self.delete_one(name, &options)? {
            Outcome::Going(object) => Ok(self.answer_with(http::StatusCode::OK, &object)),
            Outcome::Gone(object) if self.kind().behaviour.is_shown_when_gone() => {
                let mut last = Arc::unwrap_or_clone(object);
                if !self.kind().behaviour.takes_time() {
                    last.take("/metadata/deletionTimestamp");
                    last.take("/metadata/deletionGracePeriodSeconds");
                }
                Ok(self.answer_with(http::StatusCode::OK, &Arc::new(last)))
            }
            Outcome::Gone(object) => {
                let kind = self.kind();
                let mut details = json!({"name": name, "group": kind.group, "kind": kind.plural, "uid": object.uid()});
                if let Some(details) = details.as_object_mut() {
                    details.retain(|_, value| value != "");
                }
                Ok(Answer::ok(&json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
                    "details": details})))
            }
        }
    }

    pub(super) fn delete_collection(&self) -> Result<Answer, ApiError> {
        if self.kind().namespaced && self.scope().is_none() {
            return Err(ApiError::method_not_allowed());
        }
        let options = self.delete_options()?;
        let selector = self.selector(None)?;
        let (mut objects, _) = self.served.store.list(&self.resource(), self.scope());
        objects.retain(|object| selector.matches(object));
        for object in &objects {
            match self.delete_one(object.name(), &options) {
                Err(error) if error.code() != 404 => return Err(error),
                _ => {}
            }
        }
        Ok(self.list_of(&objects))
    }

    /// The options in the body, and those in the query.
    fn delete_options(&self) -> Result<Options, ApiError> {
        let body = if self.body.is_empty() { json!({}) } else { read(&self.body, "")? };
        let kind = body["kind"].as_str().filter(|kind| *kind != "DeleteOptions");
        if let Some(kind) = kind {
            let version = body["apiVersion"].as_str().unwrap_or_default();
            return Err(ApiError::bad_request(format!("no kind {kind:?} is registered for version {version:?}")));
        }
        let mut options: Options = serde_json::from_value(body)
            .map_err(|error| ApiError::bad_request(format!("the delete options cannot be read: {error}")))?;
        if let Some(seconds) = self.parameters.number("gracePeriodSeconds") {
            options.grace_period_seconds = u32::try_from(seconds).ok();
        }
        let policy = self.parameters.text("propagationPolicy");
        if !policy.is_empty() {
            options.propagation_policy = Some(policy.to_owned());
        }
        options.check()?;
        Ok(options)
    }

    fn delete_one(&self, name: &str, options: &Options) -> Result<Outcome, ApiError> {
        loop {
            let old = self.find(name)?;
            self.check_delete(&old, &options.preconditions)?;
            let new = self.marked(&old, options);
            let grace = new.integer("/metadata/deletionGracePeriodSeconds").unwrap_or(0);
            let may_go = grace == 0 && new.finalizers().next().is_none() && !self.kind().behaviour.is_held(&new);
            let object = Arc::new(new.clone());
            if self.is_dry_run() || options.dry_run.iter().any(|what| what == "All") {
                return Ok(if may_go { Outcome::Gone(object) } else { Outcome::Going(object) });
            }
            if !may_go && new == *old {
                return Ok(Outcome::Going(old));
            }
            let (resource, store, expected) = (self.resource(), &self.served.store, old.resource_version());
            let done = match may_go {
                true => store.remove(&resource, new, expected).map(Outcome::Gone),
                false => store.replace(&resource, new, expected).map(Outcome::Going),
            };
            if let Ok(outcome) = done {
                self.server.after_commit(self.kind());
                return Ok(outcome);
            }
        }
    }

    fn check_delete(&self, object: &Object, asked: &Preconditions) -> Result<(), ApiError> {
        if let Some(because) = self.kind().behaviour.undeletable(object) {
            let (kind, name) = (self.kind(), object.name());
            let message = format!("{} {name:?} is forbidden: {because}", kind.qualified());
            return Err(ApiError::forbidden(&kind.group, &kind.plural, name, message));
        }
        let conflict = |what: &str, asked: &str, is: &str, end: &str| {
            let because =
                format!("the {what} in the precondition ({asked}) does not match the {what} in record ({is}). {end}");
            Err(ApiError::precondition_failed(self.kind(), object.name(), &because))
        };
        if !asked.uid.is_empty() && asked.uid != object.uid() {
            let end = "The object might have been deleted and then recreated";
            return conflict("UID", &asked.uid, object.uid(), end);
        }
        if !asked.resource_version.is_empty() && asked.resource_version != object.resource_version() {
            let end = "The object might have been modified";
            return conflict("ResourceVersion", &asked.resource_version, object.resource_version(), end);
        }
        Ok(())
    }

    /// The object with its deletion asked for.
    fn marked(&self, old: &Object, options: &Options) -> Object {
        let mut new = old.clone();
        self.set_propagation(&mut new, options);
        let behaviour = self.kind().behaviour;
        let grace = match options.grace_period_seconds {
            Some(seconds) => seconds.min(behaviour.grace_seconds(old)),
            None => behaviour.grace_seconds(old),
        };
        let before = old.integer("/metadata/deletionGracePeriodSeconds").or(old.is_terminating().then_some(0));
        if before.is_some_and(|before| before <= i64::from(grace)) {
            return new;
        }
        let end = self.server.clock.now().checked_add(SignedDuration::from_secs(grace.into()));
        new.set("/metadata/deletionTimestamp", rfc3339(end.unwrap_or_else(|_| self.server.clock.now())));
        if behaviour.goes_by_stages() {
            behaviour.begin_termination(&mut new);
            return new;
        }
        new.set("/metadata/deletionGracePeriodSeconds", grace);
        if let Some(generation) = old.integer("/metadata/generation").filter(|_| before.is_none()) {
            new.set("/metadata/generation", generation + 1);
        }
        behaviour.begin_termination(&mut new);
        new
    }

    /// Dependents are the garbage collector's: finalizers tell it what to do before the object goes.
    fn set_propagation(&self, object: &mut Object, options: &Options) {
        let orphans = self.kind().behaviour.orphans_by_default().then_some(Propagation::Orphan);
        let asked = options.orphan_dependents.map(|orphan| match orphan {
            true => Propagation::Orphan,
            false => Propagation::Background,
        });
        let Some(policy) = options.propagation().or(asked).or(orphans) else { return };
        let mut finalizers: Vec<_> = object.finalizers().map(str::to_owned).collect();
        finalizers.retain(|name| name != ORPHAN && name != FOREGROUND);
        match policy {
            Propagation::Orphan => finalizers.push(ORPHAN.to_owned()),
            Propagation::Foreground => finalizers.push(FOREGROUND.to_owned()),
            Propagation::Background => {}
        }
        match finalizers.is_empty() {
            true => drop(object.take("/metadata/finalizers")),
            false => object.set("/metadata/finalizers", finalizers),
        }
    }
}
