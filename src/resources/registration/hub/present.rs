//! The hub that an account has, and who uses it.

use std::time::Duration;

use super::Hub;
use crate::cloud::api::tdcc::{DescribeExternalClusters, ExternalCluster, ExternalClusterState, HubCluster, HubState};
use crate::cloud::{self, Client, page};
use crate::framework::{Diagnostic, Error};
use crate::resources::ids::ClusterId;
use crate::resources::registration::tdcc::{self, Undocumented};
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// How long a look after a failure may take.
const LOOK: Duration = Duration::from_secs(10);

/// The account's hub, once none is being deleted.
///
/// # Errors
/// Any of a call; a timeout.
pub(super) async fn existing(scope: &Scope, client: &Client) -> Result<Option<HubCluster>, cloud::Error> {
    let look = async || {
        let found = tdcc::hubs(scope, client).await?.into_iter().next();
        Ok(match found {
            Some(hub) if hub.status == HubState::Deleting => Probe::Pending(format!("{} is there", hub.cluster_id)),
            found => Probe::Done(found),
        })
    };
    wait::until(scope, wait::PATIENT, "the hub that is being deleted to be gone", look).await
}

/// The ID of the hub that a create whose answer was lost has made: an account had none before, and has one at most.
///
/// # Errors
/// As of [`Client::send`].
pub(super) async fn find_created(scope: &Scope, client: &Client, plan: &Hub) -> Result<Option<String>, cloud::Error> {
    let found = tdcc::hubs(scope, client).await?.into_iter().find(|hub| plan.is_like(hub));
    Ok(found.map(|hub| hub.cluster_id))
}

/// Whether the account positively has no hub, asked even after a stop.
pub(super) async fn is_none(client: &Client) -> bool {
    tdcc::hubs(&Scope::unstopped(LOOK), client).await.is_ok_and(|hubs| hubs.is_empty())
}

/// Whether a hub that was there before may be taken on.
///
/// # Errors
/// When that is not asked for, or when it is another hub than the planned one.
pub(super) fn check_adoption(existing: &HubCluster, plan: &Hub, account_id: &str) -> Result<(), Error> {
    let HubCluster { cluster_id: id, cluster_name, zone, vpc_id, subnet_id, .. } = existing;
    let [name, zone, vpc_id, subnet_id] =
        [cluster_name, zone, vpc_id, subnet_id].map(|text| text.as_deref().unwrap_or("unknown"));
    let which = format!(
        "Account {account_id} has the hub {id} already (name `{name}`, zone {zone}, VPC {vpc_id}, subnet {subnet_id}), and an \
         account can have one. Nothing was changed."
    );
    if !plan.adopt {
        let detail = format!(
            "{which}\n\nTo manage it here, import it, or set `adopt = true`:\n\nimport {{\n  to = tcmesh_tdcc_hub.example\n  \
             id = \"{id}\"\n}}"
        );
        return Err(Diagnostic::error("The account has a hub", detail).into());
    }
    if !plan.is_like(existing) {
        let detail = format!("{which} It can be taken on only as it is: give its name, zone, VPC and subnet here.");
        return Err(Diagnostic::error("The account's hub is another one", detail).at("adopt").into());
    }
    Ok(())
}

/// Waits until a hub can be deleted: it is created, and registered clusters that are being deleted are gone.
///
/// # Errors
/// When other clusters are registered with it, naming them; any of a call; a timeout.
pub(super) async fn until_free(scope: &Scope, client: &Client, id: &ClusterId) -> Result<(), Error> {
    let users = wait::until(scope, wait::PATIENT, "the hub to be free", || users(scope, client, id)).await;
    let users = users.undocumented(|| format!("delete the hub {id}"))?;
    if users.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "These clusters are registered with the hub {id}: {}. Nothing was changed. Unregister them first, here by destroying \
         their `tcmesh_tdcc_registration`, or in the console.",
        users.join(", ")
    );
    Err(Diagnostic::error("The hub has registered clusters", detail).into())
}

/// The registered clusters that stay, once the hub is created and none is about to go.
async fn users(scope: &Scope, client: &Client, id: &ClusterId) -> Result<Probe<Vec<String>>, cloud::Error> {
    let found = tdcc::hub(scope, client, id.as_str()).await?;
    if found.is_some_and(|hub| hub.status == HubState::Creating) {
        return Ok(Probe::Pending("it is being created".into()));
    }
    let left = page::all(scope, client, DescribeExternalClusters::default()).await?;
    let (leaving, staying): (Vec<_>, Vec<_>) =
        left.iter().partition(|cluster| cluster.status == ExternalClusterState::Deleting);
    if staying.is_empty() && !leaving.is_empty() {
        return Ok(Probe::Pending(format!("still there: {}", titles(&leaving).join(", "))));
    }
    Ok(Probe::Done(titles(&staying)))
}

fn titles(clusters: &[&ExternalCluster]) -> Vec<String> {
    let title = |cluster: &&ExternalCluster| {
        let name = cluster.cluster_name.as_deref().unwrap_or("without a name");
        format!("{} ({name}, {})", cluster.cluster_id, cluster.status)
    };
    clusters.iter().map(title).collect()
}
