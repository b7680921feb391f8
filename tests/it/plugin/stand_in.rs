//! A plugin of the tests' own, for what no provider does by itself: calls that hang, and panics.

use std::env;
use std::future::pending;
use std::io::{self, Write};
use std::thread;

use tcmesh::plugin::{self, Options};
use tcmesh::proto::tfplugin6::provider_server::{Provider, ProviderServer};
use tcmesh::proto::tfplugin6::{apply_resource_change, get_provider_schema, read_resource};
use tokio::process::Command;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

const VARIABLE: &str = "TCMESH_STAND_IN";

/// What the plugin writes to stdout when it is told that the end has come.
pub(super) const FAREWELL: &str = "shutting down";

/// This test binary as a plugin that serves.
pub(super) fn command() -> Command {
    command_that("serves")
}

/// This test binary as a plugin that panics when it makes its services.
pub(super) fn command_that_panics() -> Command {
    command_that("panics")
}

fn command_that(does: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "plugin::stand_in::is_a_plugin_when_asked", "--nocapture"]);
    command.env_clear().env(VARIABLE, does);
    command
}

#[test]
fn is_a_plugin_when_asked() {
    let Ok(does) = env::var(VARIABLE) else { return };
    let options = Options {
        name: "stand-in",
        version: "0.0.0",
        address: "example.com/test/stand-in",
        on_shutdown: Box::new(|| writeln!(io::stdout(), "{FAREWELL}").unwrap()),
    };
    plugin::run([], options, || {
        assert!(does == "serves", "a stand-in that {does}");
        Routes::new(ProviderServer::new(StandIn))
    });
}

struct StandIn;

#[tonic::async_trait]
impl Provider for StandIn {
    async fn get_provider_schema(
        &self,
        _: Request<get_provider_schema::Request>,
    ) -> Result<Response<get_provider_schema::Response>, Status> {
        Ok(Response::new(get_provider_schema::Response::default()))
    }

    /// Hangs with all that can hang: the call itself, and a thread beside it.
    async fn apply_resource_change(
        &self,
        _: Request<apply_resource_change::Request>,
    ) -> Result<Response<apply_resource_change::Response>, Status> {
        tokio::task::spawn_blocking(|| {
            loop {
                thread::park();
            }
        });
        pending().await
    }

    async fn read_resource(
        &self,
        _: Request<read_resource::Request>,
    ) -> Result<Response<read_resource::Response>, Status> {
        panic!("a call that panics")
    }
}
