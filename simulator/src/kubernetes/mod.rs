//! A small Kubernetes API server in memory.
//!
//! One [`ApiServer`] is one cluster's API: TLS with an authority of its own, authentication by certificate or token,
//! role-based access control, discovery, and the verbs get, list, watch, create, update, patch (server-side apply, JSON
//! patch, merge patch, strategic merge patch), delete and deletecollection, with dry runs, finalizers, preconditions,
//! propagation policies, and the subresources status, scale, finalize, binding and token. Refusals are `Status` objects in
//! the words of the real server.
//!
//! The server has no behaviour of its own beyond admission, defaulting and checking: what happens to objects afterwards is
//! the work of controllers, which are clients (`crate::controllers`).
//!
//! Not modelled: protobuf and tables of custom kinds, conversion between versions whose fields differ, webhooks that are
//! called over the network (see [`Admission`]), quotas and limit ranges, CEL rules, and lists that keep showing the state
//! they began with when they are read in parts.
//!
//! The sources are the Kubernetes API reference and documentation (1.30 to 1.33) and the behaviour of its API server; each
//! module names its own.

mod addresses;
mod answer;
mod apply;
mod authentication;
mod authorization;
mod bootstrap;
mod builtin;
mod certificates;
mod clock;
mod copied;
mod discovery;
mod dispatch;
mod errors;
mod hooks;
mod identity;
mod ids;
mod inventory;
pub mod istio;
mod kinds;
mod kubeconfig;
mod listener;
mod names;
mod object;
mod openapi;
mod patch;
mod path;
mod registry;
mod reviews;
mod schema;
mod selectors;
mod server;
mod service;
mod store;
mod tokens;
mod tunnels;
mod verbs;

pub use clock::{Clock, SystemClock, Timestamp};
pub(crate) use copied::Copied;
pub use errors::{ApiError, Cause};
pub use hooks::{Admission, Disturbance, Entry, Faults, Incoming, Journal, Review};
pub use identity::{Identity, MASTERS};
pub use object::Object;
pub use registry::ApiGroup;
pub use server::{ApiServer, Options, StartError};
pub use store::Store;
pub use tunnels::Tunnel;
