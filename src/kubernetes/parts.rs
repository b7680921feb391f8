//! A connection taken apart, for those who take its parts one by one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Connection;

/// The parts of a connection. What is a certificate or a key is PEM. Prints nothing of a credential.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// The API server's URL.
    pub host: String,
    /// The certificate authority of the API server.
    pub cluster_ca_certificate: Option<String>,
    /// A bearer token.
    pub token: Option<String>,
    /// A client certificate.
    pub client_certificate: Option<String>,
    /// The key of the client certificate.
    pub client_key: Option<String>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Connection {
    /// The parts that the kubeconfig holds itself. What it only names, a file or a program, is no part.
    pub fn parts(&self) -> Parts {
        // The types of the kubeconfig keep their secrets to themselves; its text does not.
        let whole = serde_json::to_value(&self.kubeconfig).unwrap_or_default();
        let context = &named(&whole["contexts"], self.context_name())["context"];
        let cluster = &named(&whole["clusters"], context["cluster"].as_str())["cluster"];
        let user = &named(&whole["users"], context["user"].as_str())["user"];
        Parts {
            host: self.server(),
            cluster_ca_certificate: pem(&cluster["certificate-authority-data"]),
            token: user["token"].as_str().map(Into::into),
            client_certificate: pem(&user["client-certificate-data"]),
            client_key: pem(&user["client-key-data"]),
        }
    }
}

/// The entry of a list with this name.
fn named<'a>(list: &'a Value, name: Option<&str>) -> &'a Value {
    static NOTHING: Value = Value::Null;
    let mut entries = list.as_array().into_iter().flatten();
    entries.find(|entry| entry["name"].as_str() == name).unwrap_or(&NOTHING)
}

fn pem(data: &Value) -> Option<String> {
    String::from_utf8(STANDARD.decode(data.as_str()?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::Credential;

    const PEM: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

    #[test]
    fn a_connection_is_taken_apart_into_what_it_was_made_of() {
        let credential = Credential::ClientCertificate { certificate: PEM.into(), key: PEM.into() };
        let connection = Connection::explicit("https://10.0.0.1:6443", Some(PEM), false, &credential).unwrap();
        let certificate = Some(PEM.to_owned());
        let expected = Parts {
            host: "https://10.0.0.1:6443".into(),
            cluster_ca_certificate: certificate.clone(),
            token: None,
            client_certificate: certificate.clone(),
            client_key: certificate,
        };
        assert_eq!(connection.parts(), expected);
    }

    #[test]
    fn the_parts_are_those_of_the_context_and_print_no_secret() {
        let kubeconfig = "clusters:\n- {name: one, cluster: {server: 'https://one'}}\n- {name: two, cluster: {server: 'https://two'}}\n\
            users:\n- {name: u, user: {token: hunter2}}\n- {name: v, user: {token: hunter3}}\n\
            contexts:\n- {name: a, context: {cluster: one, user: u}}\n- {name: b, context: {cluster: two, user: v}}\ncurrent-context: a\n";
        let parts = Connection::from_kubeconfig(kubeconfig, Some("b")).unwrap().parts();
        assert_eq!((parts.host.as_str(), parts.token.as_deref()), ("https://two", Some("hunter3")));
        assert!(!format!("{parts:?}").contains("hunter"));
    }
}
