//! Gateways.

use std::collections::HashSet;

use serde_json::Value;

use super::hosts::{host_fault, is_short, list, number_fault, protocol_fault, text};
use super::refuse;
use crate::kubernetes::errors::ApiError;
use crate::kubernetes::kinds::Behaviour;
use crate::kubernetes::object::Object;

/// The behaviour of gateways.
#[derive(Debug)]
pub(super) struct Gateways;

impl Behaviour for Gateways {
    fn admit(&self, gateway: &Object) -> Result<(), ApiError> {
        refuse(&faults(gateway.list("/spec/servers")))
    }
}

fn faults(servers: &[Value]) -> Vec<String> {
    if servers.is_empty() {
        return vec!["gateway must have at least one server".to_owned()];
    }
    let mut faults: Vec<_> = servers.iter().flat_map(server_faults).collect();
    let mut names = HashSet::new();
    for name in servers.iter().map(|server| text(&server["port"], "name")).filter(|name| !name.is_empty()) {
        if !names.insert(name) {
            faults.push(format!("port names in servers must be unique: duplicate name {name}"));
        }
    }
    faults
}

fn server_faults(server: &Value) -> Vec<String> {
    let mut faults = port_faults(&server["port"]);
    let hosts = list(server, "hosts");
    if hosts.is_empty() {
        faults.push("server config must contain at least one host".to_owned());
    }
    faults.extend(hosts.iter().filter_map(|host| gateway_host_fault(host.as_str().unwrap_or_default())));
    faults.extend(tls_faults(&text(&server["port"], "protocol").to_uppercase(), &server["tls"]));
    faults
}

fn port_faults(port: &Value) -> Vec<String> {
    if port.is_null() {
        return vec!["port is required".to_owned()];
    }
    let name = text(port, "name").is_empty().then(|| "port name must be set".to_owned());
    let number = number_fault(port["number"].as_i64());
    [name, number, protocol_fault(text(port, "protocol"))].into_iter().flatten().collect()
}

/// A host of a gateway may say from which namespace routes may bind to it: `namespace/host`, `./host`, `*/host`.
fn gateway_host_fault(host: &str) -> Option<String> {
    let name = host.split_once('/').map_or(host, |(_, name)| name);
    host_fault(name).or_else(|| is_short(name).then(|| format!("short names (non FQDN) are not allowed: {host}")))
}

fn tls_faults(protocol: &str, tls: &Value) -> Vec<String> {
    let needs = matches!(protocol, "HTTPS" | "TLS");
    if tls.is_null() {
        let missing = "server must have TLS settings for HTTPS/TLS protocols";
        return needs.then(|| missing.to_owned()).into_iter().collect();
    }
    if protocol == "HTTP" {
        let only_redirects = tls.as_object().is_some_and(|map| map.keys().all(|key| key == "httpsRedirect"));
        let wrong = "server cannot have TLS settings for plain text HTTP ports";
        return (!only_redirects).then(|| wrong.to_owned()).into_iter().collect();
    }
    certificate_faults(tls)
}

fn certificate_faults(tls: &Value) -> Vec<String> {
    let lacks = |field: &str| text(tls, field).is_empty();
    let mode = text(tls, "mode");
    let given = ["serverCertificate", "privateKey", "caCertificates"];
    if mode == "ISTIO_MUTUAL" {
        let has = given.into_iter().filter(|field| !lacks(field));
        return has.map(|field| format!("ISTIO_MUTUAL TLS cannot have associated {field}")).collect();
    }
    let needed = match mode {
        "SIMPLE" | "OPTIONAL_MUTUAL" => &given[..2],
        "MUTUAL" => &given[..],
        _ => &[],
    };
    let by_name = !lacks("credentialName") || !list(tls, "credentialNames").is_empty();
    let missing = needed.iter().filter(|field| !by_name && lacks(field));
    missing.map(|field| format!("{mode} TLS requires {field}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn server(port: &Value, hosts: &Value, tls: &Value) -> Value {
        json!({"port": port, "hosts": hosts, "tls": tls})
    }

    #[test]
    fn the_usual_gateways_are_valid() {
        let http = json!({"number": 80, "name": "HTTP-80", "protocol": "HTTP"});
        let https = json!({"number": 443, "name": "https", "protocol": "HTTPS"});
        let servers = [
            server(&http, &json!(["*.imroc.cc", "test/a.example.com"]), &Value::Null),
            server(&https, &json!(["*"]), &json!({"mode": "SIMPLE", "credentialName": "c"})),
        ];
        assert_eq!(faults(&servers), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_told() {
        let http = json!({"number": 80, "name": "http", "protocol": "HTTP"});
        let https = json!({"number": 443, "name": "https", "protocol": "HTTPS"});
        let odd = json!({"number": 0, "protocol": "SMTP"});
        let any = json!(["*"]);
        for (server, count) in [
            (server(&http, &json!([]), &Value::Null), 1),
            (server(&http, &json!(["short"]), &Value::Null), 1),
            (server(&odd, &any, &Value::Null), 3),
            (server(&Value::Null, &any, &Value::Null), 1),
            (server(&https, &any, &Value::Null), 1),
            (server(&http, &any, &json!({"mode": "SIMPLE"})), 1),
            (server(&http, &any, &json!({"httpsRedirect": true})), 0),
            (server(&https, &any, &json!({"mode": "SIMPLE"})), 2),
            (server(&https, &any, &json!({"mode": "MUTUAL"})), 3),
            (server(&https, &any, &json!({"mode": "ISTIO_MUTUAL", "privateKey": "k"})), 1),
        ] {
            assert_eq!(faults(std::slice::from_ref(&server)).len(), count, "{server}");
        }
        assert_eq!(faults(&[]).len(), 1);
        let twice = [server(&http, &any, &Value::Null), server(&http, &any, &Value::Null)];
        assert_eq!(faults(&twice), ["port names in servers must be unique: duplicate name http"]);
    }
}
