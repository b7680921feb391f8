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
    assert_eq!(encrypted(None), ["server[0].tls: Missing TLS settings"]);
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
