//! Integration tests.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stderr, reason = "what did not run is said")]
#![allow(clippy::disallowed_methods, reason = "tests are a world of their own")]

mod acceptance;
mod architecture;
mod concurrency;
mod credentials;
mod docs;
mod faults;
mod harness;
mod long_run;
mod plugin;
mod protocol;
mod registration;
mod routing;
mod simulated;
