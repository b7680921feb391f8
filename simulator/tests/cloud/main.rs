//! The simulated cloud as a client sees it: over HTTP, with requests signed by the tests' own signer.
#![allow(clippy::unwrap_used, reason = "where a helper of a test panics, the test fails, as it should")]

mod access;
mod balancers;
mod client;
mod clusters;
mod control;
mod mesh;
mod names;
mod networks;
mod registration;
mod signatures;
mod world;
