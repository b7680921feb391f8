//! Clusters: which there are, how to reach them, and those that are registered with an account's hub.

pub mod agent;
pub mod agent_manifest;
pub mod cluster;
pub mod cluster_credentials;
pub mod clusters;
mod found;
pub mod hub;
pub mod registered_cluster;
mod tdcc;
