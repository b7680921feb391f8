//! `Gateway`: which hosts a gateway's pods serve on which ports.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The specification of a `Gateway`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct GatewaySpec {
    /// Labels of the pods that serve it, in any namespace; empty selects all gateways.
    pub(crate) selector: BTreeMap<String, String>,
    /// What they serve.
    pub(crate) servers: Vec<Server>,
}

/// A port with the hosts that are served on it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Server {
    /// The port.
    pub(crate) port: Port,
    /// Hosts, each optionally after a namespace that may bind to it: `host`, `namespace/host`, `./host`, `*/host`.
    pub(crate) hosts: Vec<String>,
    /// How it deals with TLS.
    pub(crate) tls: Option<ServerTls>,
}

/// A port of a server.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Port {
    /// The number.
    pub(crate) number: u16,
    /// Such as `HTTP`.
    pub(crate) protocol: String,
}

/// How a server deals with TLS.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ServerTls {
    /// Answers every plain request with a redirect to `https`.
    pub(crate) https_redirect: bool,
}
