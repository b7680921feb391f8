//! The provider service as Terraform sees it: gRPC calls, in process, to a small provider of the tests' own.
//!
//! Tests named `item_<number>` each cover that item of the project's conformance checklist.

mod apply;
mod client;
mod codec;
mod ephemeral;
mod import;
mod interruptions;
mod log;
mod plan;
mod provider;
mod read;
mod schema;
mod secrets;
mod unbuilt;
mod upgrade;
mod validate;
