//! Serving until there is a reason to end, and ending in time.

use std::io;
use std::time::Duration;

use tokio::time::timeout;
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;

use crate::plugin::broker::Broker;
use crate::plugin::controller::Controller;
use crate::plugin::health::Serving;
use crate::plugin::incoming::Connection;
use crate::plugin::stdio::Stdio;
use crate::plugin::{Error, Options};
use crate::proto::health::health_server::HealthServer;
use crate::proto::plugin::grpc_broker_server::GrpcBrokerServer;
use crate::proto::plugin::grpc_controller_server::GrpcControllerServer;
use crate::proto::plugin::grpc_stdio_server::GrpcStdioServer;

/// How long running calls have for their answers once the end has come. Terraform kills a plugin that is still there
/// 2 s after it was shut down (measured on Terraform 1.11.4 and 1.15.5).
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// Serves `routes` and go-plugin's own services until the host shuts the plugin down or `end` is done.
///
/// # Errors
/// [`Error::Server`].
pub(super) async fn until(
    end: impl Future<Output = ()>,
    incoming: impl Stream<Item = io::Result<Connection>>,
    routes: Routes,
    options: Options,
) -> Result<(), Error> {
    let shutdown = CancellationToken::new();
    let server = Server::builder()
        .add_routes(with_own_services(routes, &shutdown))
        .serve_with_incoming_shutdown(incoming, shutdown.cancelled());
    tokio::pin!(server);
    tokio::select! {
        // In this order, because the server ends by itself soon after the host has asked for it.
        biased;
        () = shutdown.cancelled() => tracing::debug!("ending: the host has shut the plugin down"),
        () = end => {}
        failed = &mut server => return failed.map_err(Error::from),
    }
    shutdown.cancel();
    (options.on_shutdown)();
    timeout(LAST_ANSWERS, server).await.unwrap_or(Ok(())).map_err(Error::from)
}

fn with_own_services(routes: Routes, shutdown: &CancellationToken) -> Routes {
    routes
        .add_service(GrpcControllerServer::new(Controller(shutdown.clone())))
        .add_service(GrpcStdioServer::new(Stdio(shutdown.clone())))
        .add_service(GrpcBrokerServer::new(Broker(shutdown.clone())))
        .add_service(HealthServer::new(Serving))
}
