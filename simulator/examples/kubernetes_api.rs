//! Serves one cluster's Kubernetes API without any controllers, and prints a kubeconfig of an administrator:
//! `tests/real/differential.py` asks it what it asks a real API server.

use std::error::Error;
use std::io::{Write, stdout};

use tcmesh_simulator::kubernetes::{ApiServer, Identity, MASTERS, Options};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = ApiServer::start(Options::default())?;
    let kubeconfig = server.kubeconfig(&Identity::new("admin", &[MASTERS]))?;
    writeln!(stdout(), "{kubeconfig}")?;
    stdout().flush()?;
    Ok(tokio::signal::ctrl_c().await?)
}
