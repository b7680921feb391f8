//! The provider's entry point.

use std::env;
use std::process::ExitCode;

use tcmesh::plugin::{self, Options};
use tcmesh::proto::tfplugin6::provider_server::{Provider, ProviderServer};
use tcmesh::proto::tfplugin6::{Schema, get_provider_schema, schema};
use tcmesh::scope::StopSwitch;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

fn main() -> ExitCode {
    let stop = StopSwitch::default();
    let service = ProviderServer::new(Empty).max_decoding_message_size(plugin::MAX_MESSAGE_SIZE);
    let options = Options {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        address: "registry.terraform.io/tcmesh/tcmesh",
        on_shutdown: Box::new(move || stop.stop()),
    };
    plugin::run(env::args_os().skip(1), options, || Routes::new(service))
}

/// A provider without resources.
struct Empty;

#[tonic::async_trait]
impl Provider for Empty {
    async fn get_provider_schema(
        &self,
        _: Request<get_provider_schema::Request>,
    ) -> Result<Response<get_provider_schema::Response>, Status> {
        let provider = Schema { version: 0, block: Some(schema::Block::default()) };
        Ok(Response::new(get_provider_schema::Response { provider: Some(provider), ..Default::default() }))
    }
}
