//! Keys of a role that is taken with other keys.

use std::sync::Arc;

use super::renewing::{Issued, Issuer, until};
use super::{CredentialSource, Problem};
use crate::cloud::BoxFuture;
use crate::cloud::api::sts;
use crate::cloud::error::Error;
use crate::cloud::exchange::Exchange;
use crate::scope::Scope;

/// Takes a role with the keys of `base`.
pub(super) struct AssumedRole {
    pub(super) base: Arc<dyn CredentialSource>,
    pub(super) request: sts::AssumeRole,
}

impl AssumedRole {
    async fn assume(&self, scope: &Scope, exchange: &Exchange<'_>) -> Result<Issued, Error> {
        let answer = exchange.send(scope, Some(&*self.base), &self.request).await;
        let answer =
            answer.map_err(|why| Problem::refused(format!("assume_role of {}", self.request.role_arn), why))?;
        Ok(Issued { credential: answer.credentials.into(), lifetime: until(answer.expired_time) })
    }
}

impl Issuer for AssumedRole {
    fn issue<'a>(&'a self, scope: &'a Scope, exchange: &'a Exchange<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(self.assume(scope, exchange))
    }
}

/// A policy in the form that STS takes: with every reserved character percent-encoded (API reference, `AssumeRole`).
pub(super) fn encoded_policy(policy: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        reserved => format!("%{reserved:02X}"),
    };
    policy.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_percent_encoded() {
        assert_eq!(
            encoded_policy(r#"{"version": "2.0", "a": "vpc:*"}"#),
            "%7B%22version%22%3A%20%222.0%22%2C%20%22a%22%3A%20%22vpc%3A%2A%22%7D"
        );
    }
}
