//! Keys of a role that is taken with the token of an identity provider: no other keys are needed.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::renewing::{Issued, Issuer, until};
use super::{Problem, Secret};
use crate::cloud::BoxFuture;
use crate::cloud::api::sts;
use crate::cloud::error::Error;
use crate::cloud::exchange::Exchange;
use crate::scope::Scope;

/// Where the token is. A file is read for every renewal, since whoever writes it renews it too.
pub(super) enum Token {
    Given(Secret),
    /// A JSON file with a member `web_identity_token`, as the stock provider reads it.
    InJson(PathBuf),
    /// A file that holds nothing else, as TKE mounts it into pods.
    Raw(PathBuf),
}

impl Token {
    fn read(&self) -> Result<Secret, Problem> {
        match self {
            Self::Given(token) => Ok(token.clone()),
            Self::InJson(path) => member("web_identity_token_file", path, "web_identity_token").map(Secret::from),
            Self::Raw(path) => text("TKE_WEB_IDENTITY_TOKEN_FILE", path).map(|token| token.trim().into()),
        }
    }
}

/// Takes a role with a token.
pub(super) struct WebIdentity {
    pub(super) token: Token,
    pub(super) request: sts::AssumeRoleWithWebIdentity,
}

impl WebIdentity {
    async fn assume(&self, scope: &Scope, exchange: &Exchange<'_>) -> Result<Issued, Error> {
        let mut request = self.request.clone();
        request.web_identity_token = self.token.read()?;
        let source_name = || format!("assume_role_with_web_identity of {}", request.role_arn);
        let answer = exchange.send(scope, None, &request).await.map_err(|why| Problem::refused(source_name(), why))?;
        Ok(Issued { credential: answer.credentials.into(), lifetime: until(answer.expired_time) })
    }
}

impl Issuer for WebIdentity {
    fn issue<'a>(&'a self, scope: &'a Scope, exchange: &'a Exchange<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(self.assume(scope, exchange))
    }
}

/// The text of a file.
pub(super) fn text(argument: &'static str, path: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(path).map_err(|cause| Problem::Unreadable { argument, path: path.to_owned(), cause })
}

/// A member, which is a text and not empty, of the object in a JSON file.
pub(super) fn member(argument: &'static str, path: &Path, name: &str) -> Result<String, Problem> {
    let document: Value = serde_json::from_str(&text(argument, path)?).unwrap_or_default();
    match document[name].as_str() {
        Some(found) if !found.is_empty() => Ok(found.to_owned()),
        _ => Err(Problem::Malformed {
            given: format!("{argument} ({})", path.display()),
            expected: format!("a JSON object with the text {name:?}"),
        }),
    }
}
