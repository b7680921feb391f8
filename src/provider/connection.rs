//! The provider's `kubernetes` block as a connection.

use super::model::Kubernetes;
use crate::framework::{Diagnostic, Error, Path};
use crate::kubernetes::{self, Connection, Credential, ExecPlugin};

/// The connection that the block describes.
///
/// # Errors
/// At the attribute concerned: nothing named, two ways at once, an unreadable file, a text of the wrong form.
pub(super) fn connection(block: &Kubernetes) -> Result<Connection, Error> {
    let text = match (&block.config_path, &block.kubeconfig) {
        (Some(_), Some(_)) => return Err(wrong("kubeconfig", "Set one of `config_path` and `kubeconfig`, not both.")),
        (Some(path), None) => Some(read(path)?),
        (None, text) => text.clone(),
    };
    let made = match (text, &block.host) {
        (Some(_), Some(_)) => {
            return Err(wrong("host", "Set either a kubeconfig or `host` with its credential, not both."));
        }
        (Some(text), None) => Connection::from_kubeconfig(&text, block.config_context.as_deref()),
        (None, Some(host)) => {
            let ca = block.cluster_ca_certificate.as_deref();
            Connection::explicit(host, ca, block.insecure.unwrap_or_default(), &credential(block)?)
        }
        (None, None) => return Err(wrong("host", "Set `config_path`, `kubeconfig` or `host`: nothing is assumed.")),
    };
    made.map_err(|error| match error {
        kubernetes::Error::Connection { argument, problem } => {
            wrong(attribute(argument), &format!("It cannot be used: {problem}."))
        }
        other => other.into(),
    })
}

/// Whether a kubeconfig leaves server certificates unchecked; one that cannot be read is told where it is used.
pub(super) fn is_unchecked(kubeconfig: &str, context: Option<&str>) -> bool {
    Connection::from_kubeconfig(kubeconfig, context).is_ok_and(|connection| connection.is_insecure())
}

fn credential(block: &Kubernetes) -> Result<Credential, Error> {
    let exec = block.exec.clone().map(|exec| {
        Credential::Exec(ExecPlugin {
            api_version: exec.api_version,
            command: exec.command,
            args: exec.args,
            env: exec.env,
        })
    });
    let token = block.token.clone().map(Credential::Token);
    let certificate = match (block.client_certificate.clone(), block.client_key.clone()) {
        (Some(certificate), Some(key)) => Some(Credential::ClientCertificate { certificate, key }),
        (None, None) => None,
        (Some(_), None) => return Err(wrong("client_key", "`client_certificate` needs its key.")),
        (None, Some(_)) => return Err(wrong("client_certificate", "`client_key` needs its certificate.")),
    };
    let mut given = [exec, token, certificate].into_iter().flatten();
    let chosen = given.next().unwrap_or_default();
    match given.next() {
        Some(_) => Err(wrong("token", "Set one of `exec`, `token` and `client_certificate`, not several.")),
        None => Ok(chosen),
    }
}

/// The text of a kubeconfig file.
///
/// # Errors
/// At `config_path`, when it cannot be read.
pub(super) fn read(path: &str) -> Result<String, Error> {
    let full = match path.strip_prefix("~/") {
        Some(rest) => std::env::home_dir().map(|home| home.join(rest)).unwrap_or_else(|| path.into()),
        None => path.into(),
    };
    std::fs::read_to_string(&full).map_err(|error| wrong("config_path", &format!("`{path}` cannot be read: {error}.")))
}

/// The block's attribute for what a connection calls the part.
fn attribute(argument: &str) -> &str {
    if argument == "context" { "config_context" } else { argument }
}

fn wrong(attribute: &str, detail: &str) -> Error {
    let path = Path::attribute("kubernetes").field(attribute);
    Diagnostic::error("Invalid connection to a cluster", detail).at(path).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(block: &Kubernetes) -> String {
        let error = connection(block).unwrap_err();
        error.diagnostics().iter().next().unwrap().path.to_string()
    }

    #[test]
    fn nothing_is_assumed_and_what_is_wrong_is_told_at_its_attribute() {
        let host = Some("https://10.0.0.1:6443".to_owned());
        assert_eq!(refused(&Kubernetes::default()), "kubernetes.host");
        assert_eq!(
            refused(&Kubernetes { config_path: Some("/nowhere".into()), ..Default::default() }),
            "kubernetes.config_path"
        );
        assert_eq!(
            refused(&Kubernetes { kubeconfig: Some("kind: Config".into()), ..Default::default() }),
            "kubernetes.kubeconfig"
        );
        assert_eq!(refused(&Kubernetes { host: Some("10.0.0.1".into()), ..Default::default() }), "kubernetes.host");
        let half = Kubernetes { host: host.clone(), client_key: Some("k".into()), ..Default::default() };
        assert_eq!(refused(&half), "kubernetes.client_certificate");
        let ca = Kubernetes { host, cluster_ca_certificate: Some("nonsense".into()), ..Default::default() };
        assert_eq!(refused(&ca), "kubernetes.cluster_ca_certificate");
    }

    #[test]
    fn a_host_with_a_token_makes_a_connection() {
        let block = Kubernetes { host: Some("https://a:6443".into()), token: Some("t".into()), ..Default::default() };
        assert_eq!(connection(&block).unwrap().server(), "https://a:6443");
    }
}
