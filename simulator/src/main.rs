//! The simulator's command line.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tcmesh_simulator::world::World;
use tcmesh_simulator::{Options, Ready, Simulator};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// A local Tencent Cloud with several accounts.
#[derive(Parser)]
#[command(version, name = "tcmesh-simulator")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a world until SIGTERM or SIGINT.
    Serve(Serve),
    /// List every action on offer with the parameters that it reads, as JSON.
    Actions,
}

#[derive(clap::Args)]
struct Serve {
    /// The world: a YAML file, or a built-in world by its name (cross-account, fixed-waits)
    #[arg(long, value_name = "FILE")]
    world: String,
    /// Clusters of the world that real API servers stand in for: a YAML file of cluster ids and paths of kubeconfigs,
    /// relative to the file
    #[arg(long, value_name = "FILE")]
    clusters: Option<PathBuf>,
    /// Where the API listens; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where the name servers listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    dns_listen: SocketAddr,
    /// Where to write, once ready, the addresses, accounts and keys as JSON, readable by its owner only; else they go
    /// to standard output
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// What to log to standard error: error, warn, info, debug or trace
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    log: Targets,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(serve) => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Into::into)
            .and_then(|runtime| runtime.block_on(run(&serve))),
        Command::Actions => list_actions(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where standard error is closed there is nobody left to tell.
            let _ = writeln!(io::stderr(), "tcmesh-simulator: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

/// An error and what caused it, on one line.
fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

async fn run(serve: &Serve) -> Result<(), Box<dyn Error>> {
    tracing_subscriber::registry().with(fmt::layer().with_writer(io::stderr)).with(serve.log.clone()).init();
    // Before anything can be asked to end: a signal that comes early must not be missed.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let world = World::load(&serve.world)?;
    let kubeconfigs = serve.clusters.as_deref().map(kubeconfigs).transpose()?.unwrap_or_default();
    let options = Options { listen: serve.listen, dns_listen: serve.dns_listen, kubeconfigs, ..Options::default() };
    let handle = Simulator::start(world, options).await?;
    announce(&handle.ready(), serve.ready_file.as_deref())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

fn list_actions() -> Result<(), Box<dyn Error>> {
    Ok(writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&tcmesh_simulator::actions())?)?)
}

/// The paths that a file of kubeconfigs names, by cluster id.
fn kubeconfigs(file: &Path) -> Result<BTreeMap<String, PathBuf>, Box<dyn Error>> {
    let named = |problem: &dyn Error| format!("cannot read {}: {problem}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| named(&error))?;
    let paths: BTreeMap<String, PathBuf> = serde_saphyr::from_str(&text).map_err(|error| named(&error))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    Ok(paths.into_iter().map(|(id, path)| (id, folder.join(path))).collect())
}

/// Tells that it is ready, and what a client needs to know.
fn announce(ready: &Ready, file: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let Some(path) = file else {
        writeln!(io::stdout(), "{}", serde_json::to_string(ready)?)?;
        return Ok(());
    };
    Ok(ready.write(path).map_err(|error| format!("cannot write the ready file {}: {error}", path.display()))?)
}
