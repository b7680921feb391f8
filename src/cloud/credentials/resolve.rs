//! Chooses the source of keys, in the order of the stock `tencentcloud` provider. Every step replaces what the steps
//! before it found; a step that takes a role takes it with that.

use std::sync::Arc;

use super::cam_role::CamRole;
use super::environment::{self, Environment};
use super::given::Given;
use super::profile::{self, Profile};
use super::renewing::Renewing;
use super::roles::{self, Source};
use super::{Arguments, AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, Problem};
use crate::cloud::error::Error;

/// The region of the stock provider where none is given.
const DEFAULT_REGION: &str = "ap-guangzhou";

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
    let given = Given::of(arguments, variables);
    let profile = given.profile(arguments, variables)?;
    let keys = given.or(&profile).keys();
    let mut source = keys.as_ref().ok().cloned().flatten().map(|keys| Arc::new(keys) as Source);
    if let Some(name) = variables.or(arguments.cam_role_name.as_ref(), environment::CAM_ROLE_NAME) {
        source = Some(Arc::new(Renewing::new(CamRole { name })));
    }
    source = source.map(|base| role_of_profile(base, &profile));
    source = role_of_environment(source, variables)?;
    source = role_of_block(source, arguments, variables)?;
    if arguments.mfa_certification.is_some()
        || has(variables, [environment::MFA_SERIAL_NUMBER, environment::MFA_TOKEN_CODE])
    {
        let base = source.ok_or_else(|| missing(arguments, variables))?;
        source = Some(roles::certified(base, &arguments.mfa_certification.clone().unwrap_or_default(), variables)?);
    }
    if arguments.enable_pod_oidc {
        source = Some(roles::of_pod(variables)?);
    }
    source.ok_or_else(|| keys.err().unwrap_or_else(|| missing(arguments, variables)))
}

fn has<const N: usize>(variables: &Environment, names: [&str; N]) -> bool {
    names.iter().all(|name| variables.get(name).is_some())
}

fn missing(arguments: &Arguments, variables: &Environment) -> Problem {
    let profile = profile::path(arguments, variables, "credential");
    let looked_at = [
        format!("secret_id and secret_key ({}, {})", environment::SECRET_ID, environment::SECRET_KEY),
        format!("the profile {}", profile.display()),
        format!("cam_role_name ({})", environment::CAM_ROLE_NAME),
        "assume_role_with_saml".to_owned(),
        "assume_role_with_web_identity".to_owned(),
        "enable_pod_oidc".to_owned(),
    ];
    Problem::Missing { looked_at: looked_at.into() }
}

fn role_of_profile(base: Source, profile: &Profile) -> Source {
    match (&profile.role_arn, &profile.role_session_name) {
        (Some(role_arn), Some(session_name)) => roles::named(base, role_arn, session_name),
        _ => base,
    }
}

/// The role that the environment names. Without keys to take it with, it can only be meant as the default of a block.
fn role_of_environment(source: Option<Source>, variables: &Environment) -> Result<Option<Source>, Problem> {
    if !has(variables, [environment::ROLE_ARN, environment::SESSION_NAME]) {
        return Ok(source);
    }
    if variables.get(environment::SAML_ASSERTION).is_some() {
        return roles::with_saml(&AssumeRoleWithSaml::default(), variables).map(Some);
    }
    if variables.get(environment::WEB_IDENTITY_TOKEN).is_some() {
        return roles::with_web_identity(&AssumeRoleWithWebIdentity::default(), variables).map(Some);
    }
    source.map(|base| roles::assumed(base, &AssumeRole::default(), variables)).transpose()
}

/// The roles that the blocks name, each taken with the keys of the one before it where it needs any.
fn role_of_block(
    mut source: Option<Source>,
    arguments: &Arguments,
    variables: &Environment,
) -> Result<Option<Source>, Problem> {
    if let Some(block) = &arguments.assume_role {
        let base = source.ok_or_else(|| missing(arguments, variables))?;
        source = Some(roles::assumed(base, block, variables)?);
    }
    if let Some(block) = &arguments.assume_role_with_saml {
        source = Some(roles::with_saml(block, variables)?);
    }
    if let Some(block) = &arguments.assume_role_with_web_identity {
        source = Some(roles::with_web_identity(block, variables)?);
    }
    Ok(source)
}

#[cfg(test)]
mod tests {
    use super::super::given::tests::Home;
    use super::super::{AssumeRole, MfaCertification};
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
    fn what_a_session_lacks_is_named() {
        let keys = [("TENCENTCLOUD_SECRET_ID", "id"), ("TENCENTCLOUD_SECRET_KEY", "key")];
        let mfa = Arguments { mfa_certification: Some(MfaCertification::default()), ..Arguments::default() };
        assert_eq!(refused(&mfa, &Environment::from(keys)), "mfa_certification is given, but serial_number is not");
        let saml = Environment::from([
            ("TENCENTCLOUD_ASSUME_ROLE_ARN", "role"),
            ("TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME", "name"),
            ("TENCENTCLOUD_ASSUME_ROLE_SAML_ASSERTION", "assertion"),
        ]);
        assert_eq!(refused(&Arguments::default(), &saml), "assume_role_with_saml is given, but principal_arn is not");
        let block = AssumeRole { serial_number: Some("device".into()), ..AssumeRole::default() };
        let role = Arguments { assume_role: Some(block), ..Arguments::default() };
        let variables = [("TENCENTCLOUD_ASSUME_ROLE_ARN", "role"), ("TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME", "name")];
        let variables = Environment::from([keys[0], keys[1], variables[0], variables[1]]);
        assert_eq!(refused(&role, &variables), "serial_number is given, but token_code is not");
    }

    #[test]
    fn a_pod_without_an_identity_is_told_which_variable_is_missing() {
        let arguments = Arguments { enable_pod_oidc: true, ..Arguments::default() };
        let variables = Environment::from([("TKE_REGION", "ap-guangzhou")]);
        assert_eq!(refused(&arguments, &variables), "enable_pod_oidc is given, but TKE_PROVIDER_ID is not");
    }
}
