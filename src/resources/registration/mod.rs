//! Clusters: which there are.

pub mod cluster;
pub mod clusters;
mod found;
