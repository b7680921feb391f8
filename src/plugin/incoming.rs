//! Who may connect, and the connections that the server gets to see.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

use crate::plugin::connections::{Connections, Open};

/// How long a peer has for the TLS handshake, which takes about 2 ms.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// How long to wait when no connection can be accepted, such as when the process has too many open files.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// What a peer has to show.
#[derive(Clone)]
pub(super) enum Door {
    /// The key of the certificate that the host handed over.
    Certificate(TlsAcceptor),
    /// That it runs as this user.
    User(u32),
}

impl Door {
    async fn admit(self, peer: UnixStream) -> io::Result<Box<dyn Duplex>> {
        match self {
            Self::Certificate(acceptor) => Ok(Box::new(timeout(HANDSHAKE_LIMIT, acceptor.accept(peer)).await??)),
            Self::User(user) if peer.peer_cred()?.uid() == user => Ok(Box::new(peer)),
            Self::User(_) => Err(io::ErrorKind::PermissionDenied.into()),
        }
    }
}

/// Accepts connections until the result is dropped. Each peer has a task of its own at the door, so that one that
/// stalls there does not keep others out.
pub(super) fn accept(
    listener: UnixListener,
    door: Door,
    connections: Connections,
) -> ReceiverStream<io::Result<Connection>> {
    let (admitted, incoming) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            let peer = tokio::select! {
                () = admitted.closed() => return,
                peer = listener.accept() => peer,
            };
            match peer {
                Ok((peer, _)) => drop(tokio::spawn(let_in(peer, door.clone(), connections.clone(), admitted.clone()))),
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted");
                    sleep(ACCEPT_RETRY).await;
                }
            }
        }
    });
    ReceiverStream::new(incoming)
}

async fn let_in(peer: UnixStream, door: Door, connections: Connections, to: mpsc::Sender<io::Result<Connection>>) {
    match door.admit(peer).await {
        // Nobody takes it when the server has ended meanwhile.
        Ok(stream) => drop(to.send(Ok(Connection { stream, _open: connections.open() })).await),
        Err(error) => tracing::warn!(%error, "a peer was turned away"),
    }
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A peer that was let in, counted as long as this exists.
pub(super) struct Connection {
    stream: Box<dyn Duplex>,
    _open: Open,
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn admit(user: u32) -> io::Result<()> {
        let (_client, server) = UnixStream::pair()?;
        Door::User(user).admit(server).await.map(drop)
    }

    #[tokio::test]
    async fn another_user_is_turned_away() {
        let (client, _server) = UnixStream::pair().unwrap();
        let user = client.peer_cred().unwrap().uid();
        admit(user).await.unwrap();
        assert_eq!(admit(user + 1).await.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }
}
