//! What the resources over the undocumented actions of TDCC have in common.

use std::sync::Arc;

use crate::cloud::api::tdcc::{DescribeExternalClusters, DescribeHubClusters, ExternalCluster, HubCluster, HubState};
use crate::cloud::{self, Client};
use crate::framework::{Diagnostic, Error};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// How to do without the actions. The steps are those of the console (TKE documentation, "Registered cluster").
const MANUAL_PATH: &str = "Without it, use the console of the hub's account (TKE, \"Registered cluster\"): open the hub there, \
    register the cluster (one of another account is of the kind \"non-TKE\"), and copy the cluster's ID and the agent.yaml of \
    \"view registration command\". `tcmesh_tdcc_agent` takes them as `registration_id` and `manifest_wo`, and calls no action \
    of TDCC.";

/// The provider's context, for a resource that cannot do without these actions.
///
/// # Errors
/// When the provider block switches them off.
pub(super) fn enabled(context: &Arc<Context>, resource: &str) -> Result<Arc<Context>, Error> {
    if context.tdcc_enabled {
        return Ok(Arc::clone(context));
    }
    let detail = format!(
        "`{resource}` works by undocumented actions of TDCC, which `tdcc {{ enabled = false }}` in the provider block switches \
         off. Nothing was called.\n\n{MANUAL_PATH}"
    );
    Err(Diagnostic::error("The actions of TDCC are switched off", detail).into())
}

/// Says what was being done when something failed, and how to do without the action where the cloud does not have it as
/// it is assumed.
pub(super) trait Undocumented<T> {
    /// Completes the sentence "Cannot …".
    ///
    /// # Errors
    /// The same failure, told to users.
    fn undocumented(self, what: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T> Undocumented<T> for Result<T, cloud::Error> {
    fn undocumented(self, what: impl FnOnce() -> String) -> Result<T, Error> {
        let unlike = self.as_ref().is_err_and(is_unlike_assumed);
        self.doing(what).map_err(|error| if unlike { with_manual_path(error) } else { error })
    }
}

/// Whether the cloud may have no such action, or one with another form.
fn is_unlike_assumed(error: &cloud::Error) -> bool {
    const CODES: &[&str] = &[
        "InvalidAction",
        "MissingParameter",
        "NoSuchProduct",
        "NoSuchVersion",
        "UnknownParameter",
        "UnsupportedProtocol",
    ];
    match error {
        cloud::Error::NotSent { .. } | cloud::Error::Undecodable { .. } => true,
        error => error.code().is_some_and(|code| CODES.contains(&code.split('.').next().unwrap_or_default())),
    }
}

fn with_manual_path(error: Error) -> Error {
    let advice = format!(
        "This action of TDCC is not documented: its name and form are assumed, and the block `tdcc` of the provider can set \
         others. {MANUAL_PATH}"
    );
    error.into_diagnostics().leaving(&advice).into()
}

/// The hubs of the caller's account; there is one at most.
pub(super) async fn hubs(scope: &Scope, client: &Client) -> Result<Vec<HubCluster>, cloud::Error> {
    Ok(client.send(scope, &DescribeHubClusters::default()).await?.clusters)
}

/// A hub of the caller's account.
pub(super) async fn hub(scope: &Scope, client: &Client, id: &str) -> Result<Option<HubCluster>, cloud::Error> {
    let by_id = DescribeHubClusters { cluster_ids: Some(vec![id.to_owned()]) };
    Ok(client.send(scope, &by_id).await?.clusters.into_iter().find(|hub| hub.cluster_id == id))
}

/// Waits until a hub runs.
///
/// # Errors
/// When it does something else instead; any of a call.
pub(super) async fn running_hub(scope: &Scope, client: &Client, id: &str) -> Result<HubCluster, Error> {
    let doing = || format!("wait for the hub {id}");
    let probe = async || {
        Ok::<_, cloud::Error>(match hub(scope, client, id).await? {
            Some(hub) if hub.status == HubState::Creating => Probe::Pending(hub.status.to_string()),
            Some(hub) => Probe::Done(hub),
            None => Probe::Pending("not listed".into()),
        })
    };
    let found = wait::until(scope, wait::PATIENT, "the hub to run", probe).await.undocumented(doing)?;
    if found.status == HubState::Running {
        return Ok(found);
    }
    let detail = format!(
        "The hub {id} does not run: its state is {}, and the API gives no reason. The console shows more (TKE, \"Registered \
         cluster\"). A hub that does not recover has to be replaced.",
        found.status
    );
    Err(Diagnostic::error("The hub does not run", detail).into())
}

/// A registered cluster of the caller's account, or one that waits for its agent.
pub(super) async fn registered(
    scope: &Scope,
    client: &Client,
    id: &str,
) -> Result<Option<ExternalCluster>, cloud::Error> {
    let by_id = DescribeExternalClusters { cluster_ids: Some(vec![id.to_owned()]), ..Default::default() };
    let found = client.send(scope, &by_id).await?.clusters;
    Ok(found.into_iter().find(|cluster| cluster.cluster_id == id))
}
