//! Why the plugin cannot be served.

use std::error::Error as _;
use std::io;
use std::iter;

use crate::plugin::cookie;

/// Why the plugin cannot be served.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// An argument is not one of the few that exist.
    #[error("unknown argument `{0}`, see --help")]
    UnknownArgument(String),
    /// Somebody started the program by hand.
    #[error(
        "{name} is a Terraform provider: Terraform starts it, and it does nothing by itself.\n\
         Name it in `required_providers` of a configuration and run `terraform init`; to start it for a debugger, \
         use `{name} --debug`.\n\
         (Terraform would have set {variable}.)",
        variable = cookie::VARIABLE
    )]
    NotStartedByTerraform {
        /// The name of the executable.
        name: &'static str,
    },
    /// The host does not use TLS.
    #[error(
        "Terraform handed over no client certificate, and this provider serves no connection that anybody could use: \
         unset TF_DISABLE_PLUGIN_TLS"
    )]
    NoClientCertificate,
    /// The host's certificate is not one PEM certificate.
    #[error("the client certificate in PLUGIN_CLIENT_CERT cannot be read")]
    ClientCertificate(#[source] rustls::pki_types::pem::Error),
    /// The plugin's own certificate could not be made.
    #[error("the server's certificate cannot be made")]
    Certificate(#[from] rcgen::Error),
    /// The certificates and keys do not make a TLS server.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// No directory takes a socket.
    #[error("no socket can be made in {}", .tried.join(" or "))]
    Socket {
        /// The directories that were tried.
        tried: Vec<String>,
        /// What was wrong with the last of them.
        source: io::Error,
    },
    /// The runtime did not start.
    #[error("the runtime cannot be started")]
    Runtime(#[source] io::Error),
    /// A signal cannot be handled.
    #[error("signals cannot be handled")]
    Signal(#[source] io::Error),
    /// The reader of stdout is gone.
    #[error("stdout cannot be written")]
    Stdout(#[source] io::Error),
    /// The server failed while it was serving.
    #[error("the server failed")]
    Server(#[from] tonic::transport::Error),
}

impl Error {
    /// The message and those of all its causes.
    pub(super) fn in_full(&self) -> String {
        let causes = iter::successors(self.source(), |cause| (*cause).source()).map(ToString::to_string);
        iter::once(self.to_string()).chain(causes).collect::<Vec<_>>().join(": ")
    }
}
