//! A local Tencent Cloud with several accounts.
//!
//! [`Simulator::start`] takes a [`world::World`] and serves the API of every service of it on one address, as the
//! vendor's SDKs, the vendor's own Terraform provider and this project's provider speak it. Signatures, clock skew,
//! account boundaries and permissions are always enforced; asynchronous steps take world time and go through the
//! states that the documents name. The crate shares no code with the provider, so that no mistake is made twice.
//!
//! Inside: `front` receives, authenticates and finds the action; `services` answer; [`state`] is what exists, as
//! data; [`network`] decides who reaches whom; [`kubernetes`] and [`controllers`] are the clusters, [`gateway`] the way in
//! for requests; `agents` register clusters with hubs; `bridge` ties the clusters to the cloud.

mod agents;
mod bridge;
pub mod clock;
pub mod cluster_access;
mod console;
mod control;
pub mod controllers;
mod dns;
pub mod faults;
mod front;
pub mod gateway;
mod ids;
mod issued;
mod journal;
pub mod kubernetes;
pub mod network;
mod oversight;
mod private;
mod ready;
mod server;
mod services;
mod simulator;
pub mod state;
pub mod world;

pub use self::bridge::StartError as ClusterStartError;
pub use self::front::{Offered, Shape, actions};
pub use self::issued::Issued;
pub use self::ready::{Ready, ReadyAccount, ReadyCluster, ReadySubnet, ReadyVpc};
pub use self::simulator::{Handle, Options, Simulator, StartError};
