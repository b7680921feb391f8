//! The simulated cloud as a client sees it: over HTTP, with requests signed by the tests' own signer.

mod client;
mod control;
mod networks;
mod signatures;
mod world;
