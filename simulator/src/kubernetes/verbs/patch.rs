//! Patching, and server-side apply.

use std::sync::Arc;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::Call;
use super::decode::read;
use crate::kubernetes::answer::Answer;
use crate::kubernetes::apply::managers::Operation;
use crate::kubernetes::apply::{apply, wrong_list};
use crate::kubernetes::errors::{ApiError, Cause};
use crate::kubernetes::object::Object;
use crate::kubernetes::patch::{json, merge, strategic};
use crate::kubernetes::schema::check::{Fault, Problem, conform};

/// The format of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// RFC 6902.
    Json,
    /// RFC 7396.
    Merge,
    /// Kubernetes' own merge, for built-in kinds.
    Strategic,
    /// Server-side apply.
    Apply,
}

const JSON: &str = "application/json-patch+json";
const MERGE: &str = "application/merge-patch+json";
const STRATEGIC: &str = "application/strategic-merge-patch+json";
const APPLY: &str = "application/apply-patch+yaml";

impl Call<'_> {
    pub(super) fn patch(&self, name: &str) -> Result<Answer, ApiError> {
        if self.patch_format()? == Format::Apply {
            return self.apply(name);
        }
        if !self.parameters.text("force").is_empty() {
            let cause = Cause::forbidden("force", "may not be specified for non-apply patch");
            return Err(ApiError::invalid_options("PatchOptions", &[cause]));
        }
        let object = self.change(name, |old| self.updated(old, self.patched(old)?))?;
        Ok(self.answer_with(StatusCode::OK, &object))
    }

    pub(super) fn patch_format(&self) -> Result<Format, ApiError> {
        let content_type = self.header(CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
        match content_type {
            JSON => Ok(Format::Json),
            MERGE => Ok(Format::Merge),
            STRATEGIC if !self.kind().is_custom => Ok(Format::Strategic),
            APPLY => Ok(Format::Apply),
            _ if self.kind().is_custom => Err(ApiError::unsupported_media_type(&[JSON, MERGE, APPLY])),
            _ => Err(ApiError::no_such_patch()),
        }
    }

    /// An object after the patch in the body, in its schema's form.
    pub(super) fn patched(&self, old: &Object) -> Result<Object, ApiError> {
        let document = Value::from(self.present(old));
        let patched = self.patched_document(document, self.schema())?;
        let new = self.conformed(self.identified(patched)?)?;
        self.check_name(&new, old.name())?;
        Ok(new)
    }

    /// A document after the patch in the body.
    pub(super) fn patched_document(
        &self,
        mut document: Value,
        schema: &crate::kubernetes::schema::Schema,
    ) -> Result<Value, ApiError> {
        let format = self.patch_format()?;
        let patch = read(&self.body, "")?;
        let because = match format {
            Format::Json if patch.is_object() => "object into Go value of type []handlers.jsonPatchOp",
            Format::Merge | Format::Strategic if patch.is_array() => {
                "array into Go value of type map[string]interface {}"
            }
            _ => "",
        };
        if !because.is_empty() {
            return Err(ApiError::bad_request(format!("error decoding patch: json: cannot unmarshal {because}")));
        }
        match format {
            Format::Json => return json::apply(document, patch).map_err(|_| ApiError::patch_failed()),
            Format::Strategic => strategic::apply(schema, &mut document, patch).map_err(ApiError::unclassified)?,
            Format::Merge | Format::Apply => merge::apply(&mut document, patch),
        }
        Ok(document)
    }

    fn apply(&self, name: &str) -> Result<Answer, ApiError> {
        let applied = self.applied(name)?;
        if self.served.store.get(&self.resource(), &self.key(name)).is_none() && self.path.subresource.is_none() {
            match self.apply_new(applied.clone()) {
                // Somebody else was faster: it is an apply to what they made.
                Err(error) if error.is_already_exists() => {}
                other => return other.map(|object| self.answer_with(StatusCode::CREATED, &object)),
            }
        }
        let object = self.change(name, |old| self.applied_to(Some(old), applied.clone()))?;
        Ok(self.answer_with(StatusCode::OK, &object))
    }

    fn apply_new(&self, mut applied: Object) -> Result<Arc<Object>, ApiError> {
        if !applied.uid().is_empty() {
            let uid = applied.uid();
            let because =
                format!("uid mismatch: the provided object specified uid {uid}, and no existing object was found");
            return Err(ApiError::conflict(self.kind(), applied.name(), &because));
        }
        applied.take("/metadata/resourceVersion");
        self.place(&mut applied)?;
        self.conclude_create(self.applied_to(None, applied)?)
    }

    /// Server-side apply to an object: its status by the status subresource only, and that by nothing else.
    pub(super) fn apply_to_status(&self, name: &str) -> Result<Arc<Object>, ApiError> {
        let applied = self.applied(name)?;
        self.change(name, |old| self.applied_to(Some(old), applied.clone()))
    }

    fn applied_to(&self, old: Option<&Object>, applied: Object) -> Result<Object, ApiError> {
        if let Some(old) = old {
            self.check_preconditions(old, &applied)?;
        }
        let manager = self.manager(Operation::Apply);
        let force = self.parameters.flag("force");
        let result = apply(self.schema(), old, applied, &manager, force, &self.now());
        let mut object = result.map_err(|conflicts| ApiError::apply_conflict(&conflicts))?;
        self.set_defaults(&mut object);
        Ok(object)
    }

    /// The configuration in the body, if it can be applied.
    fn applied(&self, name: &str) -> Result<Object, ApiError> {
        if self.parameters.text("fieldManager").is_empty() {
            let cause = Cause::required("fieldManager", "is required for apply patch");
            return Err(ApiError::invalid_options("PatchOptions", &[cause]));
        }
        let mut applied = self.identified_patch(read(&self.body, "yaml")?)?;
        self.check_name(&applied, name)?;
        if applied.at("/metadata/managedFields").is_some() {
            return Err(ApiError::bad_request("metadata.managedFields must be nil"));
        }
        self.check_typed(&mut applied)?;
        let is_status = self.path.subresource.is_some();
        applied.retain_fields(|field| match field {
            "status" => is_status || !self.kind().has_status,
            "apiVersion" | "kind" | "metadata" => true,
            _ => !is_status,
        });
        if is_status {
            let name = applied.name().to_owned();
            applied.set("/metadata", serde_json::json!({"name": name}));
        }
        Ok(applied)
    }

    /// A configuration must say its kind and version itself.
    fn identified_patch(&self, value: Value) -> Result<Object, ApiError> {
        let text = |field: &str| value[field].as_str().unwrap_or_default();
        let is_of_kind = text("kind") == self.kind().kind && !text("apiVersion").is_empty();
        if value.is_object() && !is_of_kind {
            let (version, kind) = (versioned(text("apiVersion")), text("kind"));
            return Err(ApiError::bad_request(format!("invalid object type: {version}, Kind={kind}")));
        }
        self.identified(value)
    }

    /// A configuration must fit its schema: whoever applies it owns exactly what it says.
    fn check_typed(&self, applied: &mut Object) -> Result<(), ApiError> {
        let problems = conform(self.schema(), applied.as_value_mut());
        let faults = problems.iter().map(typed_fault).chain(wrong_list(self.schema(), applied.as_value(), ""));
        let faults: Vec<_> = faults.collect();
        let text = match &faults[..] {
            [] => return Ok(()),
            [fault] => fault.clone(),
            faults => format!("errors:\n  {}", faults.join("\n  ")),
        };
        let (namespace, name, kind) = (applied.namespace(), applied.name(), &self.kind().kind);
        let version = versioned(applied.api_version());
        Err(ApiError::unclassified(format!(
            "failed to create typed patch object ({namespace}/{name}; {version}, Kind={kind}): {text}"
        )))
    }
}

/// A version as Go writes it: the core group is an empty one.
fn versioned(api_version: &str) -> String {
    if api_version.contains('/') { api_version.to_owned() } else { format!("/{api_version}") }
}

fn typed_fault(problem: &Problem) -> String {
    let path = &problem.path;
    match &problem.what {
        Fault::Type { found, expected } => format!(".{path}: expected {expected}, got {found}"),
        _ => format!(".{path}: field not declared in schema"),
    }
}
