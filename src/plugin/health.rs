//! `grpc.health.v1.Health`, which hosts other than Terraform ask.

use tonic::{Request, Response, Status};

use crate::proto::health::health_check_response::ServingStatus;
use crate::proto::health::health_server::Health;
use crate::proto::health::{HealthCheckRequest, HealthCheckResponse};

/// The name under which a go-plugin host asks for the whole plugin.
const PLUGIN: &str = "plugin";

/// Answers that the plugin serves.
pub(super) struct Serving;

#[tonic::async_trait]
impl Health for Serving {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        match request.into_inner().service.as_str() {
            "" | PLUGIN => Ok(Response::new(HealthCheckResponse { status: ServingStatus::Serving.into() })),
            other => Err(Status::not_found(format!("no service `{other}`"))),
        }
    }
}
