//! Who signs a request: the signature, its age, the key and its token.

use jiff::Timestamp;

use super::ApiError;
use super::envelope::Envelope;
use super::signature::{Authorization, Signed};
use crate::state::{Caller, Cloud, Key};

/// How far the time of a signature may be from real time, in seconds (API reference, "Signature v3").
const SKEW: i64 = 300;

/// The actions that answer without a signature (API reference, sts): the token they carry is proof enough.
const UNSIGNED: [&str; 2] = ["AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"];

/// The service that a request is for: the one its signature names, whatever host it was sent to. Not checked yet.
pub(super) fn service(envelope: &Envelope) -> &str {
    let header = envelope.header("authorization").unwrap_or_default();
    if is_unsigned(envelope, header) {
        return "sts";
    }
    Authorization::parse(header).map(|authorization| authorization.service).unwrap_or_default()
}

fn is_unsigned(envelope: &Envelope, header: &str) -> bool {
    header == "SKIP" && envelope.header("x-tc-action").is_some_and(|action| UNSIGNED.contains(&action))
}

/// Checks a request's `Authorization` and says who signed, where anybody had to; `real_now` is real time, whatever the
/// world's clock shows.
///
/// # Errors
/// `AuthFailure.*`, or `MissingParameter` for a missing header.
pub(super) fn authenticate(
    cloud: &Cloud,
    envelope: &Envelope,
    real_now: Timestamp,
) -> Result<Option<Caller>, ApiError> {
    let header = envelope.required("authorization")?;
    if is_unsigned(envelope, header) {
        return Ok(None);
    }
    let authorization = Authorization::parse(header)?;
    let timestamp = check_time(envelope, &authorization, real_now)?;
    let key = cloud
        .identity
        .key(authorization.secret_id)
        .ok_or_else(|| failure("SecretIdNotFound", "The SecretId is not found."))?;
    check_token(key, envelope.header("x-tc-token"), cloud.timing.now)?;
    let signed = Signed {
        method: envelope.method(),
        query: envelope.query(),
        headers: envelope.headers(),
        timestamp,
        body: envelope.body(),
    };
    if !authorization.verifies(key.secret.reveal(), &signed) {
        return Err(failure("SignatureFailure", "The provided credentials could not be validated."));
    }
    Ok(Some(key.caller.clone()))
}

fn check_time(envelope: &Envelope, authorization: &Authorization<'_>, real_now: Timestamp) -> Result<i64, ApiError> {
    let invalid = || ApiError::new("InvalidParameterValue", "`X-TC-Timestamp` is not a UNIX time in seconds.");
    let text = envelope.required("x-tc-timestamp")?;
    // The text itself is signed: a number in another spelling, such as `+1`, is another text.
    let seconds: i64 = text.parse().ok().filter(|seconds: &i64| seconds.to_string() == text).ok_or_else(invalid)?;
    let moment = Timestamp::from_second(seconds).map_err(|_| invalid())?;
    if real_now.as_second().abs_diff(seconds) > SKEW.unsigned_abs() {
        return Err(failure("SignatureExpire", "The signature is expired: the clock of the signer is off."));
    }
    if moment.strftime("%Y-%m-%d").to_string() != authorization.date {
        return Err(failure("SignatureFailure", "The date of the scope is not the UTC date of the timestamp."));
    }
    Ok(seconds)
}

fn check_token(key: &Key, token: Option<&str>, world_now: Timestamp) -> Result<(), ApiError> {
    let expected = key.token.as_ref().map(crate::world::Secret::reveal);
    let expired = key.expires.is_some_and(|expires| expires <= world_now);
    if expected == token && !expired {
        return Ok(());
    }
    Err(failure("TokenFailure", "The token is wrong or has expired."))
}

fn failure(detail: &str, message: &str) -> ApiError {
    ApiError::new(format!("AuthFailure.{detail}"), message)
}
