//! Chooses the source of keys, in the order of the stock `tencentcloud` provider. Every step replaces what the steps
//! before it found; a step that takes a role takes it with that.

use std::sync::Arc;

use super::assume_role::{AssumedRole, encoded_policy};
use super::cam_role::CamRole;
use super::environment::{self, Environment};
use super::given::Given;
use super::profile::{self, Profile};
use super::renewing::Renewing;
use super::web_identity::{Token, WebIdentity, member};
use super::{Arguments, AssumeRole, AssumeRoleWithWebIdentity, CredentialSource, Problem};
use crate::cloud::api::sts;
use crate::cloud::error::Error;

/// The region of the stock provider where none is given.
const DEFAULT_REGION: &str = "ap-guangzhou";
/// How long temporary keys live, in seconds, where nothing is said (API reference, `AssumeRole`).
const DEFAULT_DURATION: u64 = 7_200;
/// The session name where there is no argument for one.
const SESSION_NAME: &str = "terraform-provider-tcmesh";

type Source = Arc<dyn CredentialSource>;

/// The source of keys that arguments, environment and files name. Makes no call.
///
/// # Errors
/// [`Error::Credentials`]: nothing was given, something was given by halves, or a file cannot be read.
pub fn resolve(arguments: &Arguments, variables: &Environment) -> Result<Source, Error> {
    Ok(choose(arguments, variables)?)
}

/// The region that arguments, environment and files name; `ap-guangzhou` where none does.
///
/// # Errors
/// [`Error::Credentials`], when a profile is to be read and cannot be.
pub fn region(arguments: &Arguments, variables: &Environment) -> Result<String, Error> {
    let given = variables.or(arguments.region.as_ref(), environment::REGION);
    let region = match given {
        None => Given::of(arguments, variables).profile(arguments, variables)?.region,
        given => given,
    };
    Ok(region.unwrap_or_else(|| DEFAULT_REGION.to_owned()))
}

fn choose(arguments: &Arguments, variables: &Environment) -> Result<Source, Problem> {
    if variables.get(environment::MFA_SERIAL_NUMBER).is_some() {
        return Err(Problem::Unsupported("a session with an MFA token"));
    }
    let given = Given::of(arguments, variables);
    let profile = given.profile(arguments, variables)?;
    let keys = given.or(&profile).keys();
    let mut source = keys.as_ref().ok().cloned().flatten().map(|keys| Arc::new(keys) as Source);
    if let Some(name) = variables.or(arguments.cam_role_name.as_ref(), environment::CAM_ROLE_NAME) {
        source = Some(Arc::new(Renewing::new(CamRole { name })));
    }
    source = source.map(|base| role_of_profile(base, &profile));
    source = role_of_environment(source, variables)?;
    if let Some(block) = &arguments.assume_role {
        let base = source.ok_or_else(|| missing(arguments, variables))?;
        source = Some(assumed(base, role(block, variables)?));
    }
    if let Some(block) = &arguments.assume_role_with_web_identity {
        source = Some(web_identity(block, variables)?);
    }
    if arguments.enable_pod_oidc {
        source = Some(role_of_pod(variables)?);
    }
    source.ok_or_else(|| keys.err().unwrap_or_else(|| missing(arguments, variables)))
}

fn missing(arguments: &Arguments, variables: &Environment) -> Problem {
    let profile = profile::path(arguments, variables, "credential");
    let looked_at = [
        format!("secret_id and secret_key ({}, {})", environment::SECRET_ID, environment::SECRET_KEY),
        format!("the profile {}", profile.display()),
        format!("cam_role_name ({})", environment::CAM_ROLE_NAME),
        "assume_role_with_web_identity".to_owned(),
        "enable_pod_oidc".to_owned(),
    ];
    Problem::Missing { looked_at: looked_at.into() }
}

fn assumed(base: Source, request: sts::AssumeRole) -> Source {
    Arc::new(Renewing::new(AssumedRole { base, request }))
}

fn role_of_profile(base: Source, profile: &Profile) -> Source {
    match (&profile.role_arn, &profile.role_session_name) {
        (Some(role_arn), Some(role_session_name)) => {
            let (role_arn, role_session_name) = (role_arn.clone(), role_session_name.clone());
            let duration_seconds = Some(DEFAULT_DURATION);
            assumed(base, sts::AssumeRole { role_arn, role_session_name, duration_seconds, ..Default::default() })
        }
        _ => base,
    }
}

/// The role that the environment names. Without keys to take it with, it can only be meant as the default of a block.
fn role_of_environment(source: Option<Source>, variables: &Environment) -> Result<Option<Source>, Problem> {
    let named = [environment::ROLE_ARN, environment::SESSION_NAME].map(|name| variables.get(name).is_some());
    if named != [true, true] {
        return Ok(source);
    }
    if variables.get(environment::SAML_ASSERTION).is_some() {
        return Err(Problem::Unsupported("a role taken with a SAML assertion"));
    }
    if variables.get(environment::WEB_IDENTITY_TOKEN).is_some() {
        return web_identity(&AssumeRoleWithWebIdentity::default(), variables).map(Some);
    }
    source.map(|base| Ok(assumed(base, role(&AssumeRole::default(), variables)?))).transpose()
}

fn role(block: &AssumeRole, variables: &Environment) -> Result<sts::AssumeRole, Problem> {
    if variables.get(environment::SERIAL_NUMBER).is_some() {
        return Err(Problem::Unsupported("a role taken with an MFA token"));
    }
    let role_arn = variables.or(block.role_arn.as_ref(), environment::ROLE_ARN);
    let session_name = variables.or(block.session_name.as_ref(), environment::SESSION_NAME);
    Ok(sts::AssumeRole {
        role_arn: role_arn.ok_or(Problem::Incomplete { given: "assume_role", missing: "role_arn" })?,
        role_session_name: session_name.ok_or(Problem::Incomplete { given: "assume_role", missing: "session_name" })?,
        duration_seconds: Some(duration(block.session_duration, variables)?),
        policy: block.policy.as_deref().filter(|policy| !policy.is_empty()).map(encoded_policy),
        external_id: variables.or(block.external_id.as_ref(), environment::EXTERNAL_ID),
        source_identity: variables.or(block.source_identity.as_ref(), environment::SOURCE_IDENTITY),
    })
}

fn duration(argument: Option<u64>, variables: &Environment) -> Result<u64, Problem> {
    let given = match (argument, variables.get(environment::SESSION_DURATION)) {
        (Some(seconds), _) => seconds,
        (None, None) => DEFAULT_DURATION,
        (None, Some(text)) => text.parse().map_err(|_| Problem::Malformed {
            given: environment::SESSION_DURATION.to_owned(),
            expected: "a number of seconds".to_owned(),
        })?,
    };
    Ok(if given == 0 { DEFAULT_DURATION } else { given })
}

fn web_identity(block: &AssumeRoleWithWebIdentity, variables: &Environment) -> Result<Source, Problem> {
    let incomplete = |missing| Problem::Incomplete { given: "assume_role_with_web_identity", missing };
    let given = block.web_identity_token.as_ref().map(|token| token.expose().to_owned());
    let file = variables.or(block.web_identity_token_file.as_ref(), environment::WEB_IDENTITY_TOKEN_FILE);
    let token = match (variables.or(given.as_ref(), environment::WEB_IDENTITY_TOKEN), file) {
        (Some(token), _) => Token::Given(token.into()),
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
        web_identity_token: super::Secret::default(),
        role_arn,
        role_session_name: session_name.ok_or_else(|| incomplete("session_name"))?,
        duration_seconds: Some(duration(block.session_duration, variables)?),
    };
    Ok(Arc::new(Renewing::new(WebIdentity { token, request })))
}

/// The role of the pod, by the variables that TKE's webhook puts into it.
fn role_of_pod(variables: &Environment) -> Result<Source, Problem> {
    let variable = |name| variables.get(name).ok_or(Problem::Incomplete { given: "enable_pod_oidc", missing: name });
    variable(environment::POD_REGION)?;
    let request = sts::AssumeRoleWithWebIdentity {
        provider_id: variable(environment::POD_PROVIDER_ID)?,
        web_identity_token: super::Secret::default(),
        role_arn: variable(environment::POD_ROLE_ARN)?,
        role_session_name: SESSION_NAME.to_owned(),
        duration_seconds: Some(DEFAULT_DURATION),
    };
    let token = Token::Raw(variable(environment::POD_TOKEN_FILE)?.into());
    Ok(Arc::new(Renewing::new(WebIdentity { token, request })))
}

#[cfg(test)]
mod tests {
    use super::super::given::tests::Home;
    use super::*;

    fn refused(arguments: &Arguments, variables: &Environment) -> String {
        resolve(arguments, variables).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_profile_that_is_not_json_is_named_and_not_quoted() {
        let home = Home::with_profile("broken", &[("default.credential", "hunter2")]);
        let problem = refused(&Arguments::default(), &home.environment());
        assert!(problem.ends_with("default.credential: expected a JSON object"), "{problem}");
    }

    #[test]
    fn without_any_credentials_the_error_lists_where_they_were_looked_for() {
        let home = Home::with_profile("empty", &[]);
        let problem = refused(&Arguments::default(), &home.environment());
        for place in
            ["TENCENTCLOUD_SECRET_ID", "/.tccli/default.credential", "TENCENTCLOUD_CAM_ROLE_NAME", "enable_pod_oidc"]
        {
            assert!(problem.contains(place), "{place} is not in: {problem}");
        }
    }

    #[test]
    fn half_a_pair_is_named() {
        let arguments = Arguments { secret_id: Some("id".into()), ..Arguments::default() };
        assert_eq!(refused(&arguments, &Environment::default()), "secret_id is given, but secret_key is not");
        let variables = Environment::from([("TENCENTCLOUD_SECURITY_TOKEN", "token")]);
        assert_eq!(refused(&Arguments::default(), &variables), "security_token is given, but secret_id is not");
    }

    #[test]
    fn a_role_needs_keys_to_be_taken_with_and_all_of_its_arguments() {
        let block = AssumeRole { role_arn: Some("role".into()), ..AssumeRole::default() };
        let arguments = Arguments { assume_role: Some(block), ..Arguments::default() };
        let home = Home::with_profile("no-base", &[]);
        assert!(refused(&arguments, &home.environment()).starts_with("no credentials were found"));
        let variables = Environment::from([("TENCENTCLOUD_SECRET_ID", "id"), ("TENCENTCLOUD_SECRET_KEY", "key")]);
        assert_eq!(refused(&arguments, &variables), "assume_role is given, but session_name is not");
    }

    #[test]
    fn what_is_not_supported_is_said_and_not_ignored() {
        let mfa = Environment::from([("TENCENTCLOUD_MFA_CERTIFICATION_SERIAL_NUMBER", "device")]);
        assert!(refused(&Arguments::default(), &mfa).starts_with("a session with an MFA token is not supported"));
        let saml = Environment::from([
            ("TENCENTCLOUD_ASSUME_ROLE_ARN", "role"),
            ("TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME", "name"),
            ("TENCENTCLOUD_ASSUME_ROLE_SAML_ASSERTION", "assertion"),
        ]);
        assert!(refused(&Arguments::default(), &saml).starts_with("a role taken with a SAML assertion is not"));
    }

    #[test]
    fn a_pod_without_an_identity_is_told_which_variable_is_missing() {
        let arguments = Arguments { enable_pod_oidc: true, ..Arguments::default() };
        let variables = Environment::from([("TKE_REGION", "ap-guangzhou")]);
        assert_eq!(refused(&arguments, &variables), "enable_pod_oidc is given, but TKE_PROVIDER_ID is not");
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
