//! cam: roles and who may do what (API reference, cam 2019-01-16).

mod policies;
mod trust;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::beijing;
use crate::front::{Action, Answer, ApiError, Call, RegionRule, Service};
use crate::state::{Principal, Role, Uin};

pub(super) fn service() -> Service {
    Service::new("cam", "2019-01-16", RegionRule::Ignored)
        .read::<GetUserAppId>("GetUserAppId")
        .read::<GetRole>("GetRole")
        .write::<CreateRole>("CreateRole")
        .ignoring(&["ConsoleLogin", "Tags"])
        .write::<DeleteRole>("DeleteRole")
        .write::<policies::AttachRolePolicy>("AttachRolePolicy")
        .write::<policies::DetachRolePolicy>("DetachRolePolicy")
        .read::<policies::ListAttachedRolePolicies>("ListAttachedRolePolicies")
        .ignoring(&["PolicyType", "Keyword"])
}

/// Says the numbers of the caller. That this needs no right is assumed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GetUserAppId {}

impl Action for GetUserAppId {
    const FREE: bool = true;

    fn run(self, call: &mut Call<'_>) -> Answer {
        let caller = call.caller()?;
        let uin = match &caller.principal {
            Principal::User { uin, .. } => uin.clone(),
            Principal::Root | Principal::Session { .. } => caller.uin().to_string(),
        };
        Ok(json!({ "Uin": uin, "OwnerUin": caller.uin(), "AppId": caller.account.app_id }))
    }
}

/// Describes a role of the caller's account.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetRole {
    role_id: Option<String>,
    role_name: Option<String>,
}

impl Action for GetRole {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let role = find(call, self.role_id.or(self.role_name))?;
        Ok(json!({ "RoleInfo": view(role) }))
    }
}

/// Makes a role. The policy document says who may assume it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateRole {
    role_name: String,
    policy_document: String,
    #[serde(default)]
    description: String,
    session_duration: Option<u64>,
}

impl Action for CreateRole {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@-_".contains(&byte);
        if !(1..=128).contains(&self.role_name.len()) || !self.role_name.bytes().all(good) {
            return Err(ApiError::new(
                "InvalidParameter.RoleNameError",
                "`RoleName` must be 1 to 128 of letters, digits, +=,.@-_",
            ));
        }
        let owner = call.uin()?;
        let trust = trust::parse(&self.policy_document)?;
        if call.cloud.identity.role(&owner, &self.role_name).is_some() {
            let message = format!("The role `{}` exists already.", self.role_name);
            return Err(ApiError::new("InvalidParameter.RoleNameInUse", message));
        }
        let mut role = Role::new(owner, &self.role_name, trust, call.cloud.timing.now);
        role.description = self.description;
        role.session_duration = self.session_duration.unwrap_or(role.session_duration).min(43_200);
        let answer = json!({ "RoleId": role.id });
        call.cloud.identity.roles.push(role);
        Ok(answer)
    }
}

/// Deletes a role.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeleteRole {
    role_id: Option<String>,
    role_name: Option<String>,
}

impl Action for DeleteRole {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let id = find(call, self.role_id.or(self.role_name))?.id.clone();
        call.cloud.identity.roles.retain(|role| role.id != id);
        Ok(json!({}))
    }
}

/// A role of the caller's account, by id or name.
fn find<'a>(call: &'a Call<'_>, name_or_id: Option<String>) -> Result<&'a Role, ApiError> {
    let name_or_id = name_or_id.ok_or_else(needs_role)?;
    call.cloud.identity.role(&call.uin()?, &name_or_id).ok_or_else(|| no_such_role(&name_or_id))
}

/// The same, to change it.
fn find_mut<'a>(call: &'a mut Call<'_>, name_or_id: Option<String>) -> Result<&'a mut Role, ApiError> {
    let name_or_id = name_or_id.ok_or_else(needs_role)?;
    let owner: Uin = call.uin()?;
    call.cloud.identity.role_mut(&owner, &name_or_id).ok_or_else(|| no_such_role(&name_or_id))
}

fn needs_role() -> ApiError {
    ApiError::new("InvalidParameter.ParamError", "Either the id or the name of the role is needed.")
}

fn no_such_role(name_or_id: &str) -> ApiError {
    ApiError::new("InvalidParameter.RoleNotExist", format!("The role `{name_or_id}` does not exist."))
}

fn view(role: &Role) -> Value {
    json!({
        "RoleId": role.id,
        "RoleName": role.name,
        "PolicyDocument": trust::document(&role.trust).to_string(),
        "Description": role.description,
        "AddTime": beijing(role.created),
        "UpdateTime": beijing(role.created),
        "ConsoleLogin": 0,
        "RoleType": if role.trust.services.is_empty() { "user" } else { "system" },
        "SessionDuration": role.session_duration,
        "DeletionTaskId": "",
        "Tags": [],
        "RoleArn": role.arn(),
    })
}
