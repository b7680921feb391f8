//! Publishes the container addresses of a cluster to a CCN, by an action that the public cloud does not document.

use super::published::{PublicationId, Published, published};
use crate::cloud::api::tke;
use crate::cloud::{self, Client};
use crate::framework::{Diagnostic, Error};
use crate::resources::created;
use crate::resources::errors::Doing;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// What a cloud says that does not have the action.
const NO_SUCH_ACTION: &str = "InvalidAction";

/// Publishes the addresses, says that they may be published as soon as they may be, and waits until they are.
pub(super) async fn publish(
    scope: &Scope,
    client: &Client,
    id: &PublicationId,
    cidr: &str,
    keep: impl FnOnce(),
) -> Result<Published, Error> {
    let doing = || format!("publish {cidr} to the CCN {}", id.attachment.ccn_id);
    let action = tke::AddClusterCIDRToCcn { vpc_id: id.attachment.instance_id.clone(), cluster_cidr: cidr.to_owned() };
    let sent = client.send(scope, &action).await.map(drop);
    if sent.as_ref().is_err_and(|error| error.code() == Some(NO_SUCH_ACTION)) {
        return Err(no_such_action(id, "on").at("mode").into());
    }
    if sent.as_ref().err().is_none_or(cloud::Error::may_have_happened) {
        keep();
    }
    let lookup = async || Ok(published(scope, client, &id.attachment, cidr).await?.map(drop));
    created::or_found(sent, lookup).await.doing(doing)?;
    let there = || async {
        let found = published(scope, client, &id.attachment, cidr).await?;
        Ok::<_, cloud::Error>(found.map_or_else(|| Probe::Pending("no route yet".into()), Probe::Done))
    };
    wait::until(scope, wait::SOON, "the route to be in the CCN", there).await.doing(doing)
}

/// Withdraws the addresses and waits until they are gone.
pub(super) async fn withdraw(scope: &Scope, client: &Client, id: &PublicationId, cidr: &str) -> Result<(), Error> {
    let doing = || format!("withdraw {cidr} from the CCN {}", id.attachment.ccn_id);
    let (vpc_id, cluster_cidr) = (id.attachment.instance_id.clone(), cidr.to_owned());
    match client.send(scope, &tke::DeleteClusterCIDRFromCcn { vpc_id, cluster_cidr }).await {
        Err(error) if error.code() == Some(NO_SUCH_ACTION) => return Err(no_such_action(id, "off").into()),
        sent => sent.map(drop).doing(doing)?,
    }
    let gone = || async {
        let found = published(scope, client, &id.attachment, cidr).await?;
        Ok::<_, cloud::Error>(found.map_or(Probe::Done(()), |_| Probe::Pending("the route is still there".into())))
    };
    wait::until(scope, wait::SOON, "the route to be gone", gone).await.doing(doing)
}

/// Where the switch is that does by hand what the undocumented action does.
pub(super) fn step(id: &PublicationId, position: &str) -> String {
    format!(
        "in the console, TKE, cluster {}, basic information, switch {position} the registration of the container network to the \
         CCN",
        id.cluster_id
    )
}

fn no_such_action(id: &PublicationId, position: &str) -> Diagnostic {
    let detail = format!(
        "This cloud does not offer the undocumented action of TKE that `mode = \"api\"` calls. Nothing was changed.\n\nSet `mode = \
         \"verify\"`, and {}.",
        step(id, position)
    );
    Diagnostic::error("No action for container networks", detail)
}
