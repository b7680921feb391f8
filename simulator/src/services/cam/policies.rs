//! The policies of roles: the cloud's own, known by their names.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{find, find_mut};
use crate::clock::beijing;
use crate::front::{Action, Answer, ApiError, Call};
use crate::world::{Policy, PolicyEffect, Statement};

/// Gives a role a policy of the cloud.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AttachRolePolicy {
    policy_name: Option<String>,
    policy_id: Option<u64>,
    attach_role_id: Option<String>,
    attach_role_name: Option<String>,
}

impl Action for AttachRolePolicy {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let name = policy_name(self.policy_name, self.policy_id)?;
        let policy = policy(&name).ok_or_else(|| {
            ApiError::new("InvalidParameter.PolicyNameError", format!("The policy `{name}` does not exist."))
        })?;
        find_mut(call, self.attach_role_id.or(self.attach_role_name))?.policies.insert(name, policy);
        Ok(json!({}))
    }
}

/// Takes a policy from a role.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DetachRolePolicy {
    policy_name: Option<String>,
    policy_id: Option<u64>,
    detach_role_id: Option<String>,
    detach_role_name: Option<String>,
}

impl Action for DetachRolePolicy {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let role = find_mut(call, self.detach_role_id.or(self.detach_role_name))?;
        let numbered = role.policies.keys().find(|name| Some(number(name)) == self.policy_id).cloned();
        let name = policy_name(self.policy_name.or(numbered), self.policy_id)?;
        role.policies.remove(&name);
        Ok(json!({}))
    }
}

/// The number of a policy, made from its name (FNV-1a): the cloud's own numbers are not published.
fn number(name: &str) -> u64 {
    let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    u64::from(name.bytes().fold(2_166_136_261, mix))
}

/// No policy is found by its number: the cloud's own are known by their names only.
fn policy_name(name: Option<String>, id: Option<u64>) -> Result<String, ApiError> {
    name.ok_or_else(|| match id {
        Some(id) => ApiError::new("InvalidParameter.PolicyIdNotExist", format!("There is no policy {id}.")),
        None => ApiError::new("InvalidParameter.ParamError", "Either the id or the name of the policy is needed."),
    })
}

/// Lists the policies of a role. Pages count from 1.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListAttachedRolePolicies {
    page: usize,
    rp: usize,
    role_id: Option<String>,
    role_name: Option<String>,
}

impl Action for ListAttachedRolePolicies {
    fn run(self, call: &mut Call<'_>) -> Answer {
        if self.page == 0 || !(1..=200).contains(&self.rp) {
            return Err(ApiError::new("InvalidParameter.ParamError", "`Page` begins at 1, `Rp` is from 1 to 200."));
        }
        let role = find(call, self.role_id.or(self.role_name))?;
        let view = |name: &String| {
            json!({
                "PolicyId": number(name),
                "PolicyName": name,
                "AddTime": beijing(role.created),
                "PolicyType": "QCS",
                "CreateMode": 2,
                "Deactived": 0,
                "DeactivedDetail": [],
                "Description": "",
            })
        };
        let names = role.policies.keys().skip((self.page - 1).saturating_mul(self.rp)).take(self.rp);
        Ok(json!({ "List": names.map(view).collect::<Value>(), "TotalNum": role.policies.len() }))
    }
}

/// The cloud's own policies. Those for service roles give rights to the cloud, none to who assumes the role.
fn policy(name: &str) -> Option<Policy> {
    let service = |end: &str| name.strip_prefix("Qcloud")?.strip_suffix(end).map(str::to_lowercase);
    let actions = match name {
        "AdministratorAccess" => vec!["*".into()],
        "ReadOnlyAccess" => reading("*"),
        _ if name.starts_with("QcloudAccessFor") => Vec::new(),
        _ => match (service("FullAccess"), service("ReadOnlyAccess")) {
            (Some(service), _) => vec![format!("{service}:*")],
            (_, Some(service)) => reading(&service),
            _ => return None,
        },
    };
    let statement = Statement { effect: PolicyEffect::Allow, action: actions, resource: vec!["*".into()] };
    Some(Policy { version: "2.0".into(), statement: vec![statement] })
}

fn reading(service: &str) -> Vec<String> {
    ["Describe*", "Get*", "List*"].map(|verb| format!("{service}:{verb}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_have_numbers_of_their_own() {
        assert_eq!(number("QcloudTCMFullAccess"), number("QcloudTCMFullAccess"));
        assert_ne!(number("QcloudTCMFullAccess"), number("QcloudTCMReadOnlyAccess"));
    }

    #[test]
    fn the_clouds_policies_are_known_by_their_names() {
        let actions = |name: &str| policy(name).map(|policy| policy.statement[0].action.clone());
        assert_eq!(actions("QcloudTCMFullAccess").unwrap(), ["tcm:*"]);
        assert_eq!(actions("QcloudVPCReadOnlyAccess").unwrap(), ["vpc:Describe*", "vpc:Get*", "vpc:List*"]);
        assert_eq!(actions("QcloudAccessForTDCCRole"), Some(vec![]));
        assert_eq!(actions("MyPolicy"), None);
    }
}
