//! The plugin by itself, for a debugger: it serves any number of Terraform runs, which find it by a variable.
//!
//! Terraform speaks no TLS to such a plugin, so the socket's directory and the peer's user are what protects it.

use std::path::Path;
use std::process;

use serde_json::json;
use tonic::service::Routes;

use crate::plugin::connections::Connections;
use crate::plugin::incoming::{self, Door};
use crate::plugin::signals::Signals;
use crate::plugin::socket::{self, Socket};
use crate::plugin::{Error, Options, handshake, say, serve};

/// Serves until Ctrl-C.
///
/// # Errors
/// [`Error`].
pub(super) async fn serve(options: Options, routes: Routes) -> Result<(), Error> {
    let mut signals = Signals::catch()?;
    let (listener, socket) = Socket::bind(&socket::directories_of_environment(), None)?;
    say(&invitation(&options, &socket.path))?;
    let incoming = incoming::accept(listener, Door::User(socket.owner), Connections::default());
    serve::until(signals.terminated_or_interrupted(), incoming, routes, options).await
}

/// What to paste in front of a Terraform command.
fn invitation(options: &Options, socket: &Path) -> String {
    let plugin = json!({
        "Protocol": "grpc",
        "ProtocolVersion": handshake::APPLICATION_PROTOCOL,
        "Pid": process::id(),
        // Otherwise Terraform ends the plugin with its own run.
        "Test": true,
        "Addr": { "Network": "unix", "String": socket },
    });
    let quoted = json!({ options.address: plugin }).to_string().replace('\'', r"'\''");
    format!(
        "{} {} waits for Terraform; Ctrl-C ends it. Set this for the runs that are to use it:\n\n\
         TF_REATTACH_PROVIDERS='{quoted}'\n",
        options.name, options.version
    )
}
