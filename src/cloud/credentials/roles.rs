//! Sessions by what the blocks and the environment say of them.

use std::sync::Arc;

use super::environment::{self, Environment};
use super::renewing::Renewing;
use super::session::Session;
use super::web_identity::{Token, WebIdentity, member};
use super::{AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity};
use super::{CredentialSource, MfaCertification, Problem, Secret};
use crate::cloud::action::Action;
use crate::cloud::api::sts::{self, TemporaryCredentials};

/// How long the keys of a role live, in seconds, where nothing is said (API reference, `AssumeRole`).
const DEFAULT_DURATION: u64 = 7_200;
/// How long the keys of a session with MFA live, in seconds, where nothing is said (API reference, `GetSessionToken`).
const MFA_DURATION: u64 = 1_800;
/// The session name where there is no argument for one.
const SESSION_NAME: &str = "terraform-provider-tcmesh";

/// A source of keys.
pub(super) type Source = Arc<dyn CredentialSource>;

fn renewing<A>(session: Session<A>) -> Source
where
    A: Action<Response = TemporaryCredentials> + 'static,
{
    Arc::new(Renewing::new(session))
}

/// A role that needs nothing but its name.
pub(super) fn named(base: Source, role_arn: &str, session_name: &str) -> Source {
    let (role_arn, role_session_name) = (role_arn.to_owned(), session_name.to_owned());
    let duration_seconds = Some(DEFAULT_DURATION);
    taken(base, sts::AssumeRole { role_arn, role_session_name, duration_seconds, ..Default::default() })
}

/// The role of the block `assume_role`.
pub(super) fn assumed(base: Source, block: &AssumeRole, variables: &Environment) -> Result<Source, Problem> {
    let incomplete = |missing| Problem::Incomplete { given: "assume_role", missing };
    let role_arn = variables.or(block.role_arn.as_ref(), environment::ROLE_ARN);
    let session_name = variables.or(block.session_name.as_ref(), environment::SESSION_NAME);
    let request = sts::AssumeRole {
        role_arn: role_arn.ok_or_else(|| incomplete("role_arn"))?,
        role_session_name: session_name.ok_or_else(|| incomplete("session_name"))?,
        duration_seconds: Some(duration(block.session_duration, variables)?),
        policy: block.policy.as_deref().filter(|policy| !policy.is_empty()).map(encoded_policy),
        external_id: variables.or(block.external_id.as_ref(), environment::EXTERNAL_ID),
        source_identity: variables.or(block.source_identity.as_ref(), environment::SOURCE_IDENTITY),
        serial_number: variables.or(block.serial_number.as_ref(), environment::SERIAL_NUMBER),
        token_code: secret(block.token_code.as_ref(), variables, environment::TOKEN_CODE),
    };
    match (&request.serial_number, &request.token_code) {
        (Some(_), None) => Err(Problem::Incomplete { given: "serial_number", missing: "token_code" }),
        (None, Some(_)) => Err(Problem::Incomplete { given: "token_code", missing: "serial_number" }),
        _ => Ok(taken(base, request)),
    }
}

fn taken(base: Source, request: sts::AssumeRole) -> Source {
    let name = format!("assume_role of {}", request.role_arn);
    let once = request.token_code.is_some();
    renewing(Session { name, signer: Some(base), request, once })
}

/// The role of the block `assume_role_with_saml`.
pub(super) fn with_saml(block: &AssumeRoleWithSaml, variables: &Environment) -> Result<Source, Problem> {
    let incomplete = |missing| Problem::Incomplete { given: "assume_role_with_saml", missing };
    let text = |argument, name, missing| variables.or(argument, name).ok_or_else(|| incomplete(missing));
    let assertion = secret(block.saml_assertion.as_ref(), variables, environment::SAML_ASSERTION);
    let request = sts::AssumeRoleWithSAML {
        saml_assertion: assertion.ok_or_else(|| incomplete("saml_assertion"))?,
        principal_arn: text(block.principal_arn.as_ref(), environment::PRINCIPAL_ARN, "principal_arn")?,
        role_arn: text(block.role_arn.as_ref(), environment::ROLE_ARN, "role_arn")?,
        role_session_name: text(block.session_name.as_ref(), environment::SESSION_NAME, "session_name")?,
        duration_seconds: Some(duration(block.session_duration, variables)?),
    };
    let name = format!("assume_role_with_saml of {}", request.role_arn);
    Ok(renewing(Session { name, signer: None, request, once: false }))
}

/// The role of the block `assume_role_with_web_identity`.
pub(super) fn with_web_identity(block: &AssumeRoleWithWebIdentity, variables: &Environment) -> Result<Source, Problem> {
    let incomplete = |missing| Problem::Incomplete { given: "assume_role_with_web_identity", missing };
    let file = variables.or(block.web_identity_token_file.as_ref(), environment::WEB_IDENTITY_TOKEN_FILE);
    let token = match (secret(block.web_identity_token.as_ref(), variables, environment::WEB_IDENTITY_TOKEN), file) {
        (Some(token), _) => Token::Given(token),
        (None, Some(path)) => Token::InJson(path.into()),
        (None, None) => return Err(incomplete("web_identity_token or web_identity_token_file")),
    };
    let role_arn = variables.or(block.role_arn.as_ref(), environment::ROLE_ARN);
    let role_arn_file = variables.or(block.role_arn_file.as_ref(), environment::ROLE_ARN_FILE);
    let role_arn = match (role_arn, role_arn_file) {
        (Some(role_arn), _) => role_arn,
        (None, Some(path)) => member("role_arn_file", path.as_ref(), "role_arn")?,
        (None, None) => return Err(incomplete("role_arn or role_arn_file")),
    };
    let session_name = variables.or(block.session_name.as_ref(), environment::SESSION_NAME);
    let request = sts::AssumeRoleWithWebIdentity {
        provider_id: variables.or(block.provider_id.as_ref(), environment::PROVIDER_ID).unwrap_or("OIDC".to_owned()),
        web_identity_token: Secret::default(),
        role_arn,
        role_session_name: session_name.ok_or_else(|| incomplete("session_name"))?,
        duration_seconds: Some(duration(block.session_duration, variables)?),
    };
    Ok(Arc::new(Renewing::new(WebIdentity { token, request })))
}

/// The role of the pod, by the variables that TKE's webhook puts into it.
pub(super) fn of_pod(variables: &Environment) -> Result<Source, Problem> {
    let variable = |name| variables.get(name).ok_or(Problem::Incomplete { given: "enable_pod_oidc", missing: name });
    variable(environment::POD_REGION)?;
    let request = sts::AssumeRoleWithWebIdentity {
        provider_id: variable(environment::POD_PROVIDER_ID)?,
        web_identity_token: Secret::default(),
        role_arn: variable(environment::POD_ROLE_ARN)?,
        role_session_name: SESSION_NAME.to_owned(),
        duration_seconds: Some(DEFAULT_DURATION),
    };
    let token = Token::Raw(variable(environment::POD_TOKEN_FILE)?.into());
    Ok(Arc::new(Renewing::new(WebIdentity { token, request })))
}

/// The session of the block `mfa_certification`.
pub(super) fn certified(base: Source, block: &MfaCertification, variables: &Environment) -> Result<Source, Problem> {
    let incomplete = |missing| Problem::Incomplete { given: "mfa_certification", missing };
    let serial_number = variables.or(block.serial_number.as_ref(), environment::MFA_SERIAL_NUMBER);
    let token_code = secret(block.token_code.as_ref(), variables, environment::MFA_TOKEN_CODE);
    let request = sts::GetSessionToken {
        serial_number: serial_number.ok_or_else(|| incomplete("serial_number"))?,
        token_code: token_code.ok_or_else(|| incomplete("token_code"))?,
        duration_seconds: Some(
            seconds(block.duration_seconds, variables, environment::MFA_DURATION_SECONDS)?.unwrap_or(MFA_DURATION),
        ),
    };
    Ok(renewing(Session { name: "mfa_certification".to_owned(), signer: Some(base), request, once: true }))
}

fn secret(argument: Option<&Secret>, variables: &Environment, name: &str) -> Option<Secret> {
    argument.filter(|secret| !secret.is_empty()).cloned().or_else(|| variables.get(name).map(Secret::from))
}

fn duration(argument: Option<u64>, variables: &Environment) -> Result<u64, Problem> {
    Ok(seconds(argument, variables, environment::SESSION_DURATION)?.unwrap_or(DEFAULT_DURATION))
}

/// A number of seconds; zero counts as absent, as in the stock provider.
fn seconds(argument: Option<u64>, variables: &Environment, name: &str) -> Result<Option<u64>, Problem> {
    let given =
        match (argument, variables.get(name)) {
            (Some(seconds), _) => Some(seconds),
            (None, None) => None,
            (None, Some(text)) => Some(text.parse().map_err(|_| Problem::Malformed {
                given: name.to_owned(),
                expected: "a number of seconds".to_owned(),
            })?),
        };
    Ok(given.filter(|seconds| *seconds > 0))
}

/// A policy in the form that STS takes: with every reserved character percent-encoded (API reference, `AssumeRole`).
fn encoded_policy(policy: &str) -> String {
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

    #[test]
    fn a_duration_that_is_no_number_is_an_error_and_zero_is_the_default() {
        let variables = Environment::from([("TENCENTCLOUD_ASSUME_ROLE_SESSION_DURATION", "soon")]);
        let problem = duration(None, &variables).map_err(|problem| problem.to_string());
        let expected = "TENCENTCLOUD_ASSUME_ROLE_SESSION_DURATION: expected a number of seconds";
        assert_eq!(problem, Err(expected.to_owned()));
        assert_eq!(duration(Some(0), &variables).ok(), Some(DEFAULT_DURATION));
    }
}
