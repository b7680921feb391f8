//! The account's consent that TDCC acts for it, which the console asks for before it shows the form of a hub.

use serde_json::json;

use super::hub::Hub;
use crate::cloud::api::cam::{AttachRolePolicy, CreateRole, GetRole};
use crate::cloud::{self, Client};
use crate::framework::Error;
use crate::resources::errors::Doing;
use crate::scope::Scope;

/// The service that acts with the role: TKE, as the console words it.
const SERVICE: &str = "ccs.qcloud.com";

/// Makes sure that the role exists and has the policy, unless the hub's configuration says that this is done elsewhere.
///
/// # Errors
/// Any of a call, with how to authorise the service by hand.
///
/// # Cancellation
/// What was done stays; doing it again does no harm.
pub(super) async fn ensure(scope: &Scope, client: &Client, hub: &Hub) -> Result<(), Error> {
    if !hub.authorize_service {
        return Ok(());
    }
    let (role, policy) = (&hub.service_role_name, &hub.service_role_policy);
    let ensured = async {
        ensure_role(scope, client, role).await?;
        let action = AttachRolePolicy {
            policy_name: Some(policy.clone()),
            attach_role_name: Some(role.clone()),
            ..AttachRolePolicy::default()
        };
        client.send(scope, &action).await.map(drop)
    };
    let told = ensured.await.doing(|| format!("authorise TDCC by the role {role} with the policy {policy}"));
    told.map_err(|error| error.into_diagnostics().leaving(BY_HAND).into())
}

const BY_HAND: &str = "The names of role and policy are not documented. Authorise the service in the console instead (TKE, \
    \"Registered cluster\", where it asks for it) and set `authorize_service = false`, or set `service_role_name` and \
    `service_role_policy` to the names that CAM shows.";

async fn ensure_role(scope: &Scope, client: &Client, role: &str) -> Result<(), cloud::Error> {
    let found = client.send(scope, &GetRole { role_name: Some(role.to_owned()), ..GetRole::default() }).await;
    match found {
        Err(error) if error.is_not_found() => {}
        found => return found.map(drop),
    }
    let trust = json!({"version": "2.0", "statement": [
        {"effect": "allow", "action": "name/sts:AssumeRole", "principal": {"service": SERVICE}}]});
    let action = CreateRole {
        role_name: role.to_owned(),
        policy_document: trust.to_string(),
        description: Some("Lets registered clusters act for this account".into()),
    };
    match client.send(scope, &action).await {
        // Somebody else was faster, or an earlier request arrived after all.
        Err(error) if error.code() == Some("InvalidParameter.RoleNameInUse") => Ok(()),
        sent => sent.map(drop),
    }
}
