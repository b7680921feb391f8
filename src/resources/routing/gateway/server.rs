//! What a gateway serves on one port.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::json::{list, member, object, text, texts};
use super::tls::Tls;
use crate::framework::{Diagnostics, Model, Part};
use crate::resources::names;

/// A port with the hosts that are served on it.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Server {
    /// The hosts, for example `["*.example.com"]`. `namespace/host` lets only the routes of that namespace bind, `./host` those of the
    /// gateway's own.
    #[tf(required, length(1..=1000), each = names::server_host)]
    pub hosts: Vec<String>,
    /// A name for logs and metrics, for example `web`.
    #[tf(optional, length(1..=255))]
    pub name: Option<String>,
    /// The address to listen on instead of all, for example `127.0.0.1` or `unix:///run/gateway.sock`.
    #[tf(optional, check = check_bind)]
    pub bind: Option<String>,
    /// The port.
    #[tf(block)]
    pub port: Port,
    /// How connections are encrypted.
    #[tf(block)]
    pub tls: Option<Tls>,
}

/// A port of a gateway. The cloud opens a listener of the same number on the load balancer.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Port {
    /// The number, for example `80`.
    #[tf(required, range(1..=65535))]
    pub number: i64,
    /// The name, unique in the gateway, for example `http-80`.
    #[tf(required, length(1..=255))]
    pub name: String,
    /// The protocol, for example `HTTP`.
    #[tf(
        required,
        one_of("HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-WEB", "TCP", "TLS", "MONGO", "MYSQL", "REDIS", "UDP")
    )]
    pub protocol: String,
}

fn check_bind(text: &str) -> Result<(), String> {
    if text.starts_with("unix:///") || text.parse::<std::net::IpAddr>().is_ok() {
        return Ok(());
    }
    Err(format!(
        "Expected an address such as `10.0.0.1` or a socket such as `unix:///run/gateway.sock`; found `{text}`."
    ))
}

impl Server {
    pub(super) fn to_istio(&self) -> Value {
        let Self { hosts, name, bind, port, tls } = self;
        let Port { number, name: port_name, protocol } = port;
        object([
            (
                "port",
                object([
                    ("number", (*number).into()),
                    ("name", (&**port_name).into()),
                    ("protocol", (&**protocol).into()),
                ]),
            ),
            ("hosts", list(hosts.clone())),
            ("name", name.clone().into()),
            ("bind", bind.clone().into()),
            ("tls", tls.as_ref().map(Tls::to_istio).into()),
        ])
    }

    pub(super) fn of_istio(live: &Value) -> Self {
        let port = &live["port"];
        Self {
            hosts: texts(live, "hosts"),
            name: text(live, "name"),
            bind: text(live, "bind"),
            port: Port {
                number: port["number"].as_i64().unwrap_or_default(),
                name: text(port, "name").unwrap_or_default(),
                protocol: text(port, "protocol").unwrap_or_default(),
            },
            tls: member(live, "tls").map(Tls::of_istio),
        }
    }
}

pub(super) fn check_port_names(servers: &[Part<'_>], diagnostics: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for server in servers {
        let Some(name) = server.known::<String>("port.name") else { continue };
        if !seen.insert(name.clone()) {
            let detail = format!("Expected a name that no other port of this gateway has; found `{name}` again.");
            diagnostics.error(server.at("port.name"), "Invalid value", detail);
        }
    }
}

/// Servers that share a port must speak protocols of one class: the proxy drops the later one otherwise.
pub(super) fn check_shared_ports(servers: &[Part<'_>], diagnostics: &mut Diagnostics) {
    let mut first: BTreeMap<i64, (&'static str, String)> = BTreeMap::new();
    for server in servers {
        let (number, protocol) = (server.known::<i64>("port.number"), server.known::<String>("port.protocol"));
        let (Some(number), Some(protocol)) = (number, protocol) else { continue };
        let class = class(&protocol);
        let (other, of) = first.entry(number).or_insert_with(|| (class, protocol.clone()));
        if *other != class {
            let detail = format!(
                "Port {number} already serves {of}, and the proxy drops a server on the same port that speaks {protocol}. Use another port."
            );
            diagnostics.error(server.at("port.protocol"), "Protocols of one port do not go together", detail);
        }
    }
}

fn class(protocol: &str) -> &'static str {
    match protocol {
        "HTTP" | "HTTP2" | "GRPC" | "GRPC-WEB" => "plain HTTP",
        "HTTPS" | "TLS" => "TLS",
        _ => "plain TCP",
    }
}
