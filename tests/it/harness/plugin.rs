//! The provider as a process, driven as Terraform drives it.

use std::path::PathBuf;
use std::process::{ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;
use rustls::version::TLS13;
use tcmesh::proto::plugin::Empty;
use tcmesh::proto::tfplugin6::get_provider_schema;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::certificates::Identity;
use super::connection::{Connection, Failure, Tls};

/// The cookie that Terraform sets.
pub(crate) const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// How long anything may take that is not itself about time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The provider's executable with an empty environment; `TCMESH_PROVIDER` names another one than that just built.
pub(crate) fn executable() -> Command {
    let built = env!("CARGO_BIN_EXE_terraform-provider-tcmesh").into();
    let mut command = Command::new(std::env::var_os("TCMESH_PROVIDER").unwrap_or(built));
    command.env_clear();
    command
}

/// Runs a process that is expected to end by itself.
pub(crate) async fn output(mut command: Command) -> Output {
    timeout(PATIENCE, command.kill_on_drop(true).output()).await.unwrap().unwrap()
}

/// A process whose standard output is read line by line, whose log is read all the time, and whose temporary files have a directory of their own.
pub(crate) struct Process {
    child: Child,
    stdout: Option<Lines<BufReader<ChildStdout>>>,
    stderr: Option<JoinHandle<String>>,
    temporary: TempDir,
}

impl Process {
    pub(crate) fn spawn(mut command: Command) -> Self {
        let temporary = TempDir::new().unwrap();
        command.env("TMPDIR", temporary.path()).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().map(|stdout| BufReader::new(stdout).lines());
        let stderr = child.stderr.take().map(|stderr| tokio::spawn(all_of(stderr)));
        Self { child, stdout, stderr, temporary }
    }

    /// The first line of stdout that begins with `start`.
    pub(crate) async fn line(&mut self, start: &str) -> String {
        let stdout = self.stdout.as_mut().unwrap();
        loop {
            let line = timeout(PATIENCE, stdout.next_line()).await.unwrap().unwrap();
            let line = line.unwrap_or_else(|| panic!("stdout ended without a line that begins with {start}"));
            if line.starts_with(start) {
                return line;
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.id();
        let kill = std::process::Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status();
        assert!(kill.unwrap().success());
    }

    /// Closes this end of the process's standard streams.
    pub(crate) fn stop_reading(&mut self) {
        self.stdout = None;
        self.stderr.take().unwrap().abort();
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the end of the process.
    pub(crate) async fn ended(mut self) -> Ended {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("the process goes on").unwrap();
        let stdout = match self.stdout {
            Some(unread) => all_of(unread.into_inner()).await,
            None => String::new(),
        };
        let stderr = match self.stderr {
            Some(read) => read.await.unwrap(),
            None => String::new(),
        };
        let left_behind = self.temporary.path().read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        Ended { status, stdout, stderr, left_behind }
    }
}

async fn all_of(mut stream: impl AsyncRead + Unpin) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

/// What there is to see of a process that has ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// What had not been read of stdout by then.
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The temporary files that are still there.
    pub(crate) left_behind: Vec<PathBuf>,
}

/// A plugin that has been started as Terraform starts one.
pub(crate) struct Plugin {
    pub(crate) process: Process,
    pub(crate) handshake: String,
    pub(crate) identity: Identity,
    /// From the start of the process to its handshake.
    #[allow(dead_code, reason = "the measurements in tests/speed read it")]
    pub(crate) started_in: Duration,
}

impl Plugin {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts the provider with these variables too.
    pub(crate) async fn start_with(environment: &[(&str, &str)]) -> Self {
        let mut command = executable();
        command.envs(environment.iter().copied());
        Self::start_command(command).await
    }

    pub(crate) async fn start_command(mut command: Command) -> Self {
        let identity = Identity::generate();
        command.env(COOKIE.0, COOKIE.1).env("PLUGIN_CLIENT_CERT", identity.pem());
        let begun = Instant::now();
        let mut process = Process::spawn(command);
        let handshake = process.line("1|").await;
        Self { process, handshake, identity, started_in: begun.elapsed() }
    }

    pub(crate) fn field(&self, number: usize) -> &str {
        self.handshake.split('|').nth(number - 1).unwrap()
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.field(4).into()
    }

    /// What Terraform's TLS client uses; a test changes what it is about.
    pub(crate) fn tls(&self) -> Tls {
        let server = CertificateDer::from(STANDARD_NO_PAD.decode(self.field(6)).unwrap());
        Tls { server, server_name: "localhost", version: &TLS13, client: Some(self.identity.certified()) }
    }

    pub(crate) async fn connect(&self) -> Connection {
        self.connect_with(self.tls()).await.unwrap()
    }

    pub(crate) async fn connect_with(&self, tls: Tls) -> Result<Connection, Failure> {
        Connection::over(tls.connect(&self.socket()).await?).await
    }

    /// Ends the plugin as Terraform does.
    pub(crate) async fn shut_down(self) -> Ended {
        self.connect().await.controller().shutdown(Empty {}).await.unwrap();
        self.process.ended().await
    }
}

/// Whether a call gets through: the first call that Terraform makes.
pub(crate) async fn call(connection: &Connection) -> Result<(), Failure> {
    connection.provider().get_provider_schema(get_provider_schema::Request {}).await?;
    Ok(())
}
