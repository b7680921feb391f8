//! The plugin as its host's child: mutual TLS, and the end with the host's.

use std::env;

use tokio::signal::unix::{SignalKind, signal};
use tonic::service::Routes;

use crate::plugin::certificate::{self, Identity};
use crate::plugin::connections::Connections;
use crate::plugin::incoming::{self, Door};
use crate::plugin::socket::{self, Socket};
use crate::plugin::{Error, Options, handshake, serve, tls};

/// Serves the host that started this process.
///
/// # Errors
/// [`Error`].
pub(super) async fn serve(options: Options, routes: Routes) -> Result<(), Error> {
    ignore_interrupt()?;
    let client = certificate::of_client(env::var_os(certificate::CLIENT_VARIABLE))?;
    let identity = Identity::generate()?;
    let own_certificate = identity.certificate.clone();
    let door = Door::Certificate(tls::acceptor(identity, client)?);
    let group = env::var(socket::GROUP_VARIABLE).ok().filter(|group| !group.is_empty());
    let (listener, socket) = Socket::bind(&socket::directories_of_environment(), group.as_deref())?;
    handshake::announce(&socket.path, &own_certificate)?;
    let connections = Connections::default();
    let incoming = incoming::accept(listener, door, connections.clone());
    serve::until(connections.lost(), incoming, routes, options).await
}

/// Ctrl-C in a terminal reaches the host's children too, but only the host knows what a user means by it: it asks its
/// plugins to stop. Once there is a handler, the process does not end any more.
fn ignore_interrupt() -> Result<(), Error> {
    signal(SignalKind::interrupt()).map(drop).map_err(Error::Signal)
}
