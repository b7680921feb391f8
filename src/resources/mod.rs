//! The resources, data sources and ephemeral resources: glue between Terraform, the cloud and the clusters.

pub mod clusters;
pub mod context;
pub mod created;
pub mod dns;
pub mod errors;
pub mod ids;
pub mod mesh;
pub mod names;
pub mod network;
pub mod place;
pub mod registration;
pub mod routing;
pub mod verify;

use context::Context;

use crate::framework::Registry;

/// Everything that the provider offers.
pub fn registry() -> Registry<Context> {
    Registry::new()
        .resource::<dns::dns_record::DnsRecordResource>()
        .resource::<mesh::mesh::MeshResource>()
        .resource::<mesh::mesh_cluster::MeshClusterResource>()
        .resource::<mesh::ingress_gateway::IngressGatewayResource>()
        .resource::<network::ccn::CcnResource>()
        .resource::<network::ccn_attachment::CcnAttachmentResource>()
        .resource::<network::ccn_attachment_accepter::CcnAttachmentAccepterResource>()
        .resource::<network::ccn_container_network::CcnContainerNetworkResource>()
        .resource::<registration::agent::AgentResource>()
        .resource::<registration::hub::HubResource>()
        .resource::<registration::registered_cluster::RegistrationResource>()
        .resource::<routing::gateway::GatewayResource>()
        .resource::<routing::host_route::HostRouteResource>()
        .resource::<routing::manifest::ManifestResource>()
        .data_source::<registration::cluster::ClusterSource>()
        .data_source::<registration::clusters::ClustersSource>()
        .data_source::<verify::caller_identity::CallerIdentitySource>()
        .data_source::<verify::route_probe::RouteProbeSource>()
        .ephemeral::<registration::agent_manifest::AgentManifestResource>()
        .ephemeral::<registration::cluster_credentials::ClusterCredentialsResource>()
        .ephemeral::<verify::route_probe::RouteProbeResource>()
}
