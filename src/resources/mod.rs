//! The resources, data sources and ephemeral resources: glue between Terraform, the cloud and the clusters.

pub mod clusters;
pub mod context;
pub mod control_plane;
pub mod created;
pub mod errors;
pub mod ids;
pub mod network;
pub mod place;
pub mod registration;

use context::Context;

use crate::framework::Registry;

/// Everything that the provider offers.
pub fn registry() -> Registry<Context> {
    Registry::new()
        .resource::<network::ccn::CcnResource>()
        .resource::<registration::agent::AgentResource>()
        .resource::<registration::hub::HubResource>()
        .resource::<registration::registration::RegistrationResource>()
        .ephemeral::<registration::agent_manifest::AgentManifestResource>()
        .ephemeral::<registration::cluster_credentials::ClusterCredentialsResource>()
}
