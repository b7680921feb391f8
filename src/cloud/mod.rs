//! Tencent Cloud with no Terraform in it: signed, retried, typed calls of API 3.0.
//!
//! A [`Client`] sends [actions](api), pages through lists with [`page`], waits with [`wait`](crate::wait) and finds lost creates by
//! their [`mark`]. The order in which a request is retried, limited and signed is described in [`policy`].

mod account;
pub mod action;
pub mod api;
mod client;
mod codes;
pub mod credentials;
pub mod endpoint;
mod error;
mod exchange;
mod json;
pub mod mark;
pub mod page;
pub mod policy;
#[cfg(test)]
pub(crate) mod script;
pub mod sign;
pub mod tags;
mod tls;

use std::future::Future;
use std::pin::Pin;

pub use client::{Client, Options};
pub use error::{Cause, Error, Origin, Silence};
pub use exchange::Exchange;

/// A future behind a pointer, for traits that are used as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
