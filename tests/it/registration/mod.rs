//! Agents of registered clusters, through the provider's protocol, in clusters in memory whose pods run.

mod agent;
mod cloud;
mod ephemeral;
mod hub;
mod member;
mod support;
