//! A sample of the matrix on real Terraform: every example, with a few of the calls of its apply and of its destroy, each
//! with another fault.

use std::fs;
use std::path::PathBuf;

use super::case::{calls, differences};
use super::example;
use super::fault::{Call, Fault};
use super::inventory::{Inventory, Kinds};
use super::parallel::in_parallel;
use super::stage::TIMELESS;
use crate::harness::terraform::{self, Terraform};
use crate::harness::workspace::Workspace;
use crate::harness::world::{STEPS_TAKE, World};

/// How many calls of an apply and of a destroy.
const CALLS: usize = 2;

/// How many cases run at once: each is several processes.
const WORKERS: usize = 4;

/// The faults that need nobody at the provider's side, and no time.
const FAULTS: [Fault; 7] = [
    Fault::ReplyLost,
    Fault::Refused,
    Fault::ErrorAfter,
    Fault::BadGateway,
    Fault::Throttled,
    Fault::Reset,
    Fault::Failed,
];

const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color", "-parallelism=1"];
const DESTROY: &[&str] = &["destroy", "-auto-approve", "-no-color", "-parallelism=1"];

/// An example, carried out by a Terraform without a fault.
struct Recording {
    file: PathBuf,
    /// What exists after the apply.
    applied: Kinds,
    /// The calls of the apply.
    apply: Vec<Call>,
    /// The calls of the destroy.
    destroy: Vec<Call>,
}

/// A fault during a run of Terraform.
struct Case<'a> {
    recording: &'a Recording,
    terraform: &'static Terraform,
    /// The command that meets the fault.
    command: &'static [&'static str],
    call: Call,
    fault: Fault,
}

/// An example in a world of its own.
struct Run {
    world: World,
    workspace: Workspace,
    begun: Inventory,
}

impl Run {
    fn of(file: &PathBuf, terraform: &Terraform) -> Self {
        let world = World::with(TIMELESS);
        let workspace = Workspace::new(terraform, &world);
        workspace.write("main.tf", &fs::read_to_string(file).unwrap());
        Self { begun: Inventory::of(&world), world, workspace }
    }

    fn calls_of(&self, command: &[&str]) -> Vec<Call> {
        let before = self.world.calls();
        self.workspace.succeeds(command);
        calls(&self.world.look("journal").as_array().unwrap()[before..])
    }

    /// What exists beyond what did in the beginning.
    fn added(&self) -> Kinds {
        Inventory::of(&self.world).since(&self.begun, &self.begun.text())
    }

    /// Waits until the world has come to rest as it should be.
    fn comes_to(&self, expected: &Kinds) {
        let found = self.world.rests_when(|found| found == expected, STEPS_TAKE, || self.added());
        assert_eq!(differences(&found, expected), [""; 0]);
    }
}

impl Recording {
    fn of(file: &PathBuf) -> Self {
        let run = Run::of(file, &terraform::installed()[0]);
        let apply = run.calls_of(APPLY);
        let applied = run.world.rests(|| run.added());
        let destroy = run.calls_of(DESTROY);
        run.comes_to(&Kinds::new());
        Self { file: file.clone(), applied, apply, destroy }
    }

    /// Calls from all parts of both runs, each with the next fault and the next Terraform.
    fn cases(&self, number: usize) -> impl Iterator<Item = Case<'_>> {
        let spread = |calls: &[Call]| -> Vec<Call> {
            let picked = (0..CALLS).filter_map(|nth| calls.get((2 * nth + 1) * calls.len() / (2 * CALLS)));
            picked.cloned().collect()
        };
        let apply = spread(&self.apply).into_iter().map(|call| (APPLY, call));
        let destroy = spread(&self.destroy).into_iter().map(|call| (DESTROY, call));
        let calls: Vec<_> = apply.chain(destroy).collect();
        calls.into_iter().enumerate().map(move |(index, (command, call))| {
            let number = number * 2 * CALLS + index;
            let faults: Vec<Fault> = call.faults().filter(|fault| FAULTS.contains(fault)).collect();
            let fault = faults[number % faults.len()];
            let terraform = &terraform::installed()[number / 2 % terraform::installed().len()];
            Case { recording: self, terraform, command, call, fault }
        })
    }
}

impl Case<'_> {
    fn name(&self) -> String {
        format!("{} {} {} {:?}", self.recording.file.display(), self.command[0], self.call, self.fault)
    }

    fn run(&self) {
        let run = Run::of(&self.recording.file, self.terraform);
        if self.command == DESTROY {
            run.workspace.apply();
        }
        run.world.control("faults", &self.fault.on(&self.call, "0s").unwrap());
        let _ = run.workspace.run(self.command);
        let in_force = run.world.look("faults");
        assert!(in_force[0]["matched"].as_u64() >= in_force[0]["match"]["nth"].as_u64(), "the fault did not strike");
        run.world.request("DELETE", "faults", "");
        if self.command == APPLY {
            run.workspace.apply();
            run.comes_to(&self.recording.applied);
            run.workspace.is_settled();
        }
        run.workspace.destroy();
        run.comes_to(&Kinds::new());
    }
}

#[test]
fn on_real_terraform_the_next_apply_or_destroy_mends_what_a_fault_broke() {
    if terraform::installed().is_empty() {
        return;
    }
    let files: Vec<PathBuf> = example::files().map(|(_, file)| file).collect();
    let recordings: Vec<Recording> = in_parallel(WORKERS, &files, |file, ()| Recording::of(file))
        .into_iter()
        .zip(&files)
        .map(|(it, file)| it.unwrap_or_else(|error| panic!("{}: {error}", file.display())))
        .collect();
    let cases: Vec<Case<'_>> = recordings.iter().enumerate().flat_map(|(index, it)| it.cases(index)).collect();
    let verdicts = in_parallel(WORKERS, &cases, |case, ()| case.run());
    let failed: Vec<String> = cases
        .iter()
        .zip(&verdicts)
        .filter_map(|(case, verdict)| Some(format!("{}: {}", case.name(), verdict.as_ref().err()?)))
        .collect();
    eprintln!("on real Terraform: {} cases, {} failed", cases.len(), failed.len());
    assert!(cases.len() >= 60, "{}", cases.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
