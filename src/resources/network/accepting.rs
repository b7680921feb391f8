//! How the account of a CCN accepts the request of another account.

use super::attachment::{AttachmentId, fail};
use super::ccn_attachment_accepter::CcnAttachmentAccepter;
use super::outcome::Standing;
use crate::cloud::api::vpc::{self, AttachmentState, CcnAttachedInstance, CcnInstance};
use crate::cloud::{self, Client};
use crate::framework::{Diagnostic, Error};
use crate::resources::errors::Doing;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// Refusals that say that the request is not, or no longer, pending: the state of the attachment tells more.
const NOT_PENDING: [&str; 3] = [
    "UnsupportedOperation.CcnNotAttached",
    "UnsupportedOperation.InvalidInstanceState",
    "UnsupportedOperation.NotPendingCcnInstance",
];

/// Waits for a request that can be accepted, or that is accepted already.
pub(super) async fn asked_for(scope: &Scope, client: &Client, id: &AttachmentId) -> Result<(), Error> {
    let look = || async {
        Ok::<_, cloud::Error>(match id.look(scope, client).await? {
            None => Probe::Pending("no request is there yet".into()),
            Some(row) if row.state == AttachmentState::Detaching => Probe::Pending(row.state.to_string()),
            Some(row) => Probe::Done(row),
        })
    };
    let waiting_for = format!("the account that owns {} to ask (with a `tcmesh_ccn_attachment`)", id.instance_id);
    let row = wait::until(scope, wait::SOON, &waiting_for, look).await.doing(|| format!("accept {id}"))?;
    fail(Standing::from(&row).lost_to_owner())
}

/// Accepts the request and waits until the instance is attached.
pub(super) async fn accepted(
    scope: &Scope,
    client: &Client,
    id: &AttachmentId,
    plan: &CcnAttachmentAccepter,
) -> Result<(), Error> {
    let look = || accept_or_look(scope, client, id, plan);
    let row = wait::until(scope, wait::SOON, "the instance to be attached", look).await;
    let row = row.doing(|| format!("accept {id}"))?;
    fail(Standing::from(&row).lost_to_owner())
}

/// Accepting is a part of the look: a request that is not quite there yet, or is made anew, is accepted at the next one.
/// The answer is not needed, since the next look tells what became of it.
async fn accept_or_look(
    scope: &Scope,
    client: &Client,
    id: &AttachmentId,
    plan: &CcnAttachmentAccepter,
) -> Result<Probe<CcnAttachedInstance>, cloud::Error> {
    use AttachmentState::{Attaching, Detaching, Pending, Unknown};
    let Some(row) = id.look(scope, client).await? else {
        return Ok(Probe::Pending("the request was withdrawn".into()));
    };
    if row.state == Pending {
        let sent = client.send(scope, &accept_request(id, plan)).await.map(drop);
        let tells_nothing = |error: &cloud::Error| {
            error.may_have_happened() || error.code().is_some_and(|code| NOT_PENDING.contains(&code))
        };
        sent.or_else(|error| if tells_nothing(&error) { Ok(()) } else { Err(error) })?;
    }
    let is_under_way = matches!(row.state, Pending | Attaching | Detaching | Unknown(_));
    Ok(if is_under_way { Probe::Pending(row.state.to_string()) } else { Probe::Done(row) })
}

fn accept_request(id: &AttachmentId, plan: &CcnAttachmentAccepter) -> vpc::AcceptAttachCcnInstances {
    let instance = CcnInstance {
        description: plan.description.clone(),
        route_table_id: plan.route_table_id.get().cloned(),
        ..id.instance()
    };
    vpc::AcceptAttachCcnInstances { ccn_id: id.ccn_id.clone(), instances: vec![instance] }
}

/// Rejects a request, unless it is no longer pending.
pub(super) async fn reject(scope: &Scope, client: &Client, id: &AttachmentId) -> Result<(), Error> {
    let action = vpc::RejectAttachCcnInstances { ccn_id: id.ccn_id.clone(), instances: vec![id.instance()] };
    match client.send(scope, &action).await {
        Err(error) if error.code().is_some_and(|code| NOT_PENDING.contains(&code)) => Ok(()),
        sent => sent.map(drop).doing(|| format!("reject {id}")),
    }
}

/// Only the owner of a CCN can accept, and sees who asks to join it: anybody else would wait in vain.
pub(super) async fn check_ccn(scope: &Scope, client: &Client, ccn_id: &str, account_id: &str) -> Result<(), Error> {
    let found = client.send(scope, &vpc::DescribeCcns::by_id(ccn_id)).await;
    if !found.doing(|| format!("look up the CCN {ccn_id}"))?.ccn_set.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "Account {account_id} has no CCN `{ccn_id}`, so it cannot accept requests to join it. Nothing was changed. Choose the \
         provider configuration (alias) with the keys of the account that owns the CCN."
    );
    Err(Diagnostic::error("The CCN of another account", detail).at("ccn_id").into())
}
