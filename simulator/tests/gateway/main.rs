//! Ingress gateways as their clients see them: in process, over loopback and through the proxy. Services, network and
//! pods behind them are fakes of the three traits.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod attempts;
mod http_client;
mod listeners;
mod proxy;
mod shares;
mod story;
mod world;
