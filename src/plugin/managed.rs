//! The plugin as its host's child: mutual TLS, and the end with the host's.

use std::env;

use tonic::service::Routes;

use crate::plugin::certificate::{self, Identity};
use crate::plugin::connections::Connections;
use crate::plugin::incoming::{self, Door};
use crate::plugin::signals::Signals;
use crate::plugin::socket::{self, Socket};
use crate::plugin::{Error, Options, handshake, serve, tls};

/// Serves the host that started this process.
///
/// # Errors
/// [`Error`].
pub(super) async fn serve(options: Options, routes: Routes) -> Result<(), Error> {
    let mut signals = Signals::catch()?;
    let client = certificate::of_client(env::var_os(certificate::CLIENT_VARIABLE))?;
    let identity = Identity::generate()?;
    let own_certificate = identity.certificate.clone();
    let door = Door::Certificate(tls::acceptor(identity, client)?);
    let group = env::var(socket::GROUP_VARIABLE).ok().filter(|group| !group.is_empty());
    let (listener, socket) = Socket::bind(&socket::directories_of_environment(), group.as_deref())?;
    handshake::announce(&socket.path, &own_certificate)?;
    let connections = Connections::default();
    let incoming = incoming::accept(listener, door, connections.clone());
    let end = async {
        tokio::select! {
            () = connections.lost() => tracing::warn!("ending: the host is gone"),
            () = signals.terminated() => tracing::info!("ending: SIGTERM"),
        }
    };
    serve::until(end, incoming, routes, options).await
}
