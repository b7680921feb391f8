//! Registered clusters: an account's hub, and clusters of any account that report to it.

pub mod agent;
pub mod agent_manifest;
mod authorization;
pub mod cluster_credentials;
pub mod hub;
pub mod registration;
mod tdcc;
