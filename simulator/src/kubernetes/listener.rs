//! The way in over the network: TLS, HTTP/2 and HTTP/1.1.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::identity::Identity;
use super::server::{Server, StartError};
use super::service::Lost;

/// The wait after a connection that could not be accepted.
const PAUSE: Duration = Duration::from_millis(50);

/// Listens, and serves every connection until the task is aborted.
pub(crate) fn listen(server: &Arc<Server>, address: SocketAddr) -> Result<(SocketAddr, JoinHandle<()>), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let socket = std::net::TcpListener::bind(address).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    let bound = socket.local_addr().map_err(failed)?;
    let listener = TcpListener::from_std(socket).map_err(failed)?;
    let acceptor = TlsAcceptor::from(Arc::new(server.authority.server_config(bound.ip())?));
    let server = Arc::clone(server);
    Ok((bound, tokio::spawn(accept(server, listener, acceptor))))
}

async fn accept(server: Arc<Server>, listener: TcpListener, acceptor: TlsAcceptor) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(serve(Arc::clone(&server), stream, acceptor.clone()))),
                // Out of descriptors, most likely: some come free when connections end.
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(server: Arc<Server>, stream: TcpStream, acceptor: TlsAcceptor) {
    // Not an error of ours: the client went away, or does not trust the authority.
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let certified = certificates.first().and_then(|certificate| server.authority.owner(certificate));
    let service = hyper_util::service::TowerToHyperService::new(tower::service_fn(move |request| {
        respond(Arc::clone(&server), certified.clone(), request)
    }));
    let connection = Builder::new(TokioExecutor::new());
    if let Err(error) = connection.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection ended");
    }
}

async fn respond<B>(
    server: Arc<Server>,
    certified: Option<Identity>,
    request: Request<B>,
) -> Result<Response<Body>, Lost>
where
    B: http_body_util::BodyExt,
{
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Lost)?.to_bytes();
    server.respond(certified, false, Request::from_parts(parts, body)).await
}
