//! Starts the process of a target, and makes a finding of whatever ends it early.

use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tempfile::NamedTempFile;

use super::settings::{Settings, WORKER};
use super::worker::noted;
use super::{Target, directory, hash, root};

/// The memory that the process may fill, in KiB. Without an input it fills less than a third of it.
const MEMORY: usize = 192 << 10;

/// How long an input is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of a run.
pub(super) struct Outcome {
    /// How many inputs were taken.
    pub(super) inputs: u64,
    /// How long it took.
    pub(super) duration: Duration,
    /// What was found.
    pub(super) finding: Option<String>,
}

/// Runs a target.
pub(super) fn supervise(target: &'static Target, settings: &Settings) -> Outcome {
    let current = NamedTempFile::new().unwrap().into_temp_path();
    let started = Instant::now();
    let mut child = command(target, settings, &current).spawn().unwrap();
    let said = listen(&mut child, &current);
    let ended = child.wait().unwrap();
    let bytes = fs::read(&current).unwrap_or_default();
    let (inputs, input) = noted(&bytes);
    let finding = (!ended.success()).then(|| {
        let file = save(&directory(target), input);
        let name = target.name;
        let file = file.strip_prefix(root()).unwrap_or(&file).display();
        format!(
            "{name} broke on an input of {} bytes after {inputs} others ({ended}), which is in {file}\n\
             replay it: TCMESH_FUZZ_INPUT=$PWD/{file} cargo test --test fuzz -- {}\n{}",
            input.len(),
            test_of(target),
            last_lines(&said)
        )
    });
    Outcome { inputs, duration: started.elapsed(), finding }
}

fn test_of(target: &Target) -> &str {
    target.test.split_once("::").map_or(target.test, |(_, path)| path)
}

/// The process, under a limit of memory: an allocation beyond it aborts.
fn command(target: &Target, settings: &Settings, current: &Path) -> Command {
    let mut command = Command::new("sh");
    let limited = format!("ulimit -c 0; ulimit -d {MEMORY}; exec \"$@\"");
    command.args(["-c", &limited, "sh"]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", test_of(target), "--nocapture", "--test-threads", "1"]);
    command.env(WORKER, current).env("MALLOC_ARENA_MAX", "2").env("RUST_BACKTRACE", "0");
    command.env("TCMESH_FUZZ_SEED", settings.seed.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Collects what the process says until it ends, and ends it when it takes too long for one input.
fn listen(child: &mut Child, current: &Path) -> String {
    let (sender, receiver) = mpsc::channel();
    let stderr = child.stderr.take().unwrap();
    thread::spawn(move || sender.send(everything_of(stderr)));
    loop {
        match receiver.recv_timeout(Duration::from_secs(1)) {
            Ok(said) => return said,
            Err(RecvTimeoutError::Disconnected) => return String::new(),
            Err(RecvTimeoutError::Timeout) if hangs(current) => {
                child.kill().unwrap();
                return format!("it took more than {PATIENCE:?} for one input, and was ended");
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

fn everything_of(mut stderr: ChildStderr) -> String {
    let mut said = Vec::new();
    // What was said until the pipe broke is all there is.
    let _ = stderr.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

fn hangs(current: &Path) -> bool {
    let changed = fs::metadata(current).and_then(|metadata| metadata.modified());
    changed.is_ok_and(|changed| SystemTime::now().duration_since(changed).is_ok_and(|since| since > PATIENCE))
}

fn save(directory: &Path, input: &[u8]) -> std::path::PathBuf {
    let file = directory.join(format!("{:016x}", hash(input)));
    fs::write(&file, input).unwrap();
    file
}

fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(20)..].iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "  {}", line.chars().take(600).collect::<String>());
        text
    })
}
