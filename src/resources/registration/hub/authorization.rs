//! The account's consent that TDCC acts for it, which the console asks for before it shows the form of a hub: a role that the
//! service may assume, with a policy.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Hub;
use crate::cloud::api::cam::{
    AttachRolePolicy, CreateRole, DeleteRole, DetachRolePolicy, GetRole, ListAttachedRolePolicies,
};
use crate::cloud::{self, Client};
use crate::framework::{Diagnostic, Error, Prior, Progress};
use crate::resources::errors::{Doing, chain};
use crate::scope::Scope;

/// The service that acts with the role: TKE, as the console words it.
const SERVICE: &str = "ccs.qcloud.com";

/// What a role is for that is made here, by which it is known again after a create that failed beyond it.
const DESCRIPTION: &str = "Lets registered clusters act for this account";

/// How long taking back what was added for a hub that was not made may take.
const WITHDRAWAL: Duration = Duration::from_secs(10);

/// The key in private state of what was added.
const KEY: &str = "authorization";

const BY_HAND: &str = "The names of role and policy are not documented. Authorise the service in the console instead (TKE, \
    \"Registered cluster\", where it asks for it) and set `authorize_service = false`, or set `service_role_name` and \
    `service_role_policy` to the names that CAM shows.";

const LEFT: &str = "The hub is still there. To delete it and leave the role, set `authorize_service = false`, apply, and destroy then.";

/// What is ours: it was missing, and is added for a hub.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Added {
    role: String,
    is_role_new: bool,
    policy: Option<String>,
}

/// Makes sure that the role exists and has the policy, unless the hub's configuration says that this is done elsewhere. What
/// is added is noted beforehand.
///
/// # Errors
/// Any of a call, with how to authorise the service by hand.
///
/// # Cancellation
/// What was done stays; doing it again does no harm.
pub(super) async fn ensure(
    scope: &Scope,
    client: &Client,
    hub: &Hub,
    progress: &mut Progress<Hub>,
) -> Result<(), Error> {
    if !hub.authorize_service {
        return Ok(());
    }
    let (role, policy) = (&hub.service_role_name, &hub.service_role_policy);
    let ensured = async {
        let found = found(scope, client, role).await?;
        let is_ours = found.as_ref().is_none_or(|found| found.is_ours);
        let is_missing = found.as_ref().is_none_or(|found| !found.policies.contains(policy));
        let policy = (is_missing || is_ours).then(|| policy.clone());
        let added = Added { role: role.clone(), is_role_new: is_ours, policy };
        progress.private_mut().set(KEY, &added);
        if found.is_none() {
            create(scope, client, role).await?;
        }
        if is_missing { attach(scope, client, &added).await } else { Ok(()) }
    };
    let told = ensured.await.doing(|| format!("authorise TDCC by the role {role} with the policy {policy}"));
    told.map_err(|error| error.into_diagnostics().leaving(BY_HAND).into())
}

/// A role that is there.
struct Found {
    is_ours: bool,
    /// The names of its policies.
    policies: Vec<String>,
}

/// The role; nothing where there is none of this name.
async fn found(scope: &Scope, client: &Client, role: &str) -> Result<Option<Found>, cloud::Error> {
    let role_name = Some(role.to_owned());
    let info = match client.send(scope, &GetRole { role_name: role_name.clone(), ..GetRole::default() }).await {
        Err(error) if error.is_not_found() => return Ok(None),
        found => found?.role_info,
    };
    // A role has a few policies: the quota is far below one page.
    let action = ListAttachedRolePolicies { page: 1, rp: 200, role_name, ..Default::default() };
    let policies = client.send(scope, &action).await?.list.into_iter().map(|policy| policy.policy_name).collect();
    Ok(Some(Found { is_ours: info.description.as_deref() == Some(DESCRIPTION), policies }))
}

async fn create(scope: &Scope, client: &Client, role: &str) -> Result<(), cloud::Error> {
    match client.send(scope, &create_role(role)).await {
        // Somebody else was faster, or an earlier request arrived after all.
        Err(error) if error.code() == Some("InvalidParameter.RoleNameInUse") => Ok(()),
        sent => sent.map(drop),
    }
}

async fn attach(scope: &Scope, client: &Client, added: &Added) -> Result<(), cloud::Error> {
    let (policy_name, attach_role_name) = (added.policy.clone(), Some(added.role.clone()));
    client
        .send(scope, &AttachRolePolicy { policy_name, attach_role_name, ..AttachRolePolicy::default() })
        .await
        .map(drop)
}

fn create_role(role: &str) -> CreateRole {
    let trust = json!({"version": "2.0", "statement": [
        {"effect": "allow", "action": "name/sts:AssumeRole", "principal": {"service": SERVICE}}]});
    CreateRole { role_name: role.to_owned(), policy_document: trust.to_string(), description: Some(DESCRIPTION.into()) }
}

/// Takes away what was added for a hub that is about to be deleted: afterwards no state would hold it. A role that has got
/// other policies since stays.
///
/// # Errors
/// Any of a call, with how to leave it behind.
///
/// # Cancellation
/// What is left is taken away by the next delete.
pub(super) async fn undo(scope: &Scope, client: &Client, prior: &Prior<Hub>) -> Result<(), Error> {
    if !prior.authorize_service {
        return Ok(());
    }
    let undone = async {
        let added = match prior.private().get::<Added>(KEY) {
            None => unnoted(scope, client, prior).await?,
            noted => noted,
        };
        match added {
            Some(added) => remove(scope, client, &added).await,
            None => Ok(()),
        }
    };
    let told =
        undone.await.doing(|| format!("take away the authorisation of TDCC, the role {}", prior.service_role_name));
    told.map_err(|error| error.into_diagnostics().leaving(LEFT).into())
}

/// What is ours although no state says so, since the hub was imported after its create was killed.
async fn unnoted(scope: &Scope, client: &Client, prior: &Hub) -> Result<Option<Added>, cloud::Error> {
    let (role, policy) = (prior.service_role_name.clone(), Some(prior.service_role_policy.clone()));
    let found = found(scope, client, &role).await?.filter(|found| found.is_ours);
    Ok(found.map(|_| Added { role, is_role_new: true, policy }))
}

/// Takes away what was added for a hub that was not made, even after a stop: it serves nobody, and no state will hold it.
///
/// # Cancellation
/// What is left is found again by the next create.
pub(super) async fn withdraw(client: &Client, progress: &mut Progress<Hub>) {
    let added = progress.private_mut().get::<Added>(KEY);
    let Some(added) = added else { return };
    if let Err(error) = remove(&Scope::unstopped(WITHDRAWAL), client, &added).await {
        let detail = format!(
            "No hub was made, but the role {} stays; the next create takes it on. {}.",
            added.role,
            chain(&error)
        );
        progress.warn(Diagnostic::warning("Authorisation left behind", detail));
    }
}

async fn remove(scope: &Scope, client: &Client, added: &Added) -> Result<(), cloud::Error> {
    let Some(Found { policies, .. }) = found(scope, client, &added.role).await? else { return Ok(()) };
    if let Some(policy) = added.policy.as_ref().filter(|policy| policies.contains(policy)) {
        let (policy_name, detach_role_name) = (Some(policy.clone()), Some(added.role.clone()));
        let action = DetachRolePolicy { policy_name, detach_role_name, ..DetachRolePolicy::default() };
        client.send(scope, &action).await?;
    }
    let is_used = policies.iter().any(|policy| Some(policy) != added.policy.as_ref());
    if added.is_role_new && !is_used {
        client.send(scope, &DeleteRole { role_name: Some(added.role.clone()), ..DeleteRole::default() }).await?;
    }
    Ok(())
}
