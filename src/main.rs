//! The provider's entry point.

use std::env;
use std::process::ExitCode;

use tcmesh::plugin::{self, Options};
use tcmesh::proto::tfplugin6::provider_server::ProviderServer;
use tcmesh::provider;
use tcmesh::scope::StopSwitch;
use tonic::service::Routes;

fn main() -> ExitCode {
    let stop = StopSwitch::default();
    let on_shutdown = stop.clone();
    let options = Options {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        address: provider::ADDRESS,
        on_shutdown: Box::new(move || on_shutdown.stop()),
    };
    plugin::run(env::args_os().skip(1), options, || {
        let server = ProviderServer::new(provider::server(stop));
        Routes::new(server.max_decoding_message_size(plugin::MAX_MESSAGE_SIZE))
    })
}
