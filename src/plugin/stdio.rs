//! `plugin.GRPCStdio`, by which a host can take a plugin's standard streams.
//!
//! This plugin writes nothing to stdout, and its log goes to the real stderr, where the host reads it as well.

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::plugin::held::{self, Messages};
use crate::proto::plugin::StdioData;
use crate::proto::plugin::grpc_stdio_server::GrpcStdio;

/// Streams nothing until the token is cancelled.
pub(super) struct Stdio(pub(super) CancellationToken);

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<Messages<StdioData>>, Status> {
        Ok(Response::new(held::until(self.0.clone())))
    }
}
