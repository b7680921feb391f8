//! Terraform provider that takes traffic in one Tencent Cloud account and carries it to services in many.

pub mod framework;
pub mod scope;
