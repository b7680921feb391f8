//! How the account of an instance asks for it to be attached.

use super::attachment::{AttachmentId, fail};
use super::ccn_attachment::CcnAttachment;
use super::outcome::{Standing, problem};
use crate::cloud::api::vpc::{self, AttachmentState, CcnAttachedInstance, CcnInstance};
use crate::cloud::{self, Client};
use crate::framework::{Error, Progress};
use crate::resources::created;
use crate::resources::errors::Doing;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// The attachment as it stands, once nobody is taking the instance out any more.
pub(super) async fn at_rest(
    scope: &Scope,
    client: &Client,
    id: &AttachmentId,
) -> Result<Option<CcnAttachedInstance>, cloud::Error> {
    let look = || async {
        Ok(match id.look(scope, client).await? {
            Some(row) if row.state == AttachmentState::Detaching => Probe::Pending(row.state.to_string()),
            at_rest => Probe::Done(at_rest),
        })
    };
    wait::until(scope, wait::SOON, "the end of its detachment", look).await
}

/// Asks for the attachment: again where a request has expired, since that one only a reset opens.
pub(super) async fn ask(
    scope: &Scope,
    client: &Client,
    id: &AttachmentId,
    plan: &CcnAttachment,
    found: Option<CcnAttachedInstance>,
) -> Result<(), cloud::Error> {
    let (ccn_id, ccn_uin) = (id.ccn_id.clone(), plan.ccn_uin.get().cloned());
    if let Some(expired) = found.filter(|row| row.state == AttachmentState::Expired) {
        let ccn_uin = expired.ccn_uin.or(ccn_uin).unwrap_or_default();
        let instances = vec![id.instance()];
        return client.send(scope, &vpc::ResetAttachCcnInstances { ccn_id, ccn_uin, instances }).await.map(drop);
    }
    let instance = CcnInstance {
        description: plan.description.clone(),
        route_table_id: plan.route_table_id.get().cloned(),
        ..id.instance()
    };
    client.send(scope, &vpc::AttachCcnInstances { ccn_id, instances: vec![instance], ccn_uin }).await.map(drop)
}

/// The outcome of having asked; where the answer was lost, the attachment itself tells.
pub(super) async fn outcome(
    scope: &Scope,
    client: &Client,
    id: &AttachmentId,
    sent: Result<(), cloud::Error>,
) -> Result<(), cloud::Error> {
    let lookup = async || Ok(id.look(scope, client).await?.filter(|row| problem(&row.state).is_none()).map(drop));
    created::or_found(sent, lookup).await
}

/// Waits until the instance is attached, or, where another account has to accept it, until the request is there.
pub(super) async fn settled(
    scope: &Scope,
    client: &Client,
    id: &AttachmentId,
    plan: &CcnAttachment,
    progress: &mut Progress<CcnAttachment>,
) -> Result<(), Error> {
    let look = || async {
        Ok::<_, cloud::Error>(match id.look(scope, client).await? {
            None => Probe::Pending("not listed yet".into()),
            Some(row) if is_under_way(&row, plan.wait_for_accept) => Probe::Pending(row.state.to_string()),
            Some(row) => Probe::Done(row),
        })
    };
    let waiting_for = match plan.ccn_uin.get().filter(|_| plan.wait_for_accept) {
        Some(owner) => format!("account {owner} to accept the request, and the instance to be attached"),
        None => "the instance to be attached".to_owned(),
    };
    let row = wait::until(scope, wait::SOON, &waiting_for, look).await.doing(|| format!("attach {id}"))?;
    let standing = Standing::from(&row);
    if row.state == AttachmentState::Pending {
        progress.warn(standing.to_be_accepted());
    }
    fail(standing.ends_waiting())
}

fn is_under_way(row: &CcnAttachedInstance, waits: bool) -> bool {
    match row.state {
        AttachmentState::Attaching | AttachmentState::Unknown(_) => true,
        AttachmentState::Pending => waits || row.ccn_uin == row.instance_uin,
        _ => false,
    }
}
