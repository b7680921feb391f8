//! Refusals, in the form of the API's `Status` (API conventions, "Response Status Kind").

use serde_json::{Value, json};

use super::apply::Conflict;
use super::kinds::Kind;

/// The classes of errors and their HTTP statuses (API conventions, "HTTP Status codes").
const REASONS: [(&str, u16); 12] = [
    ("BadRequest", 400),
    ("Unauthorized", 401),
    ("Forbidden", 403),
    ("NotFound", 404),
    ("AlreadyExists", 409),
    ("Conflict", 409),
    ("Gone", 410),
    ("Invalid", 422),
    ("TooManyRequests", 429),
    ("InternalError", 500),
    ("ServiceUnavailable", 503),
    ("Timeout", 504),
];

/// Why a request was refused: what the API answers as a `Status` object.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    code: u16,
    reason: &'static str,
    message: String,
    details: Box<Value>,
}

/// One thing that is wrong with an object, at a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    reason: &'static str,
    message: String,
    field: String,
}

impl Cause {
    /// A value is missing.
    pub fn required(field: impl Into<String>, detail: &str) -> Self {
        let message = if detail.is_empty() { "Required value".to_owned() } else { format!("Required value: {detail}") };
        Self { reason: "FieldValueRequired", message, field: field.into() }
    }

    /// A value is wrong.
    pub fn invalid(field: impl Into<String>, value: &Value, detail: &str) -> Self {
        Self { reason: "FieldValueInvalid", message: format!("Invalid value: {value}: {detail}"), field: field.into() }
    }

    /// A value is of another type than its schema asks for.
    pub(crate) fn wrong_type(field: impl Into<String>, value: &Value, detail: &str) -> Self {
        Self { reason: "FieldValueTypeInvalid", ..Self::invalid(field, value, detail) }
    }

    /// A value is none of those that are possible.
    pub fn unsupported(field: impl Into<String>, value: &Value, supported: &[&str]) -> Self {
        let supported: Vec<_> = supported.iter().map(|value| format!("{value:?}")).collect();
        let message = format!("Unsupported value: {value}: supported values: {}", supported.join(", "));
        Self { reason: "FieldValueNotSupported", message, field: field.into() }
    }

    /// A value may not be there, or not be changed.
    pub fn forbidden(field: impl Into<String>, detail: &str) -> Self {
        Self { reason: "FieldValueForbidden", message: format!("Forbidden: {detail}"), field: field.into() }
    }

    /// A text is too long.
    pub fn too_long(field: impl Into<String>, bytes: usize) -> Self {
        let message = format!("Too long: may not be more than {bytes} bytes");
        Self { reason: "FieldValueTooLong", message, field: field.into() }
    }

    /// A value comes twice.
    pub fn duplicate(field: impl Into<String>, value: &Value) -> Self {
        Self { reason: "FieldValueDuplicate", message: format!("Duplicate value: {value}"), field: field.into() }
    }

    /// A value refers to something that is not there.
    pub fn not_found(field: impl Into<String>, value: &Value) -> Self {
        Self { reason: "FieldValueNotFound", message: format!("Not found: {value}"), field: field.into() }
    }

    fn to_json(&self) -> Value {
        json!({"reason": self.reason, "message": self.message, "field": self.field})
    }
}

impl ApiError {
    fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), details: Box::new(Value::Null) }
    }

    /// The error about an object, named in its details.
    fn about(self, kind: &Kind, name: &str) -> Self {
        self.with_details(json!({"name": name, "group": kind.group, "kind": kind.plural}))
    }

    /// Names that are empty are left out, as everywhere in the API.
    fn with_details(self, mut details: Value) -> Self {
        if let Some(details) = details.as_object_mut() {
            details.retain(|_, value| value != "");
        }
        Self { details: Box::new(details), ..self }
    }

    /// Whether the name of a new object is taken.
    pub(crate) fn is_already_exists(&self) -> bool {
        self.reason == "AlreadyExists"
    }

    /// The HTTP status.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The error as a `Status` object.
    pub fn to_status(&self) -> Value {
        let mut status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "code": self.code});
        if !self.reason.is_empty() {
            status["reason"] = self.reason.into();
        }
        if !self.details.is_null() {
            status["details"] = (*self.details).clone();
        }
        status
    }

    /// 400: the request makes no sense.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 400: an admission webhook refused the object.
    pub fn denied_by(webhook: &str, reason: &str) -> Self {
        Self::new(400, "BadRequest", format!("admission webhook {webhook:?} denied the request: {reason}"))
    }

    /// 500: an admission webhook that must be asked could not be.
    pub fn webhook_failed(webhook: &str, reason: &str) -> Self {
        Self::internal(format!("failed calling webhook {webhook:?}: failed to call webhook: {reason}"))
    }

    /// 401: who asks is not known.
    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    /// 403: who asks may not, with a resource of a group, or an object of it where `name` is not empty.
    pub fn forbidden(group: &str, resource: &str, name: &str, message: impl Into<String>) -> Self {
        let details = json!({"name": name, "group": group, "kind": resource});
        Self::new(403, "Forbidden", message).with_details(details)
    }

    /// 403: a namespace that is going away takes nothing new.
    pub(crate) fn namespace_terminating(kind: &Kind, name: &str, namespace: &str) -> Self {
        let because = format!("unable to create new content in namespace {namespace} because it is being terminated");
        let message = format!("{} {name:?} is forbidden: {because}", kind.qualified());
        let cause = Cause {
            reason: "NamespaceTerminating",
            message: format!("namespace {namespace} is being terminated"),
            field: "metadata.namespace".to_owned(),
        };
        let details = json!({"name": name, "group": kind.group, "kind": kind.plural, "causes": [cause.to_json()]});
        Self::new(403, "Forbidden", message).with_details(details)
    }

    /// 404: there is no such path.
    pub fn no_such_path() -> Self {
        Self::new(404, "NotFound", "the server could not find the requested resource").with_details(json!({}))
    }

    /// 404: there is no such object.
    pub(crate) fn not_found(kind: &Kind, name: &str) -> Self {
        Self::new(404, "NotFound", format!("{} {name:?} not found", kind.qualified())).about(kind, name)
    }

    /// 405: not with this method.
    pub fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource";
        Self::new(405, "MethodNotAllowed", message).with_details(json!({}))
    }

    /// 406: the client takes no format that there is.
    pub(crate) fn not_acceptable(available: &[&str]) -> Self {
        let message = format!("406: Not Acceptable\n\nAvailable representations: {}", available.join(", "));
        Self::new(406, "NotAcceptable", message).with_details(json!({}))
    }

    /// 409: the name is taken.
    pub(crate) fn already_exists(kind: &Kind, name: &str) -> Self {
        Self::new(409, "AlreadyExists", format!("{} {name:?} already exists", kind.qualified())).about(kind, name)
    }

    /// 409: the name is taken by an object that is going away.
    pub(crate) fn still_there(kind: &Kind, name: &str) -> Self {
        let there = Self::already_exists(kind, name);
        Self { message: format!("object is being deleted: {}", there.message), ..there }
    }

    /// 409: the object is not, or no longer, what the request takes it for.
    pub(crate) fn conflict(kind: &Kind, name: &str, because: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {} {name:?}: {because}", kind.qualified());
        Self::new(409, "Conflict", message).about(kind, name)
    }

    /// 409: the object to delete is not the one that the request takes it for.
    pub(crate) fn precondition_failed(kind: &Kind, name: &str, because: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {} {name:?}: {because}", kind.qualified_kind());
        let details = json!({"name": name, "group": kind.group, "kind": kind.kind});
        Self::new(409, "Conflict", message).with_details(details)
    }

    /// 409: the object changed since it was read.
    pub(crate) fn modified(kind: &Kind, name: &str) -> Self {
        let because = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(kind, name, because)
    }

    /// 409: others manage fields that an apply would change.
    pub(crate) fn apply_conflict(conflicts: &[Conflict]) -> Self {
        let causes = conflicts.iter().flat_map(|conflict| conflict.paths.iter().map(|path| (&conflict.manager, path)));
        let causes: Vec<_> = causes
            .map(|(manager, path)| {
                json!({"reason": "FieldManagerConflict", "field": path,
                       "message": format!("conflict with {}", manager.display())})
            })
            .collect();
        Self::new(409, "Conflict", conflict_message(conflicts)).with_details(json!({"causes": causes}))
    }

    /// 410: the history does not reach back that far.
    pub(crate) fn expired(asked: u64, oldest: u64) -> Self {
        Self::new(410, "Expired", format!("too old resource version: {asked} ({oldest})"))
    }

    /// 415: the body's format cannot be read.
    pub(crate) fn unsupported_media_type(supported: &[&str]) -> Self {
        let message = "the body of the request was in an unknown format - accepted media types include: ";
        Self::new(415, "UnsupportedMediaType", format!("{message}{}", supported.join(", ")))
    }

    /// 415: the patch is of no kind that the resource takes.
    pub(crate) fn no_such_patch() -> Self {
        Self::new(415, "UnsupportedMediaType", "415: Unsupported Media Type").with_details(json!({}))
    }

    /// 422: the object is invalid, for these reasons.
    pub(crate) fn invalid(kind: &Kind, name: &str, causes: &[Cause]) -> Self {
        Self::invalid_as(&kind.qualified_kind(), (&kind.group, &kind.kind), name, causes)
    }

    /// 422: the request's options are invalid.
    pub(crate) fn invalid_options(options: &str, causes: &[Cause]) -> Self {
        Self::invalid_as(&format!("{options}.meta.k8s.io"), ("meta.k8s.io", options), "", causes)
    }

    /// 422: the wanted scale of an object is invalid.
    pub(crate) fn invalid_scale(name: &str, causes: &[Cause]) -> Self {
        Self::invalid_as("Scale.autoscaling", ("autoscaling", "Scale"), name, causes)
    }

    fn invalid_as(qualified: &str, (group, kind): (&str, &str), name: &str, causes: &[Cause]) -> Self {
        let texts: Vec<_> = causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
        let text = if let [text] = &texts[..] { text.clone() } else { format!("[{}]", texts.join(", ")) };
        let causes: Vec<_> = causes.iter().map(Cause::to_json).collect();
        let details = json!({"name": name, "group": group, "kind": kind, "causes": causes});
        Self::new(422, "Invalid", format!("{qualified} {name:?} is invalid: {text}")).with_details(details)
    }

    /// 422: a patch cannot be carried out. The real server does not say why.
    pub(crate) fn patch_failed() -> Self {
        let message = "the server rejected our request due to an error in our request";
        Self::new(422, "Invalid", message).with_details(json!({}))
    }

    /// 500: the server failed.
    pub fn internal(message: impl std::fmt::Display) -> Self {
        Self::new(500, "InternalError", format!("Internal error occurred: {message}"))
    }

    /// 500 without a reason, as the API answers for errors that it has no class for.
    pub(crate) fn unclassified(message: impl Into<String>) -> Self {
        Self::new(500, "", message)
    }

    /// 504: a revision that has not been yet.
    pub(crate) fn too_large(asked: u64, now: u64) -> Self {
        let message = format!("Timeout: Too large resource version: {asked}, current: {now}");
        let cause = json!({"reason": "ResourceVersionTooLarge", "message": "Too large resource version"});
        Self::new(504, "Timeout", message).with_details(json!({"causes": [cause], "retryAfterSeconds": 1}))
    }

    /// 503: the server cannot answer now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(503, "ServiceUnavailable", message)
    }

    /// An error of a class that clients know by its reason, for example `Conflict`; none where there is no such class.
    pub fn of_reason(reason: &str, message: &str) -> Option<Self> {
        let (reason, code) = REASONS.into_iter().find(|(known, _)| *known == reason)?;
        Some(Self::new(code, reason, message))
    }

    /// 429: too many requests.
    pub fn too_many_requests(retry_after_seconds: u32) -> Self {
        let message = "too many requests, please try again later.";
        Self::new(429, "TooManyRequests", message).with_details(json!({"retryAfterSeconds": retry_after_seconds}))
    }
}

fn conflict_message(conflicts: &[Conflict]) -> String {
    let count: usize = conflicts.iter().map(|conflict| conflict.paths.len()).sum();
    if let [Conflict { manager, paths }] = conflicts
        && let [path] = &paths[..]
    {
        return format!("Apply failed with 1 conflict: conflict with {}: {path}", manager.display());
    }
    let by_manager: Vec<_> = conflicts.iter().map(conflicts_of_manager).collect();
    format!("Apply failed with {count} conflicts: {}", by_manager.join("\n"))
}

fn conflicts_of_manager(conflict: &Conflict) -> String {
    format!("conflicts with {}:\n- {}", conflict.manager.display(), conflict.paths.join("\n- "))
}
