//! sts: who am I, and temporary keys (API reference, sts 2018-08-13).

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{Span, utc};
use crate::front::{Action, Answer, ApiError, Call, RegionRule, Service};
use crate::state::{Caller, Key, Principal, Role, Uin};
use crate::world::Policy;

pub(super) fn service() -> Service {
    Service::new("sts", "2018-08-13", RegionRule::Ignored)
        .read::<GetCallerIdentity>("GetCallerIdentity")
        .read::<AssumeRole>("AssumeRole")
        .ignoring(&["SourceIdentity", "Tags"])
        .read::<AssumeRoleWithWebIdentity>("AssumeRoleWithWebIdentity")
        .read::<AssumeRoleWithSaml>("AssumeRoleWithSAML")
        .read::<GetSessionToken>("GetSessionToken")
}

/// Says whom the key stands for. That this needs no right is assumed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GetCallerIdentity {}

impl Action for GetCallerIdentity {
    const FREE: bool = true;

    fn run(self, call: &mut Call<'_>) -> Answer {
        let caller = call.caller()?;
        let account = caller.uin();
        let user_id = caller.user_id();
        let (arn, kind) = match &caller.principal {
            Principal::Root | Principal::User { .. } => (format!("qcs::cam:{account}:uin/{user_id}"), "CAMUser"),
            Principal::Session { role_id, .. } => (format!("qcs::sts:{account}:assumed-role/{role_id}"), "CAMRole"),
        };
        Ok(json!({
            "Arn": arn,
            "AccountId": account,
            "UserId": user_id,
            "PrincipalId": user_id.split(':').next(),
            "Type": kind,
        }))
    }
}

/// Opens a session of a role that trusts the caller.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AssumeRole {
    role_arn: String,
    role_session_name: String,
    duration_seconds: Option<u64>,
    policy: Option<String>,
    external_id: Option<String>,
    serial_number: Option<String>,
    token_code: Option<String>,
}

impl Action for AssumeRole {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_session_name(&self.role_session_name)?;
        let role = find_role(call, &self.role_arn)?;
        let caller = call.caller()?;
        if !trusts(&role, caller) || role.trust.external_id.is_some() && role.trust.external_id != self.external_id {
            return Err(not_trusted(&self.role_arn));
        }
        if let Some(serial_number) = self.serial_number {
            use_code(call, &serial_number, &self.token_code.unwrap_or_default())?;
        }
        let narrowed = self.policy.as_deref().map(read_policy).transpose()?;
        open_session(call, &role, &self.role_session_name, narrowed, self.duration_seconds)
    }
}

/// Opens a session of a role that trusts an identity provider, for a token of that provider. Not signed.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AssumeRoleWithWebIdentity {
    provider_id: String,
    web_identity_token: String,
    role_arn: String,
    role_session_name: String,
    duration_seconds: Option<u64>,
}

impl Action for AssumeRoleWithWebIdentity {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_session_name(&self.role_session_name)?;
        let role = find_role(call, &self.role_arn)?;
        if !call.cloud.identity.vouches(&role.owner, &self.provider_id, &self.web_identity_token) {
            let message = "The web identity token is not valid.";
            return Err(ApiError::new("InvalidParameter.WebIdentityTokenError", message));
        }
        if !role.trust.providers.contains(&self.provider_id) {
            return Err(not_trusted(&self.role_arn));
        }
        open_session(call, &role, &self.role_session_name, None, self.duration_seconds)
    }
}

/// Opens a session of a role that trusts a SAML identity provider, for an assertion of that provider. Not signed. The code
/// for an assertion that is not valid is not documented; this one is assumed.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AssumeRoleWithSaml {
    #[serde(rename = "SAMLAssertion")]
    saml_assertion: String,
    principal_arn: String,
    role_arn: String,
    role_session_name: String,
    duration_seconds: Option<u64>,
}

impl Action for AssumeRoleWithSaml {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_session_name(&self.role_session_name)?;
        let role = find_role(call, &self.role_arn)?;
        let provider = self.principal_arn.strip_prefix(&format!("qcs::cam::uin/{}:saml-provider/", role.owner));
        let provider = provider.unwrap_or_default().to_owned();
        if !call.cloud.identity.vouches(&role.owner, &provider, &self.saml_assertion) {
            return Err(ApiError::new("InvalidParameter.ParamError", "The SAML assertion is not valid."));
        }
        if !role.trust.providers.contains(&provider) {
            return Err(not_trusted(&self.role_arn));
        }
        open_session(call, &role, &self.role_session_name, None, self.duration_seconds)
    }
}

/// Gives the caller temporary keys for a code of an MFA device.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetSessionToken {
    serial_number: String,
    token_code: String,
    duration_seconds: Option<u64>,
}

impl Action for GetSessionToken {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let caller = call.caller()?.clone();
        let longest = match caller.principal {
            Principal::Root => 7_200,
            Principal::User { .. } => 129_600,
            Principal::Session { .. } => {
                let message = "Temporary keys cannot open another session.";
                return Err(ApiError::new("FailedOperation.TempKeyNotAllowed", message));
            }
        };
        let expires = expiry(call, self.duration_seconds.unwrap_or(1_800), longest)?;
        use_code(call, &self.serial_number, &self.token_code)?;
        let key = call.cloud.identity.temporary_key(caller, expires);
        Ok(credentials(key, expires))
    }
}

/// Uses up a code of a device of the caller's account.
fn use_code(call: &mut Call<'_>, serial_number: &str, code: &str) -> Result<(), ApiError> {
    let owner = call.uin()?;
    match call.cloud.identity.use_code(&owner, serial_number, code) {
        true => Ok(()),
        false => Err(ApiError::new("FailedOperation.CheckMFAError", "The code of the MFA device is not valid.")),
    }
}

fn check_session_name(name: &str) -> Result<(), ApiError> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if (2..=128).contains(&name.len()) && name.bytes().all(good) {
        return Ok(());
    }
    Err(ApiError::new("InvalidParameter.ParamError", "`RoleSessionName` must be 2 to 128 of letters, digits, _+=,.@-"))
}

/// Finds a role by `qcs::cam::uin/UIN:roleName/NAME` or `…:role/ID`.
fn find_role(call: &Call<'_>, arn: &str) -> Result<Role, ApiError> {
    let parts = || {
        let (uin, role) = arn.strip_prefix("qcs::cam::uin/")?.split_once(':')?;
        let name = role.strip_prefix("roleName/").or_else(|| role.strip_prefix("role/"))?;
        Some((Uin::from(uin), name))
    };
    let (owner, name) = parts().ok_or_else(|| {
        ApiError::new("InvalidParameter.ParamError", "`RoleArn` is not as qcs::cam::uin/UIN:roleName/NAME.")
    })?;
    let role = call.cloud.identity.role(&owner, name).cloned();
    role.ok_or_else(|| ApiError::new("ResourceNotFound.RoleNotFound", format!("The role `{arn}` is not found.")))
}

/// A role trusts a user by its own uin, and all of an account by the account's.
fn trusts(role: &Role, caller: &Caller) -> bool {
    let trusted = |uin: &str| role.trust.uins.iter().any(|it| it == uin);
    trusted(caller.uin().as_str()) || trusted(&caller.user_id())
}

fn not_trusted(arn: &str) -> ApiError {
    ApiError::new("UnauthorizedOperation", format!("You are not authorized to assume the role `{arn}`."))
}

/// Reads the policy that narrows a session: url-encoded JSON, or JSON as it is.
fn read_policy(text: &str) -> Result<Policy, ApiError> {
    let decoded = percent_decode(text);
    serde_json::from_str(text).or_else(|_| serde_json::from_str(&decoded)).map_err(|_| {
        ApiError::new("InvalidParameter.StrategyFormatError", "`Policy` is not a url-encoded policy document.")
    })
}

fn percent_decode(text: &str) -> String {
    let query = format!("/?policy={text}").parse().ok();
    let decode = |uri: http::Uri| axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).ok();
    query.and_then(decode).and_then(|pairs| pairs.0.into_iter().next()).map(|(_, value)| value).unwrap_or_default()
}

fn open_session(
    call: &mut Call<'_>,
    role: &Role,
    name: &str,
    narrowed: Option<Policy>,
    duration: Option<u64>,
) -> Answer {
    let expires = expiry(call, duration.unwrap_or(7_200), role.session_duration)?;
    let key = call.cloud.identity.open_session(role, name, narrowed, expires);
    Ok(credentials(key, expires))
}

fn expiry(call: &Call<'_>, duration: u64, longest: u64) -> Result<Timestamp, ApiError> {
    if duration == 0 || duration > longest {
        let message = format!("`DurationSeconds` must be from 1 to {longest}.");
        return Err(ApiError::new("InvalidParameter.OverTimeError", message));
    }
    Ok(Span::from_millis(duration * 1_000).after(call.cloud.timing.now))
}

fn credentials((id, key): (String, Key), expires: Timestamp) -> Value {
    let token = key.token.as_ref().map(|token| Value::from(token.reveal())).unwrap_or_default();
    let credentials = json!({ "Token": token, "TmpSecretId": id, "TmpSecretKey": key.secret.reveal() });
    json!({ "Credentials": credentials, "ExpiredTime": expires.as_second(), "Expiration": utc(expires) })
}
