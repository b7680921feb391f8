//! Hostile input: every place where bytes of others come in, fed with what no honest peer would send.
//!
//! `cargo test --test fuzz` runs each target for a moment with the same seed every time; `make fuzz` runs each for ten
//! minutes. See `README.md` beside this file on how a target is added and a finding replayed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::disallowed_methods, reason = "tests are a world of their own")]

mod engine;
mod planted;
mod targets;
