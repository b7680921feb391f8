//! Cloud Access Management (`cam`): roles that services act with, and the account's numbers.

use serde::{Deserialize, Serialize};

use super::Empty;
use crate::cloud::action::actions;

actions! { "cam", "2019-01-16";
    Read GetRole -> GetRoleResponse,
    WriteOnce CreateRole -> CreateRoleResponse,
    Write AttachRolePolicy -> Empty,
    Write DetachRolePolicy -> Empty,
    Read ListAttachedRolePolicies -> ListAttachedRolePoliciesResponse,
    Write DeleteRole -> Empty,
    Read GetUserAppId -> GetUserAppIdResponse,
}

/// Looks for a role, by its ID or its name.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetRole {
    /// The role's ID.
    pub role_id: Option<String>,
    /// The role's name.
    pub role_name: Option<String>,
}

/// The answer of [`GetRole`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetRoleResponse {
    /// The role.
    pub role_info: RoleInfo,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RoleInfo {
    /// The ID.
    pub role_id: String,
    /// The name.
    pub role_name: String,
    /// Who may take the role, as JSON.
    pub policy_document: Option<String>,
    /// What the role is for.
    pub description: Option<String>,
    /// `user`, `system` or `service_linked`.
    pub role_type: Option<String>,
    /// For example `qcs::cam::uin/100000000001:roleName/TKE_QCSRole`.
    pub role_arn: Option<String>,
}

/// Creates a role. Names are unique: a second one is refused as `InvalidParameter.RoleNameInUse`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRole {
    /// The name: up to 128 letters, digits and `+=,.@-_`.
    pub role_name: String,
    /// Who may take the role, as JSON.
    pub policy_document: String,
    /// What the role is for.
    pub description: Option<String>,
}

/// The answer of [`CreateRole`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRoleResponse {
    /// The role's ID.
    pub role_id: String,
}

/// Gives a role the rights of a policy. Policy and role are each named by ID or by name.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttachRolePolicy {
    /// The policy's ID.
    pub policy_id: Option<u64>,
    /// The policy's name.
    pub policy_name: Option<String>,
    /// The role's ID.
    pub attach_role_id: Option<String>,
    /// The role's name.
    pub attach_role_name: Option<String>,
}

/// Takes the rights of a policy from a role. Policy and role are each named by ID or by name.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DetachRolePolicy {
    /// The policy's ID.
    pub policy_id: Option<u64>,
    /// The policy's name.
    pub policy_name: Option<String>,
    /// The role's ID.
    pub detach_role_id: Option<String>,
    /// The role's name.
    pub detach_role_name: Option<String>,
}

/// Lists the policies whose rights a role has. Pages count from 1.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListAttachedRolePolicies {
    /// Which page.
    pub page: u64,
    /// How many policies are on a page, 1 to 200.
    pub rp: u64,
    /// The role's ID.
    pub role_id: Option<String>,
    /// The role's name.
    pub role_name: Option<String>,
}

/// The answer of [`ListAttachedRolePolicies`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListAttachedRolePoliciesResponse {
    /// The policies of this page.
    #[serde(default)]
    pub list: Vec<AttachedPolicyOfRole>,
    /// How many there are in all.
    pub total_num: u64,
}

/// A policy of a role.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttachedPolicyOfRole {
    /// The policy's name.
    pub policy_name: String,
}

/// Deletes a role, named by ID or by name.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteRole {
    /// The role's ID.
    pub role_id: Option<String>,
    /// The role's name.
    pub role_name: Option<String>,
}

/// Asks for the account's numbers.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct GetUserAppId {}

/// The answer of [`GetUserAppId`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetUserAppIdResponse {
    /// The caller's own uin.
    pub uin: String,
    /// The root uin of the caller's account.
    pub owner_uin: String,
    /// The account's APP ID.
    pub app_id: u64,
}
