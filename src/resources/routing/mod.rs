//! Which host and path goes to which service: Istio's objects, and manifests of any kind.

mod adoption;
mod api;
pub mod gateway;
pub mod host_route;
mod id;
mod json;
pub mod manifest;
mod object;
mod values;
