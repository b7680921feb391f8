//! tdcc: hubs and registered clusters.
//!
//! There is no public reference. CAM's documents name the writing actions; `DescribeExternalClusterSpec` was public in
//! tke until October 2024 and is served there too; all other names, fields, codes and states are assumed.

mod hub;
mod manifest;
mod registration;

pub(super) use self::manifest::DescribeExternalClusterSpec;
use crate::front::{ApiError, Call, RegionRule, Service};
use crate::state::{Hub, HubState, Registration, RegistrationState, Uin};

pub(super) fn service() -> Service {
    Service::new("tdcc", "2018-05-25", RegionRule::Required)
        .write::<hub::CreateHubCluster>("CreateHubCluster")
        .read::<hub::DescribeHubClusters>("DescribeHubClusters")
        .write::<hub::DeleteHubCluster>("DeleteHubCluster")
        .write::<registration::CreateExternalCluster>("CreateExternalCluster")
        .read::<registration::DescribeExternalClusters>("DescribeExternalClusters")
        .write::<registration::RegisterClusters>("RegisterClusters")
        .write::<registration::DeleteExternalCluster>("DeleteExternalCluster")
        .read::<DescribeExternalClusterSpec>("DescribeExternalClusterSpec")
        .read::<registration::DescribeExternalClusterCredential>("DescribeExternalClusterCredential")
        .ignoring(&["IsExtranet"])
        .write::<registration::AcquireClusterAdminRole>("AcquireClusterAdminRole")
}

/// The account's registered cluster.
fn registration<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a Registration, ApiError> {
    let own = call.cloud.registrations.owned(&call.uin()?, id);
    let exists = own.filter(|it| it.phase.state() != RegistrationState::Deleted);
    exists.ok_or_else(|| {
        ApiError::new("ResourceNotFound.ClusterNotFound", format!("The registered cluster `{id}` is not found."))
    })
}

/// The account's hub, where it runs.
fn running_hub<'a>(call: &'a Call<'_>, owner: &Uin) -> Result<&'a Hub, ApiError> {
    let running = call.cloud.registrations.hub(owner).filter(|hub| hub.phase.state() == HubState::Running);
    running.ok_or_else(|| wrong_state("The account has no hub that runs."))
}

fn wrong_state(message: &str) -> ApiError {
    ApiError::new("ResourceUnavailable.ClusterState", message)
}

/// How policies name a hub or registered cluster (CAM documents, tdcc).
fn resource(call: &Call<'_>, id: &str) -> Option<String> {
    Some(format!("qcs::tdcc::uin/{}:cluster/{id}", call.uin().ok()?))
}
