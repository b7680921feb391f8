//! The servers of a gateway: what all `Gateway` objects that select its pods say together.

use std::collections::BTreeMap;

use super::hosts::Host;
use super::subsets::Labels;
use crate::gateway::istio::{GatewaySpec, Object, Problem, Server};

/// A server for plain HTTP.
#[derive(Debug)]
pub(super) struct HttpServer {
    /// Its object, as virtual services refer to it: `namespace/name`.
    pub(super) gateway: String,
    /// Whether it only redirects to `https`.
    pub(super) https_redirect: bool,
    hosts: Vec<ServerHost>,
}

/// A host of a server, with the namespace whose virtual services may bind to it.
#[derive(Debug)]
struct ServerHost {
    namespace: Option<String>,
    host: Host,
}

impl ServerHost {
    /// The host as an object of `namespace` writes it.
    fn new(text: &str, namespace: &str) -> Self {
        match text.split_once('/') {
            None | Some(("*", _)) => Self { namespace: None, host: Host::new(text.trim_start_matches("*/")) },
            Some((".", host)) => Self { namespace: Some(namespace.to_owned()), host: Host::new(host) },
            Some((other, host)) => Self { namespace: Some(other.to_owned()), host: Host::new(host) },
        }
    }
}

impl HttpServer {
    /// All hosts.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.hosts.iter().map(|host| &host.host)
    }

    /// The hosts to which virtual services of `namespace` may bind.
    pub(super) fn hosts_for(&self, namespace: &str) -> impl Iterator<Item = &Host> {
        let open = move |host: &&ServerHost| host.namespace.as_ref().is_none_or(|only| only == namespace);
        self.hosts.iter().filter(open).map(|host| &host.host)
    }
}

/// What is spoken on a port. All servers of one port must be of one class; the first decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Http,
    Other,
}

impl Class {
    fn of(server: &Server) -> Self {
        match server.port.protocol.to_ascii_uppercase().as_str() {
            "HTTP" | "HTTP2" | "GRPC" | "GRPC-WEB" => Self::Http,
            _ => Self::Other,
        }
    }
}

/// The servers for plain HTTP by port, of the gateways that select pods with `labels`. Servers for TLS and TCP are not
/// served here, but keep plain HTTP off their ports.
pub(super) fn http_servers(
    gateways: &[Object<GatewaySpec>],
    labels: &Labels,
    problems: &mut Vec<Problem>,
) -> BTreeMap<u16, Vec<HttpServer>> {
    let mut classes = BTreeMap::new();
    let mut servers: BTreeMap<u16, Vec<_>> = BTreeMap::new();
    for gateway in gateways.iter().filter(|gateway| selects(&gateway.spec, labels)) {
        for server in &gateway.spec.servers {
            let (port, class) = (server.port.number, Class::of(server));
            let first = *classes.entry(port).or_insert(class);
            if first != class {
                problems.push(conflict(gateway, server));
            } else if class == Class::Http {
                servers.entry(port).or_default().push(http_server(gateway, server));
            }
        }
    }
    servers
}

fn selects(gateway: &GatewaySpec, labels: &Labels) -> bool {
    gateway.selector.iter().all(|(name, value)| labels.get(name) == Some(value))
}

fn http_server(gateway: &Object<GatewaySpec>, server: &Server) -> HttpServer {
    let metadata = &gateway.metadata;
    HttpServer {
        gateway: format!("{}/{}", metadata.namespace, metadata.name),
        https_redirect: server.tls.as_ref().is_some_and(|tls| tls.https_redirect),
        hosts: server.hosts.iter().map(|host| ServerHost::new(host, &metadata.namespace)).collect(),
    }
}

fn conflict(gateway: &Object<GatewaySpec>, server: &Server) -> Problem {
    let text = format!("port {} is taken by a protocol other than {}", server.port.number, server.port.protocol);
    Problem::new("Gateway", &gateway.metadata, text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::http_servers;
    use crate::gateway::istio::Objects;

    fn gateway(name: &str, selector: Value, servers: Value) -> Value {
        let mut gateway = json!({ "kind": "Gateway", "metadata": { "name": name, "namespace": "istio-system" } });
        gateway["spec"]["selector"] = selector;
        gateway["spec"]["servers"] = servers;
        gateway
    }

    fn server(port: u16, protocol: &str, hosts: &[&str]) -> Value {
        json!({ "port": { "number": port, "protocol": protocol, "name": "any" }, "hosts": hosts })
    }

    /// The names of the gateways with a server for each port, and the problems.
    fn ports(gateways: &[Value]) -> (Vec<(u16, Vec<String>)>, Vec<String>) {
        let labels = [("app", "istio-ingressgateway"), ("istio", "ingressgateway")];
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let mut problems = Vec::new();
        let servers = http_servers(&Objects::read(gateways).gateways, &labels, &mut problems);
        let names = servers.into_iter().map(|(port, servers)| (port, servers.into_iter().map(|s| s.gateway).collect()));
        (names.collect(), problems.into_iter().map(|problem| problem.text).collect())
    }

    #[test]
    fn a_selector_picks_pods_that_have_all_its_labels() {
        let servers = json!([server(80, "HTTP", &["*"])]);
        let found = |selector| !ports(&[gateway("a", selector, servers.clone())]).0.is_empty();
        assert!(found(json!({ "istio": "ingressgateway" })));
        assert!(found(json!({})));
        assert!(!found(json!({ "istio": "egressgateway" })));
        assert!(!found(json!({ "istio": "ingressgateway", "more": "x" })));
    }

    #[test]
    fn servers_of_several_gateways_share_a_port() {
        let (ports, problems) = ports(&[
            gateway("a", json!({}), json!([server(80, "HTTP", &["a.com"])])),
            gateway("b", json!({}), json!([server(80, "GRPC", &["b.com"]), server(81, "http2", &["b.com"])])),
        ]);
        let expected =
            [(80, vec!["istio-system/a".into(), "istio-system/b".into()]), (81, vec!["istio-system/b".into()])];
        assert_eq!(ports, expected);
        assert_eq!(problems, [""; 0]);
    }

    #[test]
    fn the_first_server_decides_the_protocol_of_a_port() {
        let of = |name: &str, protocol: &str| gateway(name, json!({}), json!([server(80, protocol, &["*"])]));
        let (served, problems_of_tcp) = ports(&[of("a", "HTTP"), of("b", "TCP")]);
        assert_eq!(served, [(80, vec!["istio-system/a".to_owned()])]);
        assert_eq!(problems_of_tcp, ["port 80 is taken by a protocol other than TCP"]);
        let (served, problems_of_http) = ports(&[of("a", "TCP"), of("b", "HTTP")]);
        assert_eq!(served, []);
        assert_eq!(problems_of_http, ["port 80 is taken by a protocol other than HTTP"]);
    }

    #[test]
    fn ports_do_not_depend_on_each_other() {
        let servers = json!([server(3306, "MYSQL", &["*"]), server(80, "HTTP", &["*"])]);
        let (served, problems) = ports(&[gateway("a", json!({}), servers)]);
        assert_eq!(served, [(80, vec!["istio-system/a".to_owned()])]);
        assert_eq!(problems, [""; 0]);
    }

    #[test]
    fn a_namespace_before_a_host_lets_only_its_objects_bind() {
        let hosts = json!([server(80, "HTTP", &["any.com", "*/star.com", "./own.com", "test/theirs.com"])]);
        let objects = Objects::read(&[gateway("a", json!({}), hosts)]);
        let servers = http_servers(&objects.gateways, &Default::default(), &mut Vec::new());
        let open_to = |namespace| -> Vec<_> { servers[&80][0].hosts_for(namespace).map(ToString::to_string).collect() };
        assert_eq!(open_to("test"), ["any.com", "star.com", "theirs.com"]);
        assert_eq!(open_to("istio-system"), ["any.com", "star.com", "own.com"]);
    }
}
