//! sts: who am I, and temporary keys (API reference, sts 2018-08-13).

use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{Span, utc};
use crate::front::{Action, Answer, ApiError, Call, RegionRule, Service};
use crate::state::{Caller, Principal, Role, Uin};
use crate::world::Policy;

pub(super) fn service() -> Service {
    Service::new("sts", "2018-08-13", RegionRule::Ignored)
        .read::<GetCallerIdentity>("GetCallerIdentity")
        .read::<AssumeRole>("AssumeRole")
        .ignoring(&["SourceIdentity", "Tags"])
        .read::<AssumeRoleWithWebIdentity>("AssumeRoleWithWebIdentity")
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
}

impl Action for AssumeRole {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_session_name(&self.role_session_name)?;
        let role = find_role(call, &self.role_arn)?;
        let caller = call.caller()?;
        if !trusts(&role, caller) || role.trust.external_id.is_some() && role.trust.external_id != self.external_id {
            return Err(not_trusted(&self.role_arn));
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
    let duration = duration.unwrap_or(7_200);
    if duration == 0 || duration > role.session_duration {
        let message = format!("`DurationSeconds` must be from 1 to {}.", role.session_duration);
        return Err(ApiError::new("InvalidParameter.OverTimeError", message));
    }
    let expires = Span::from_millis(duration * 1_000).after(call.cloud.timing.now);
    let (id, key) = call.cloud.identity.open_session(role, name, narrowed, expires);
    let token = key.token.as_ref().map(|token| Value::from(token.reveal())).unwrap_or_default();
    let credentials = json!({ "Token": token, "TmpSecretId": id, "TmpSecretKey": key.secret.reveal() });
    Ok(json!({ "Credentials": credentials, "ExpiredTime": expires.as_second(), "Expiration": utc(expires) }))
}
