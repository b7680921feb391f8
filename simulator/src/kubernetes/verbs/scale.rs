//! The scale subresource: how many replicas an object has and shall have.

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use super::Call;
use super::decode::read;
use crate::kubernetes::answer::Answer;
use crate::kubernetes::apply::managers::Operation;
use crate::kubernetes::apply::record_update;
use crate::kubernetes::builtin;
use crate::kubernetes::errors::{ApiError, Cause};
use crate::kubernetes::kinds::Scale;
use crate::kubernetes::object::Object;

impl Call<'_> {
    pub(super) fn run_on_scale(&self, verb: &str, name: &str) -> Result<Answer, ApiError> {
        let scale = self.kind().scale.clone().ok_or_else(ApiError::no_such_path)?;
        let object = match verb {
            "get" => self.find(name)?,
            "update" => {
                let wanted = read(&self.body, self.header(CONTENT_TYPE))?;
                self.change(name, |old| self.scaled(old, &scale, &wanted))?
            }
            "patch" => {
                let schema = builtin::types().kind("Scale");
                self.change(name, |old| {
                    let wanted = self.patched_document(shown(old, &scale), &schema)?;
                    self.scaled(old, &scale, &wanted)
                })?
            }
            _ => return Err(ApiError::method_not_allowed()),
        };
        Ok(Answer::json(StatusCode::OK, &shown(&object, &scale)))
    }

    fn scaled(&self, old: &Object, scale: &Scale, wanted: &Value) -> Result<Object, ApiError> {
        let asked = wanted["metadata"]["resourceVersion"].as_str().unwrap_or_default();
        if !asked.is_empty() && asked != old.resource_version() {
            return Err(ApiError::modified(self.kind(), old.name()));
        }
        let replicas = wanted["spec"]["replicas"].as_i64().unwrap_or(0);
        if replicas < 0 {
            let cause = Cause::invalid("spec.replicas", &replicas.into(), "must be greater than or equal to 0");
            return Err(ApiError::invalid_scale(old.name(), &[cause]));
        }
        let mut new = old.clone();
        new.set(&scale.replicas, replicas);
        record_update(self.schema(), old, &mut new, &self.manager(Operation::Update), &self.now());
        Ok(new)
    }
}

/// The scale of an object.
fn shown(object: &Object, scale: &Scale) -> Value {
    let replicas = |pointer: &str| object.integer(pointer).unwrap_or(0);
    let mut metadata = Map::new();
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if let Some(value) = object.at(&format!("/metadata/{field}")) {
            metadata.insert(field.to_owned(), value.clone());
        }
    }
    let mut status = json!({"replicas": replicas(&scale.status_replicas)});
    if let Some(selector) = scale.selector.as_ref().and_then(|pointer| object.at(pointer)) {
        status["selector"] = selector_text(selector).into();
    }
    json!({"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
        "spec": {"replicas": replicas(&scale.replicas)}, "status": status})
}

/// A selector as text, for lists.
fn selector_text(selector: &Value) -> String {
    if let Some(text) = selector.as_str() {
        return text.to_owned();
    }
    let labels = selector["matchLabels"].as_object().into_iter().flatten();
    let pairs: Vec<_> = labels.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
    pairs.join(",")
}
