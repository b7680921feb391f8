//! Ingress gateways, as Istio's Envoy would behave, for plain HTTP.
//!
//! [`Objects`] (Istio's, of all namespaces of a mesh) and a [`Workload`] (which gateway) make a [`RoutingTable`]; a table,
//! a [`GatewayPod`] and a [`Mesh`] (services, network and pods behind it, three traits) make a [`Gateway`]; [`Gateways`]
//! puts it behind an address, opens its ports on loopback and serves it through the simulator's HTTP proxy.
//!
//! # What is modelled
//!
//! Read in Istio's sources at 1.12.5 and 1.18.5, the ends of what TCM offers (what changed between and after is in
//! [`Version`]), in Envoy's, and in the Istio reference of `Gateway`, `VirtualService` and `DestinationRule`:
//!
//! - which `Gateway` servers count for pods and ports, and which virtual services bind to them: selectors, host overlap
//!   with wildcards, namespaces before hosts, references, `exportTo`, age;
//! - rules: order, conditions, weights, rewrites, redirects, fixed responses, header changes, faults, retries, timeouts,
//!   copies, CORS; subsets;
//! - Envoy's own answers, word by word, and the headers that it adds;
//! - a service of one name in several clusters is one service, its pods take turns.
//!
//! Shares are kept without chance: weights and percentages follow low-discrepancy sequences.
//!
//! # What is not
//!
//! TLS, TCP and HTTP/2 servers, `bind` addresses, delegation, regex rewrites, gRPC faults, claims of tokens in header
//! conditions, `%VARIABLES%` in header values, traffic policies of destination rules (load balancing other than in
//! turns, circuit breaking, outlier detection), waits between retries, Envoy's control by request headers, and that
//! 1.12 answers preflight requests before faults strike.

mod forward;
mod handle;
mod istio;
mod outgoing;
mod pool;
mod proxy;
mod reply;
mod routing;
mod server;
mod upstream;
mod version;

pub use handle::Gateway;
pub use istio::{Objects, Problem};
pub use reply::{Flag, Outcome};
pub use routing::{
    Action, Decision, Destination, DirectResponse, Fault, NotFound, RequestView, RetryPolicy, Route, RoutingTable,
    Subset, Workload,
};
pub use server::{Gateways, ListenError};
pub use upstream::{
    BrokenHop, ConnectionRefused, Endpoint, Endpoints, GatewayPod, Mesh, Network, PodAnswer, Pods, ServicePorts,
};
pub use version::{UnknownVersion, Version};
