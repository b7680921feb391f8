//! One service mesh over clusters of several accounts, and the gateway into it.

mod changes;
mod cluster_config;
mod config;
mod covers;
mod gateway;
pub mod ingress_gateway;
mod kind;
mod link;
pub mod link_id;
mod load_balancer;
#[expect(clippy::module_inception, reason = "one file a resource, in an area that has the name of its first")]
pub mod mesh;
pub mod mesh_cluster;
mod place;
mod prometheus;
pub mod queue;
mod requirements;
mod standing;
mod telemetry;
mod workload;
