//! `plugin.GRPCBroker`, by which host and plugin can agree on further connections.
//!
//! Terraform opens the stream and never sends on it (read in go-plugin 1.8.0), and this plugin needs no further
//! connection.

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use crate::plugin::held::{self, Messages};
use crate::proto::plugin::ConnInfo;
use crate::proto::plugin::grpc_broker_server::GrpcBroker;

/// Holds the stream open until the token is cancelled.
pub(super) struct Broker(pub(super) CancellationToken);

#[tonic::async_trait]
impl GrpcBroker for Broker {
    async fn start_stream(&self, _: Request<Streaming<ConnInfo>>) -> Result<Response<Messages<ConnInfo>>, Status> {
        Ok(Response::new(held::until(self.0.clone())))
    }
}
