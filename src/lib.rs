//! Terraform provider that takes traffic in one Tencent Cloud account and carries it to services in many.

#[allow(unused_extern_crates, reason = "the code that `#[derive(Model)]` writes names this crate")]
extern crate self as tcmesh;

pub mod cloud;
pub mod dns;
pub mod framework;
pub mod kubernetes;
pub mod plugin;
pub mod proto;
pub mod provider;
pub mod redaction;
pub mod resources;
pub mod scope;
pub mod wait;
