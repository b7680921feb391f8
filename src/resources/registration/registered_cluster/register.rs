//! Making the record of a cluster at a hub.

use super::Registration;
use crate::cloud::api::TagSpecification;
use crate::cloud::api::tdcc::{
    CreateExternalCluster, DescribeExternalClusters, ExternalCluster, ExternalClusterState, RegisterClusters,
    RegisteredCluster,
};
use crate::cloud::mark::Mark;
use crate::cloud::{self, Client, page};
use crate::framework::{Diagnostic, Error, Progress};
use crate::resources::created;
use crate::resources::registration::tdcc::{self, Undocumented};
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// The API asks for no hub. A wrong one is found here, and so are the keys of another account.
///
/// # Errors
/// When the caller's account has no such hub; any of a call.
pub(super) async fn check_hub(
    scope: &Scope,
    client: &Client,
    plan: &Registration,
    account_id: &str,
) -> Result<(), Error> {
    let doing = || format!("look up the hub {}", plan.hub_id);
    if tdcc::hub(scope, client, &plan.hub_id).await.undocumented(doing)?.is_some() {
        return Ok(());
    }
    let detail = format!(
        "Account {account_id} has no hub `{}` in {}. Nothing was changed. A registration needs the keys of the hub's \
         account, not those of the cluster's.",
        plan.hub_id,
        client.region()
    );
    Err(Diagnostic::error("No such hub", detail).at("hub_id").into())
}

/// Makes the record of a cluster that registers by its agent.
///
/// # Errors
/// Any of a call.
///
/// # Cancellation
/// A record that was made is kept, or found again by its mark.
pub(super) async fn register(
    scope: &Scope,
    client: &Client,
    known: Registration,
    progress: &mut Progress<Registration>,
) -> Result<(), Error> {
    let doing = || format!("register the cluster {}", known.name);
    let mark = Mark::random()?;
    progress.private_mut().set("mark", &mark);
    let sent = client.send(scope, &create_request(&known, &mark)).await.map(|created| created.cluster_id);
    let lookup = async || find_marked(scope, client, &mark).await;
    let id = created::or_found(sent, lookup).await.undocumented(doing)?;
    progress.keep(Registration { id: id.clone().into(), cluster_id: id.clone().into(), ..known.clone() });
    let listed = async || Ok(tdcc::registered(scope, client, &id).await?.map_or_else(unlisted, |_| Probe::Done(())));
    wait::until(scope, wait::SOON, "the registration to be listed", listed).await.undocumented(doing)
}

/// Takes over a TKE cluster of the hub's account, which keeps its ID.
///
/// # Errors
/// When the cluster is registered already, or does not run afterwards; any of a call.
///
/// # Cancellation
/// What may have been done is kept by the cluster's ID.
pub(super) async fn take_over(
    scope: &Scope,
    client: &Client,
    cluster_id: &str,
    known: Registration,
    progress: &mut Progress<Registration>,
) -> Result<(), Error> {
    let doing = || format!("register the TKE cluster {cluster_id}");
    if tdcc::registered(scope, client, cluster_id).await.undocumented(doing)?.is_some() {
        return Err(registered_before(cluster_id));
    }
    progress.keep(Registration { id: cluster_id.into(), cluster_id: cluster_id.into(), ..known.clone() });
    let (cluster_id, region) = (cluster_id.to_owned(), known.cluster_region);
    let action = RegisterClusters { clusters: vec![RegisteredCluster { cluster_id: cluster_id.clone(), region }] };
    let sent = client.send(scope, &action).await.map(drop);
    let lookup = async || Ok(tdcc::registered(scope, client, &cluster_id).await?.map(drop));
    created::or_found(sent, lookup).await.undocumented(doing)?;
    let state = async || taken_over(scope, client, &cluster_id).await;
    let state = wait::until(scope, wait::PATIENT, "the cluster to run", state).await.undocumented(doing)?;
    if state == ExternalClusterState::Running { Ok(()) } else { Err(not_running(&cluster_id, &state)) }
}

async fn taken_over(
    scope: &Scope,
    client: &Client,
    cluster_id: &str,
) -> Result<Probe<ExternalClusterState>, cloud::Error> {
    Ok(match tdcc::registered(scope, client, cluster_id).await?.map(|found| found.status) {
        Some(ExternalClusterState::WaitingRegister) => Probe::Pending("WaitingRegister".into()),
        Some(state) => Probe::Done(state),
        None => unlisted(),
    })
}

fn unlisted<T>() -> Probe<T> {
    Probe::Pending("not listed yet".into())
}

fn create_request(plan: &Registration, mark: &Mark) -> CreateExternalCluster {
    CreateExternalCluster {
        cluster_name: plan.name.clone(),
        cluster_region: plan.cluster_region.clone(),
        cluster_desc: plan.description.clone(),
        tag_specification: Some(vec![TagSpecification { resource_type: "cluster".into(), tags: vec![mark.tag()] }]),
    }
}

async fn find_marked(scope: &Scope, client: &Client, mark: &Mark) -> Result<Option<String>, cloud::Error> {
    let found = page::all(scope, client, DescribeExternalClusters::default()).await?;
    let is_marked = |cluster: &ExternalCluster| cluster.tag_specification.iter().any(|tags| mark.is_on(&tags.tags));
    Ok(found.into_iter().find(is_marked).map(|cluster| cluster.cluster_id))
}

fn registered_before(cluster_id: &str) -> Error {
    let detail = format!(
        "The TKE cluster `{cluster_id}` is registered already. Nothing was changed. To manage its registration here, import \
         it:\n\nimport {{\n  to = tcmesh_tdcc_registration.example\n  id = \"{cluster_id}\"\n}}"
    );
    Diagnostic::error("The cluster is registered already", detail).at("tke_cluster_id").into()
}

fn not_running(cluster_id: &str, state: &ExternalClusterState) -> Error {
    let detail = format!(
        "The registered cluster {cluster_id} does not run: its state is {state}, and the API gives no reason. Is the TKE cluster \
         itself in order? The console shows more (TKE, \"Registered cluster\")."
    );
    Diagnostic::error("The registered cluster does not run", detail).into()
}
