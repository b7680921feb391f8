//! The Kubernetes API server and the controllers, through real clients over TLS.

mod access;
mod applying;
mod cleaning;
mod deleting;
mod kinds;
mod reading;
mod support;
mod watching;
mod workloads;
mod writing;
