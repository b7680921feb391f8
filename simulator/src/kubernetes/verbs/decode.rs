//! From the body of a request to an object of a kind.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::Call;
use crate::kubernetes::errors::{ApiError, Cause};
use crate::kubernetes::kinds::Kind;
use crate::kubernetes::object::Object;
use crate::kubernetes::schema::check::{Fault, Problem, conform};
use crate::kubernetes::schema::defaults::{drop_empty, set_defaults};

impl Call<'_> {
    /// The object in the body, of the kind that the path names, in its schema's form.
    pub(super) fn decode(&self) -> Result<Object, ApiError> {
        let object = self.identified(read(&self.body, self.header(CONTENT_TYPE))?)?;
        self.conformed(object)
    }

    /// An object that says, or is told, its kind and version.
    pub(super) fn identified(&self, value: Value) -> Result<Object, ApiError> {
        let kind = &self.kind().kind;
        let unrecognized =
            |_| ApiError::bad_request(format!("the object provided is unrecognized (must be of type {kind})"));
        let mut object = Object::try_from(value).map_err(unrecognized)?;
        let expected = self.kind().api_version(&self.path.version);
        object.set_if_absent("/apiVersion", expected.as_str());
        object.set_if_absent("/kind", kind.as_str());
        if object.api_version() != expected {
            let given = object.api_version();
            return Err(ApiError::bad_request(format!(
                "the API version in the data ({given}) does not match the expected API version ({expected})"
            )));
        }
        if object.kind() != kind {
            let given = object.kind();
            return Err(ApiError::bad_request(format!("{given} cannot be handled as a {kind}")));
        }
        Ok(object)
    }

    /// An object without what its schema does not know. Strict validation refuses that instead.
    pub(super) fn conformed(&self, mut object: Object) -> Result<Object, ApiError> {
        let problems = conform(self.schema(), object.as_value_mut());
        let is_strict = self.parameters.text("fieldValidation") == "Strict";
        let (unknown, wrong): (Vec<_>, Vec<_>) =
            problems.into_iter().partition(|problem| problem.what == Fault::Unknown);
        if !wrong.is_empty() {
            return Err(self.wrong_types(object.name(), &wrong));
        }
        if is_strict && !unknown.is_empty() {
            let fields: Vec<_> = unknown.iter().map(|problem| format!("unknown field {:?}", problem.path)).collect();
            return Err(self.unreadable(&format!("strict decoding error: {}", fields.join(", "))));
        }
        Ok(object)
    }

    fn unreadable(&self, because: &str) -> ApiError {
        let Kind { kind, .. } = self.kind();
        let version = &self.path.version;
        ApiError::bad_request(format!("{kind} in version {version:?} cannot be handled as a {kind}: {because}"))
    }

    /// A wrong type is a bad request for a built-in kind, and an invalid object for a custom one.
    fn wrong_types(&self, name: &str, problems: &[Problem]) -> ApiError {
        if self.kind().is_custom {
            let causes: Vec<_> = problems.iter().map(cause).collect();
            return ApiError::invalid(self.kind(), name, &causes);
        }
        match problems {
            [Problem { path, what: Fault::Type { found, expected } }, ..] => {
                let kind = &self.kind().kind;
                let found = if *found == "integer" { "number" } else { found };
                let because =
                    format!("json: cannot unmarshal {found} into Go struct field {kind}.{path} of type {expected}");
                self.unreadable(&because)
            }
            _ => self.unreadable("it does not fit the schema"),
        }
    }

    /// Sets the defaults that the schema declares, then those that the kind works out.
    pub(super) fn set_defaults(&self, object: &mut Object) {
        set_defaults(self.schema(), object.as_value_mut());
        self.kind().behaviour.set_defaults(object);
        if !self.kind().is_custom {
            drop_empty(self.schema(), object.as_value_mut());
        }
    }
}

/// A problem as the API words it.
pub(super) fn cause(problem: &Problem) -> Cause {
    let path = problem.path.as_str();
    match &problem.what {
        Fault::Unknown => Cause::forbidden(path, "unknown field"),
        Fault::Missing => Cause::required(path, ""),
        Fault::Type { found, expected } => {
            let detail = format!("{path} in body must be of type {expected}: {found:?}");
            Cause::wrong_type(path, &Value::from(*found), &detail)
        }
        Fault::NotOneOf(value, allowed) => {
            let allowed: Vec<_> = allowed.iter().filter_map(Value::as_str).collect();
            Cause::unsupported(path, value, &allowed)
        }
        Fault::TooLong(bytes) => Cause::too_long(path, *bytes),
        Fault::Twice(value) => Cause::duplicate(path, value),
        Fault::OutOfRange(value, detail) => Cause::invalid(path, value, &format!("{path} in body {detail}")),
    }
}

/// A body in JSON or YAML.
pub(super) fn read(body: &Bytes, content_type: &str) -> Result<Value, ApiError> {
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        Err(_) if content_type.contains("yaml") => {
            let text = String::from_utf8_lossy(body);
            serde_saphyr::from_str(&text)
                .map_err(|error| ApiError::bad_request(format!("error decoding YAML: {error}")))
        }
        Err(error) => Err(ApiError::bad_request(format!("error decoding JSON: {error}"))),
    }
}
