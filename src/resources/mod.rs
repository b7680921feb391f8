//! The resources, data sources and ephemeral resources: glue between Terraform, the cloud and the clusters.

pub mod clusters;
pub mod context;
pub mod created;
pub mod errors;
pub mod ids;
pub mod mesh;
pub mod network;

use context::Context;

use crate::framework::Registry;

/// Everything that the provider offers.
pub fn registry() -> Registry<Context> {
    Registry::new()
        .resource::<mesh::mesh::MeshResource>()
        .resource::<mesh::mesh_cluster::MeshClusterResource>()
        .resource::<mesh::ingress_gateway::IngressGatewayResource>()
        .resource::<network::ccn::CcnResource>()
}
