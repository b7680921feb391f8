//! The Kubernetes API server and the controllers, through real clients over TLS.

mod access;
mod applying;
mod deleting;
mod kinds;
mod reading;
mod support;
mod watching;
mod writing;
