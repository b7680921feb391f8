//! What users may ask about themselves: may I do this, and who am I? (API reference, `SelfSubjectAccessReview`,
//! `SelfSubjectReview`)

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::answer::Answer;
use super::errors::ApiError;
use super::identity::Identity;
use super::path::{ResourcePath, Target};
use super::server::Server;

impl Server {
    /// Tells a user whether they may do something.
    pub(crate) fn review_access(&self, user: &Identity, body: &Bytes) -> Result<Answer, ApiError> {
        let mut review: Value =
            serde_json::from_slice(body).map_err(|_| ApiError::bad_request("a SelfSubjectAccessReview is expected"))?;
        let (verb, target) = asked(&review["spec"]);
        let allowed = self.is_allowed(user, &verb, &target);
        review["apiVersion"] = "authorization.k8s.io/v1".into();
        review["kind"] = "SelfSubjectAccessReview".into();
        review["status"] = json!({"allowed": allowed});
        Ok(Answer::json(StatusCode::CREATED, &review))
    }
}

/// Tells users who they are.
pub(crate) fn review_self(user: &Identity) -> Answer {
    let info = json!({"username": user.user, "groups": user.groups});
    Answer::json(
        StatusCode::CREATED,
        &json!({"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1",
        "metadata": {}, "status": {"userInfo": info}}),
    )
}

fn asked(spec: &Value) -> (String, Target) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let some = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let attributes = &spec["resourceAttributes"];
    if attributes.is_null() {
        let other = &spec["nonResourceAttributes"];
        return (text(&other["verb"]), Target::Other(text(&other["path"])));
    }
    let path = ResourcePath {
        group: text(&attributes["group"]),
        version: text(&attributes["version"]),
        namespace: some(&attributes["namespace"]),
        plural: text(&attributes["resource"]),
        name: some(&attributes["name"]),
        subresource: some(&attributes["subresource"]),
    };
    (text(&attributes["verb"]), Target::Resource(path))
}
