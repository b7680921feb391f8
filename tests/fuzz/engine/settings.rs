//! What the environment says of a run.

use std::env;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Set in the process of a target: the file for the input that it is taking.
pub(super) const WORKER: &str = "TCMESH_FUZZ_WORKER";

/// How long each target runs where nothing is said, in seconds: `make test` is not to wait for it.
const BRIEFLY: f64 = 0.3;

/// How a target is run.
pub(super) struct Settings {
    /// In the process of a target, the file for the input that it is taking.
    pub(super) current: Option<PathBuf>,
    /// How long mutations are tried (`TCMESH_FUZZ_SECONDS`).
    pub(super) duration: Duration,
    /// Where the mutations begin (`TCMESH_FUZZ_SEED`).
    pub(super) seed: u64,
    /// The one input to take instead (`TCMESH_FUZZ_INPUT`).
    pub(super) replayed: Option<PathBuf>,
}

impl Settings {
    pub(super) fn of_environment() -> Self {
        Self {
            current: env::var_os(WORKER).map(PathBuf::from),
            duration: Duration::from_secs_f64(number("TCMESH_FUZZ_SECONDS", BRIEFLY)),
            seed: number("TCMESH_FUZZ_SEED", 1),
            replayed: env::var_os("TCMESH_FUZZ_INPUT").map(PathBuf::from),
        }
    }
}

fn number<T: FromStr>(variable: &str, otherwise: T) -> T {
    match env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")),
        Err(_) => otherwise,
    }
}
