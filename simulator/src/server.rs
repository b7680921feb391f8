//! The HTTP/1.1 server. Requests may name their target in absolute form, so that it also works as an HTTP proxy: for the
//! services' host names, and for the addresses of gateways.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::{IntoResponse, Response};
use http::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::{BoxError, ServiceExt, service_fn};

use crate::control;
use crate::front::{Front, HungUp};
use crate::gateway::Gateways;

/// Serves for as long as it is awaited; connections end with it.
pub(crate) async fn serve(listener: TcpListener, front: Arc<Front>, gateways: Gateways) {
    let doors = Doors { router: router(front), gateways };
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => { connections.spawn(connection(stream, client.ip(), doors.clone())); }
                // Too many open files: some will be closed soon.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Where requests go.
#[derive(Clone)]
struct Doors {
    router: Router,
    gateways: Gateways,
}

/// The control endpoints under `/_sim/`, and the API at every other path.
fn router(front: Arc<Front>) -> Router {
    let control = control::router(front.clone());
    let api = move |request: Request<Body>| {
        let front = front.clone();
        // In a task of its own, so that a client that goes away does not undo what it asked for.
        let answer = tokio::spawn(async move { front.answer(request).await });
        async move { answer.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()) }
    };
    control.fallback(api)
}

async fn connection(stream: TcpStream, client: IpAddr, doors: Doors) {
    let service = service_fn(move |request| respond(doors.clone(), client, request));
    let served = auto::Builder::new(TokioExecutor::new())
        .http1_only()
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .await;
    if let Err(error) = served {
        tracing::trace!(error, "a connection ended early");
    }
}

/// Answers, or fails where the connection is to be closed without an answer.
async fn respond<B>(doors: Doors, client: IpAddr, request: Request<B>) -> Result<Response, HungUp>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let request = request.map(Body::new);
    if doors.gateways.serves(request.uri()) {
        return Ok(doors.gateways.proxy(client, request).await);
    }
    let Ok(response) = doors.router.oneshot(request).await;
    response.extensions().get::<HungUp>().map_or(Ok(()), |hung_up| Err(*hung_up))?;
    Ok(response)
}
