//! The whole simulator: the cloud's API, the clusters' APIs and the data path together, as their clients see them.
#![allow(clippy::unwrap_used, reason = "where a helper of a test panics, the test fails, as it should")]

mod breaks;
#[path = "../cloud/client.rs"]
#[allow(dead_code, reason = "what is left unused here is used by the tests of the cloud")]
mod client;
mod clusters;
mod injection;
mod mesh;
mod registration;
mod requests;
mod story;
mod world;
