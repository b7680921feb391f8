//! Terraform provider that takes traffic in one Tencent Cloud account and carries it to services in many.

pub mod cloud;
pub mod kubernetes;
pub mod plugin;
pub mod proto;
pub mod scope;
pub mod wait;
