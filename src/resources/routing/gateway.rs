//! `tcmesh_gateway`: an Istio Gateway, which says what ports and hosts the pods of an ingress gateway serve.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::json::{items, list, map, member, object, object_if_any, text, text_map, texts};
use super::names;
use super::object::{Common, IstioObject, IstioResource};
use super::tls::{self, Tls};
use crate::framework::{Computed, Diagnostics, Model, Part, Planned};
use crate::resources::ids::checks;

/// An Istio Gateway: the ports, hosts and certificates that the pods of an ingress gateway serve. Routes (`tcmesh_host_route`) bind to it
/// by its `reference`.
///
/// The objects of a mesh are served by every cluster that is linked to it: name any of them. An object of the same name that somebody
/// else made is left alone: the error says how to import it.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Gateway {
    /// The ID: cluster, namespace and name, for example `cls-65r1c5nu#istio-system#cluster`; without the first part for the cluster of the
    /// provider's `kubernetes` block.
    #[tf(computed)]
    pub id: Computed<String>,
    /// The root account that the cluster is reached by, for example `100000000001`.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The cluster's region, for example `ap-guangzhou`.
    #[tf(computed, identity(optional))]
    pub region: Computed<String>,
    /// The cluster, for example `cls-65r1c5nu`, linked to the mesh: take it from `tcmesh_mesh_cluster`. Without it, the cluster of the
    /// provider's `kubernetes` block.
    #[tf(optional, force_new, identity(optional), check = checks::cluster)]
    pub cluster_id: Option<String>,
    /// The namespace, for example `istio-system`.
    #[tf(required, force_new, identity, check = names::label)]
    pub namespace: String,
    /// The name, for example `cluster`.
    #[tf(required, force_new, identity, check = names::label)]
    pub name: String,
    /// The labels of the gateway's pods, for example `{ app = "istio-ingressgateway", istio = "ingressgateway" }`: take them from
    /// `tcmesh_ingress_gateway`.
    #[tf(required, length(1..=64), check = names::labels)]
    pub selector: BTreeMap<String, String>,
    /// Labels of the object, for example `{ team = "network" }`. Those that others set are left alone.
    #[tf(optional, check = names::labels)]
    pub labels: BTreeMap<String, String>,
    /// Annotations of the object, for example `{ "example.com/owner" = "network" }`. Those that others set are left alone.
    #[tf(optional, check = names::annotations)]
    pub annotations: BTreeMap<String, String>,
    /// Whether fields that other field managers hold are taken over, for example `true`. Else they are an error that names manager and field.
    #[tf(optional, default = false, config_only)]
    pub force_conflicts: bool,
    /// How routes name this gateway: `namespace/name`, for example `istio-system/cluster`.
    #[tf(computed)]
    pub reference: Computed<String>,
    /// What tells the cluster from every other: the UID of its `kube-system` namespace, for example `7c4bd8a2-3b1e-4f5a-9d6c-0e8f1a2b3c4d`.
    #[tf(computed)]
    pub cluster_uid: Computed<String>,
    /// The API version by which the object is read and written, chosen from what the cluster serves, for example `networking.istio.io/v1beta1`.
    #[tf(computed)]
    pub api_version: Computed<String>,
    /// A port with the hosts that are served on it.
    #[tf(block, min = 1)]
    pub server: Vec<Server>,
}

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
    fn to_istio(&self) -> Value {
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

    fn of_istio(live: &Value) -> Self {
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

/// The resource.
pub type GatewayResource = IstioResource<Gateway>;

impl IstioObject for Gateway {
    const NAME: &'static str = "gateway";
    const KIND: &'static str = "Gateway";

    fn common(&self) -> Common {
        Common {
            id: self.id.clone(),
            account_id: self.account_id.clone(),
            region: self.region.clone(),
            cluster_id: self.cluster_id.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            labels: self.labels.clone(),
            annotations: self.annotations.clone(),
            force_conflicts: self.force_conflicts,
            cluster_uid: self.cluster_uid.clone(),
            api_version: self.api_version.clone(),
        }
    }

    fn spec(&self) -> Value {
        object_if_any([
            ("selector", map(self.selector.clone())),
            ("servers", list(self.server.iter().map(Server::to_istio))),
        ])
    }

    fn of(common: Common, spec: &Value, _: &Self) -> Self {
        let Common { id, account_id, region, cluster_id, namespace, name, .. } = common;
        let Common { labels, annotations, force_conflicts, cluster_uid, api_version, .. } = common;
        Self {
            id,
            account_id,
            region,
            cluster_id,
            reference: format!("{namespace}/{name}").into(),
            namespace,
            name,
            selector: text_map(spec, "selector"),
            labels,
            annotations,
            force_conflicts,
            cluster_uid,
            api_version,
            server: items(spec, "servers").iter().map(Server::of_istio).collect(),
        }
    }

    fn check(planned: &Planned<'_, Self>, diagnostics: &mut Diagnostics) {
        let servers = planned.each("server");
        check_port_names(&servers, diagnostics);
        check_shared_ports(&servers, diagnostics);
        for server in &servers {
            tls::check(server, diagnostics);
        }
    }
}

fn check_port_names(servers: &[Part<'_>], diagnostics: &mut Diagnostics) {
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
fn check_shared_ports(servers: &[Part<'_>], diagnostics: &mut Diagnostics) {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::framework::value::Value as Planning;

    fn server(number: i64, name: &str, protocol: &str, tls: Option<Tls>) -> Server {
        let port = Port { number, name: name.into(), protocol: protocol.into() };
        Server { hosts: vec!["*.imroc.cc".into()], port, tls, ..Default::default() }
    }

    fn gateway(server: Vec<Server>) -> Gateway {
        let selector = [("istio".to_owned(), "ingressgateway".to_owned())].into();
        Gateway { namespace: "istio-system".into(), name: "cluster".into(), selector, server, ..Default::default() }
    }

    fn mode(mode: &str) -> Tls {
        Tls { mode: Some(mode.into()), ..Default::default() }
    }

    /// A configuration that leaves lists out, where a model can only have empty ones.
    fn unset(value: &Planning) -> Planning {
        match value {
            Planning::Map(entries) => Planning::object(entries.iter().map(|(key, value)| (key.clone(), unset(value)))),
            Planning::List(items) if !items.is_empty() => Planning::List(items.iter().map(unset).collect()),
            Planning::List(_) => Planning::Null,
            other => other.clone(),
        }
    }

    fn told(server: Vec<Server>) -> Vec<String> {
        let mut diagnostics = Diagnostics::default();
        let planned = unset(&gateway(server).to_object());
        Gateway::check(&Planned::new(&planned, &Planning::Null, &planned), &mut diagnostics);
        diagnostics.into_iter().map(|found| format!("{}: {}", found.path, found.summary)).collect()
    }

    #[test]
    fn the_usual_gateway_is_the_object_that_people_write() {
        let expected = json!({
            "selector": {"istio": "ingressgateway"},
            "servers": [{"port": {"number": 80, "name": "HTTP-80", "protocol": "HTTP"}, "hosts": ["*.imroc.cc"]}],
        });
        assert_eq!(gateway(vec![server(80, "HTTP-80", "HTTP", None)]).spec(), expected);
    }

    #[test]
    fn everything_that_is_written_is_read_back() {
        let tls = Tls {
            mode: Some("MUTUAL".into()),
            credential_name: Some("web".into()),
            https_redirect: Some(false),
            subject_alt_names: vec!["spiffe://a".into()],
            min_protocol_version: Some("TLSV1_2".into()),
            max_protocol_version: Some("TLSV1_3".into()),
            cipher_suites: vec!["ECDHE-RSA-AES128-GCM-SHA256".into()],
            server_certificate: Some("/a".into()),
            private_key: Some("/b".into()),
            ca_certificates: Some("/c".into()),
        };
        let named =
            Server { name: Some("web".into()), bind: Some("10.0.0.1".into()), ..server(443, "b", "HTTPS", Some(tls)) };
        let written = gateway(vec![server(80, "a", "HTTP", None), named]);
        let read = Gateway::of(written.common(), &written.spec(), &Gateway::default());
        assert_eq!(read, Gateway { reference: "istio-system/cluster".into(), ..written });
    }

    #[test]
    fn names_are_unique_and_one_port_speaks_one_class_of_protocols() {
        assert_eq!(
            told(vec![server(80, "a", "HTTP", None), server(81, "a", "HTTP", None)]),
            ["server[1].port.name: Invalid value"]
        );
        assert!(told(vec![server(80, "a", "HTTP", None), server(80, "b", "GRPC", None)]).is_empty());
        let mixed = told(vec![server(80, "a", "HTTP", None), server(80, "b", "TCP", None)]);
        assert_eq!(mixed, ["server[1].port.protocol: Protocols of one port do not go together"]);
    }

    #[test]
    fn tls_fits_the_protocol_and_the_mode_its_certificates() {
        let encrypted = |tls| told(vec![server(443, "a", "HTTPS", tls)]);
        let credential = Some("web".to_owned());
        assert_eq!(encrypted(None), ["server[0]: Missing TLS settings"]);
        assert_eq!(encrypted(Some(Tls::default())), ["server[0].tls.mode: Missing argument"]);
        assert_eq!(encrypted(Some(mode("SIMPLE"))).len(), 2);
        assert_eq!(encrypted(Some(mode("MUTUAL"))).len(), 3);
        assert!(encrypted(Some(Tls { credential_name: credential.clone(), ..mode("MUTUAL") })).is_empty());
        assert!(encrypted(Some(mode("PASSTHROUGH"))).is_empty());
        let own = encrypted(Some(Tls { credential_name: credential, ..mode("ISTIO_MUTUAL") }));
        assert_eq!(own, ["server[0].tls.credential_name: Certificate of another mode"]);
        let versions = [Some("TLSV1_3".to_owned()), Some("TLSV1_2".to_owned())];
        let [min_protocol_version, max_protocol_version] = versions;
        let backwards = encrypted(Some(Tls { min_protocol_version, max_protocol_version, ..mode("PASSTHROUGH") }));
        assert_eq!(backwards, ["server[0].tls.max_protocol_version: Invalid value"]);
        let redirect = Tls { https_redirect: Some(true), ..Default::default() };
        assert!(told(vec![server(80, "a", "HTTP", Some(redirect))]).is_empty());
        let plain = told(vec![server(80, "a", "HTTP", Some(mode("SIMPLE")))]);
        assert_eq!(plain, ["server[0].tls.mode: TLS settings of a plain server"]);
    }
}
