//! Terraform and the provider are interrupted or killed in the middle of an apply.

mod guide;
mod killed;
mod stopped;

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::story::Story;
use crate::harness::terraform::Terraform;
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

/// How long an interrupted run may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A run of `terraform apply` in a process group of its own, as a shell starts it.
struct Running {
    child: Child,
    printed: PathBuf,
}

impl Running {
    fn apply(workspace: &Workspace) -> Self {
        let printed = workspace.home().join("printed.txt");
        let file = File::create(&printed).unwrap();
        let mut command = workspace.command(&["apply", "-auto-approve", "-no-color"]);
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).process_group(0);
        Self { child: command.spawn().unwrap(), printed }
    }

    /// Sends a signal to the whole group, as a terminal does.
    fn signal_all(&self, name: &str) {
        kill(name, &format!("-{}", self.child.id()));
    }

    /// Sends a signal to Terraform alone.
    fn signal(&self, name: &str) {
        kill(name, &self.child.id().to_string());
    }

    /// The providers that run in this group.
    fn providers(&self) -> Vec<u32> {
        let processes =
            fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        processes.filter(|id| is_provider(*id, self.child.id())).collect()
    }

    /// Waits until it has printed this.
    fn prints(&self, text: &str) {
        let begun = Instant::now();
        while !self.text().contains(text) {
            assert!(begun.elapsed() < PATIENCE, "{text:?} is not printed:\n{}", self.text());
            std::thread::yield_now();
        }
    }

    /// Waits for its end.
    fn ends(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it has printed.
    fn text(&self) -> String {
        fs::read_to_string(&self.printed).unwrap()
    }
}

/// Whether a process is a provider of a group; one that has ended and waits to be reaped is none.
fn is_provider(id: u32, group: u32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) else { return false };
    let Some((name, rest)) = stat.rsplit_once(')') else { return false };
    let fields: Vec<_> = rest.split_whitespace().collect();
    // The kernel keeps 15 characters of a name.
    name.ends_with("(terraform-provi") && fields[0] != "Z" && fields[2] == group.to_string()
}

fn kill(signal: &str, target: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {target}")]).status().unwrap();
    assert!(sent.success(), "{signal} to {target}");
}

/// How many requests have changed something.
fn writes(world: &World) -> usize {
    world.look("journal?write=true").as_array().unwrap().len()
}

/// How many writes a whole apply of the story has.
fn writes_of_the_story(terraform: &Terraform) -> usize {
    static COUNTED: OnceLock<usize> = OnceLock::new();
    *COUNTED.get_or_init(|| {
        let world = World::start();
        Story::new(terraform, &world).workspace.apply();
        writes(&world)
    })
}
