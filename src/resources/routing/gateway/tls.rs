//! How a gateway's server encrypts connections.

use serde_json::Value;

use super::super::json::{list, object, text, texts};
use crate::framework::{Diagnostics, Model, Part};

/// How connections to a server are encrypted. Certificates are named, never held here.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Tls {
    /// How, for example `SIMPLE` (the gateway's certificate), `MUTUAL` (the client's, too) or `PASSTHROUGH` (by the service behind).
    #[tf(optional, one_of("SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL", "PASSTHROUGH", "AUTO_PASSTHROUGH", "ISTIO_MUTUAL"))]
    pub mode: Option<String>,
    /// The certificate: a Secret in the namespace of the gateway's pods, for example `web-certificate`, or `qcloud-` and the ID of a
    /// certificate in Tencent Cloud's SSL service, for example `qcloud-a1b2c3d4` (mode `SIMPLE` only).
    #[tf(optional, length(1..=253))]
    pub credential_name: Option<String>,
    /// Whether plain HTTP is answered with a redirect to HTTPS, for example `true`.
    #[tf(optional)]
    pub https_redirect: Option<bool>,
    /// The file of the certificate in the gateway's pods, for example `/etc/certs/tls.crt`, instead of `credential_name`.
    #[tf(optional, length(1..=4096))]
    pub server_certificate: Option<String>,
    /// The file of the certificate's key in the gateway's pods, for example `/etc/certs/tls.key`.
    #[tf(optional, length(1..=4096))]
    pub private_key: Option<String>,
    /// The file of the authorities of client certificates in the gateway's pods, for example `/etc/certs/ca.crt`.
    #[tf(optional, length(1..=4096))]
    pub ca_certificates: Option<String>,
    /// The names that a client's certificate may have, for example `["spiffe://example.com/client"]`.
    #[tf(optional)]
    pub subject_alt_names: Vec<String>,
    /// The oldest version, for example `TLSV1_2`.
    #[tf(optional, one_of("TLS_AUTO", "TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3"))]
    pub min_protocol_version: Option<String>,
    /// The newest version, for example `TLSV1_3`.
    #[tf(optional, one_of("TLS_AUTO", "TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3"))]
    pub max_protocol_version: Option<String>,
    /// The cipher suites, for example `["ECDHE-RSA-AES128-GCM-SHA256"]`.
    #[tf(optional)]
    pub cipher_suites: Vec<String>,
}

impl Tls {
    pub(super) fn to_istio(&self) -> Value {
        let Self { mode, credential_name, https_redirect, server_certificate, private_key, ca_certificates, .. } = self;
        let Self { subject_alt_names, min_protocol_version, max_protocol_version, cipher_suites, .. } = self;
        object([
            ("mode", mode.clone().into()),
            ("credentialName", credential_name.clone().into()),
            ("httpsRedirect", (*https_redirect).into()),
            ("serverCertificate", server_certificate.clone().into()),
            ("privateKey", private_key.clone().into()),
            ("caCertificates", ca_certificates.clone().into()),
            ("subjectAltNames", list(subject_alt_names.clone())),
            ("minProtocolVersion", min_protocol_version.clone().into()),
            ("maxProtocolVersion", max_protocol_version.clone().into()),
            ("cipherSuites", list(cipher_suites.clone())),
        ])
    }

    pub(super) fn of_istio(live: &Value) -> Self {
        Self {
            mode: text(live, "mode"),
            credential_name: text(live, "credentialName"),
            https_redirect: live["httpsRedirect"].as_bool(),
            server_certificate: text(live, "serverCertificate"),
            private_key: text(live, "privateKey"),
            ca_certificates: text(live, "caCertificates"),
            subject_alt_names: texts(live, "subjectAltNames"),
            min_protocol_version: text(live, "minProtocolVersion"),
            max_protocol_version: text(live, "maxProtocolVersion"),
            cipher_suites: texts(live, "cipherSuites"),
        }
    }
}

/// What a server's protocol and its TLS settings demand of each other.
pub(super) fn check(server: &Part<'_>, diagnostics: &mut Diagnostics) {
    let Some(protocol) = server.known::<String>("port.protocol") else { return };
    let is_encrypted = matches!(protocol.as_str(), "HTTPS" | "TLS");
    let Some(tls) = server.object("tls") else {
        if is_encrypted && server.is_null("tls") {
            let detail = format!("A server that speaks {protocol} needs a `tls` block with a `mode`.");
            diagnostics.error(server.at("tls"), "Missing TLS settings", detail);
        }
        return;
    };
    if is_encrypted {
        check_mode(&tls, diagnostics);
        check_versions(&tls, diagnostics);
    } else if matches!(protocol.as_str(), "HTTP" | "HTTP2" | "GRPC" | "GRPC-WEB") {
        check_plain(&tls, &protocol, diagnostics);
    }
}

/// A plain HTTP server may redirect to HTTPS, and nothing else.
fn check_plain(tls: &Part<'_>, protocol: &str, diagnostics: &mut Diagnostics) {
    const OTHERS: &[&str] = &[
        "mode",
        "credential_name",
        "server_certificate",
        "private_key",
        "ca_certificates",
        "subject_alt_names",
        "min_protocol_version",
        "max_protocol_version",
        "cipher_suites",
    ];
    for name in OTHERS.iter().filter(|name| tls.is_set(name)) {
        let detail = format!("Without encryption ({protocol}), only `https_redirect` can be set here.");
        diagnostics.error(tls.at(name), "TLS settings of a plain server", detail);
    }
}

/// Which certificates a mode needs, and which it must not have.
fn check_mode(tls: &Part<'_>, diagnostics: &mut Diagnostics) {
    const FILES: &[&str] = &["server_certificate", "private_key", "ca_certificates"];
    if tls.is_unknown("mode") {
        return;
    }
    let Some(mode) = tls.known::<String>("mode") else {
        diagnostics.error(
            tls.at("mode"),
            "Missing argument",
            "An encrypted server needs a mode, for example `SIMPLE`.",
        );
        return;
    };
    let needed = match mode.as_str() {
        "SIMPLE" | "OPTIONAL_MUTUAL" => &FILES[..2],
        "MUTUAL" => FILES,
        "ISTIO_MUTUAL" => {
            for name in FILES.iter().chain(&["credential_name"]).filter(|name| tls.known::<String>(name).is_some()) {
                let detail = "With `ISTIO_MUTUAL` the mesh makes the certificates: none can be named.";
                diagnostics.error(tls.at(name), "Certificate of another mode", detail);
            }
            return;
        }
        _ => return,
    };
    if !tls.is_null("credential_name") {
        return;
    }
    for name in needed.iter().filter(|name| tls.is_null(name)) {
        let detail = format!("Mode `{mode}` needs `credential_name`, or else `{}`.", needed.join("` and `"));
        diagnostics.error(tls.at(name), "Missing certificate", detail);
    }
}

fn check_versions(tls: &Part<'_>, diagnostics: &mut Diagnostics) {
    let (least, most) = (tls.known::<String>("min_protocol_version"), tls.known::<String>("max_protocol_version"));
    let (Some(least), Some(most)) = (least, most) else { return };
    // The names sort as the versions do.
    if most != "TLS_AUTO" && least != "TLS_AUTO" && least > most {
        let detail = format!("Expected at least the oldest version, `{least}`; found `{most}`.");
        diagnostics.error(tls.at("max_protocol_version"), "Invalid value", detail);
    }
}
