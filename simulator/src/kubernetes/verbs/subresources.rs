//! The subresources: status, scale, and those of single kinds.

use std::sync::Arc;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

use super::Call;
use super::decode::read;
use super::patch::Format;
use crate::kubernetes::answer::Answer;
use crate::kubernetes::apply::managers::Operation;
use crate::kubernetes::apply::record_update;
use crate::kubernetes::clock::rfc3339;
use crate::kubernetes::errors::ApiError;
use crate::kubernetes::identity::Identity;
use crate::kubernetes::object::Object;

/// How long a service account's token lasts when the request does not say, in seconds.
const TOKEN_SECONDS: i64 = 3_600;

impl Call<'_> {
    pub(super) fn run_on_subresource(&self, verb: &str, subresource: &str) -> Result<Answer, ApiError> {
        let name = self.path.name.as_deref().ok_or_else(ApiError::no_such_path)?;
        match (subresource, self.kind().plural.as_str()) {
            ("status", _) if self.kind().has_status => self.run_on_status(verb, name),
            ("scale", _) => self.run_on_scale(verb, name),
            ("finalize", "namespaces") if verb == "update" => self.finalize(name),
            ("binding", "pods") if verb == "create" => self.bind(name),
            ("token", "serviceaccounts") if verb == "create" => self.request_token(name),
            _ => Err(ApiError::no_such_path()),
        }
    }

    fn run_on_status(&self, verb: &str, name: &str) -> Result<Answer, ApiError> {
        let object = match verb {
            "get" => self.find(name)?,
            "update" => {
                let new = self.decode()?;
                self.check_name(&new, name)?;
                self.change(name, |old| self.with_status(old, &new))?
            }
            "patch" if self.patch_format()? == Format::Apply => self.apply_to_status(name)?,
            "patch" => self.change(name, |old| self.with_status(old, &self.patched(old)?))?,
            _ => return Err(ApiError::method_not_allowed()),
        };
        Ok(self.answer_with(StatusCode::OK, &object))
    }

    /// The object with the status of another. Of built-in kinds metadata is taken too.
    fn with_status(&self, old: &Object, other: &Object) -> Result<Object, ApiError> {
        self.check_preconditions(old, other)?;
        let mut new = old.clone();
        new.copy_field("status", Some(other));
        if !self.kind().is_custom && self.kind().plural != "customresourcedefinitions" {
            new.copy_field("metadata", Some(other));
            if let Some(namespace) = old.at("/metadata/namespace") {
                new.set_if_absent("/metadata/namespace", namespace.clone());
            }
        }
        if self.kind().plural == "deployments" {
            match old.at("/metadata/labels") {
                Some(labels) => new.set("/metadata/labels", labels.clone()),
                None => drop(new.take("/metadata/labels")),
            }
        }
        record_update(self.schema(), old, &mut new, &self.manager(Operation::Update), &self.now());
        Ok(new)
    }

    /// Changes the finalizers of a namespace's content; with the last, the namespace goes.
    fn finalize(&self, name: &str) -> Result<Answer, ApiError> {
        let new = self.decode()?;
        self.check_name(&new, name)?;
        let object = self.change(name, |old| {
            self.check_preconditions(old, &new)?;
            let mut finalized = old.clone();
            finalized.copy_field("spec", Some(&new));
            self.set_defaults(&mut finalized);
            Ok(finalized)
        })?;
        Ok(self.answer_with(StatusCode::OK, &object))
    }

    /// Puts a pod on a node.
    fn bind(&self, name: &str) -> Result<Answer, ApiError> {
        let binding = read(&self.body, self.header(CONTENT_TYPE))?;
        let node = binding["target"]["name"].as_str().unwrap_or_default().to_owned();
        self.change(name, |old| {
            let bound = old.text("/spec/nodeName");
            if !bound.is_empty() {
                let because = format!("pod {name} is already assigned to node {bound:?}");
                return Err(ApiError::conflict(self.kind(), name, &because));
            }
            Ok(self.bound(old, &node))
        })?;
        Ok(Answer::json(
            StatusCode::CREATED,
            &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
            "code": 201}),
        ))
    }

    fn bound(&self, old: &Object, node: &str) -> Object {
        let mut new = old.clone();
        new.set("/spec/nodeName", node);
        let mut conditions = old.list("/status/conditions").to_vec();
        conditions.retain(|condition| condition["type"] != "PodScheduled");
        conditions.push(json!({"type": "PodScheduled", "status": "True", "lastTransitionTime": self.now()}));
        new.set("/status/conditions", conditions);
        new
    }

    /// Gives out a token of a service account.
    fn request_token(&self, name: &str) -> Result<Answer, ApiError> {
        let account: Arc<Object> = self.find(name)?;
        let request = Object::try_from(read(&self.body, self.header(CONTENT_TYPE))?)
            .map_err(|_| ApiError::bad_request("a TokenRequest is expected"))?;
        let seconds = request.integer("/spec/expirationSeconds").unwrap_or(TOKEN_SECONDS);
        let identity = Identity::service_account(account.namespace(), name);
        let (token, expires) = self.server.issue_token(&identity, seconds);
        let status = json!({"token": token, "expirationTimestamp": rfc3339(expires)});
        let spec = json!({"audiences": request.list("/spec/audiences"), "expirationSeconds": seconds});
        Ok(Answer::json(
            StatusCode::CREATED,
            &json!({"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
            "metadata": {"name": name, "namespace": account.namespace()}, "spec": spec, "status": status}),
        ))
    }
}
