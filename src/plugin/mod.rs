//! go-plugin: how a host, here Terraform, starts this program, finds it and talks to it over gRPC.
//!
//! Nothing here knows what is served: [`run`] takes any tonic services. The host starts the program with a cookie and
//! a client certificate in its environment; the program answers with one line on stdout that names a socket and its
//! own certificate, and serves there over mutual TLS until the host shuts it down or is gone.
//!
//! Other plugins serve plaintext when the host hands over no certificate (`TF_DISABLE_PLUGIN_TLS`). This one holds
//! cloud keys, so it refuses to start instead; only `--debug`, which Terraform reaches without TLS by design, is
//! plaintext, and there a process of another user is turned away.

#![expect(
    clippy::disallowed_methods,
    reason = "the process is this layer's: its environment, its connections' tasks, its pauses"
)]

mod arguments;
mod broker;
mod certificate;
mod connections;
mod controller;
mod cookie;
mod debug;
mod error;
mod handshake;
mod health;
mod held;
mod incoming;
mod log;
mod managed;
mod panic;
mod serve;
mod signals;
mod socket;
mod stdio;
mod tls;

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use tonic::service::Routes;

use arguments::Mode;
use error::Error;

/// The largest message that a plugin takes, in bytes. Terraform's own plugins have the same limit; tonic's default of
/// 4 MiB is less than one large resource.
pub const MAX_MESSAGE_SIZE: usize = 256 << 20;

/// What this program is and what it does when it ends.
pub struct Options {
    /// The name of the executable.
    pub name: &'static str,
    /// The version of the executable.
    pub version: &'static str,
    /// The address by which Terraform knows the provider, for example `registry.terraform.io/acme/acme`.
    pub address: &'static str,
    /// Called once when the program is about to end, so that running calls can end early.
    pub on_shutdown: Box<dyn FnOnce()>,
}

/// Does what the program's arguments and its environment ask for, and returns when the program is to exit. What went
/// wrong has been reported by then: on stderr, and to a host that waits for its plugin.
///
/// `arguments` are those that follow the program's name. `routes` makes the services; it is called within the runtime,
/// and only when they are going to be served.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    options: Options,
    routes: impl FnOnce() -> Routes,
) -> ExitCode {
    panic::install_hook();
    let outcome = arguments::mode(arguments).and_then(|mode| act(mode, options, routes));
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(io::stderr(), "{}", error.in_full());
    ExitCode::FAILURE
}

fn act(mode: Mode, options: Options, routes: impl FnOnce() -> Routes) -> Result<(), Error> {
    match mode {
        Mode::Help => say(&arguments::usage(options.name)),
        Mode::Version => say(&format!("{} {}", options.name, options.version)),
        Mode::Managed => {
            cookie::check(env::var_os(cookie::VARIABLE).as_deref(), options.name)?;
            block_on(async { managed::serve(options, routes()).await }).inspect_err(handshake::refuse)
        }
        Mode::Debug => block_on(async { debug::serve(options, routes()).await }),
    }
}

/// Runs `work` on this thread. What it leaves behind, such as a name lookup that hangs, is not waited for.
fn block_on(work: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    log::install();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_background();
    outcome
}

/// Writes a line to stdout.
fn say(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(Error::Stdout)
}
