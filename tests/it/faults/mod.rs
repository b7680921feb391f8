//! The fault matrix: every call of every operation fails in every way, once each, and nothing is lost.
//!
//! Nothing is listed by hand. The subjects are the blocks of the examples; each of their operations is carried out once
//! without a fault, and the calls in the simulator's journal are the calls that fail: the cases are the product of
//! operations, calls and faults. Each case has a world of its own, whose steps take no time, with the provider in the same
//! process. Time is real: calls go over real sockets, past which a paused clock would jump. So cases run many at once, and
//! what waits for a time to be over waits for a second.
//!
//! After each case: what exists is in the state; the next run of Terraform makes exactly what a clean run makes; nothing
//! is left when that is destroyed. `TCMESH_CASES=text` runs the cases with this text in their name, `TCMESH_CASES=` all of
//! them; without it, all run but those of one resource, each of which takes seconds.

mod case;
mod example;
mod fault;
mod inventory;
mod mutation;
mod operation;
mod parallel;
mod report;
mod sample;
mod stage;
mod update;

use std::collections::BTreeSet;
use std::env;
use std::time::Instant;

use self::case::{Case, Recording, Verdict};
use self::example::Subject;
use self::fault::Fault;
use self::mutation::Mutation;
use self::operation::Operation;
use self::parallel::in_parallel;

/// The resource that is not in every run of the tests: what it begins, a cluster carries out in its own time.
const SLOW: &str = "tcmesh_tdcc_agent.";

/// How many cases run at once: most of their time they wait.
const WORKERS: usize = 64;

/// The operations, as they go without a fault, whose name is one that is wanted, and those that do not even go so.
fn record(is_wanted: impl Fn(&str) -> bool) -> (Vec<Recording>, Vec<String>) {
    let subjects = example::subjects();
    let operations =
        subjects.iter().flat_map(|subject| Operation::of(subject.block.kind).iter().map(move |it| (subject, *it)));
    let name = |(subject, operation): &(&Subject, Operation)| format!("{} {operation}", subject.block.address());
    let operations: Vec<_> = operations.filter(|operation| is_wanted(&name(operation))).collect();
    let recorded = in_parallel(WORKERS, &operations, |(subject, operation), ()| Recording::of(subject, *operation));
    let (mut recordings, mut failed) = (Vec::new(), Vec::new());
    for ((subject, operation), recorded) in operations.iter().zip(recorded) {
        match recorded {
            Ok(Some(recording)) => recordings.push(recording),
            Ok(None) => eprintln!("{} has no {operation}", subject.block.address()),
            Err(problem) => failed.push(format!("{} {operation}: {problem}", subject.block.address())),
        }
    }
    (recordings, failed)
}

/// Runs cases, many at once.
fn run<'a>(cases: &[Case<'a>]) -> Vec<(Case<'a>, Verdict)> {
    let verdicts =
        in_parallel(WORKERS, cases, Case::run).into_iter().map(|verdict| verdict.unwrap_or_else(Verdict::panicked));
    cases.iter().copied().zip(verdicts).collect()
}

#[test]
fn nothing_is_lost_duplicated_or_orphaned_whichever_call_fails() {
    let begun = Instant::now();
    let wanted = env::var("TCMESH_CASES").ok();
    let is_wanted = |name: &str| wanted.as_ref().map_or(!name.starts_with(SLOW), |wanted| name.contains(wanted));
    // The name of a case begins with that of its operation.
    let may_be =
        |operation: &str| is_wanted(operation) || wanted.as_ref().is_some_and(|wanted| wanted.starts_with(operation));
    let (recordings, mut failed) = record(may_be);
    eprintln!("recorded in {:.1} s", begun.elapsed().as_secs_f64());
    let cases = recordings.iter().flat_map(|recording| recording.cases(None));
    let mut cases: Vec<_> = cases.filter(|case| is_wanted(&case.to_string())).collect();
    cases.sort_by_key(|case| !case.fault.may_last());
    let names: BTreeSet<String> = cases.iter().map(Case::to_string).collect();
    assert_eq!(names.len(), cases.len(), "a case is there twice");
    let results = run(&cases);
    report::write(&results, begun.elapsed());
    failed.extend(
        results.iter().filter(|(_, verdict)| !verdict.is_good()).map(|(case, verdict)| format!("{case}: {verdict:#?}")),
    );
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

/// The faults that the matrix objects to when a safeguard is missing, in the cases of an operation.
fn objections(operation: &str, mutation: Mutation) -> BTreeSet<Fault> {
    let (recordings, failed) = record(|name| name == operation);
    assert_eq!(failed, [""; 0]);
    let cases: Vec<_> = recordings.iter().flat_map(|recording| recording.cases(Some(mutation))).collect();
    let results = run(&cases);
    results.iter().filter(|(_, verdict)| !verdict.is_good()).map(|(case, _)| case.fault).collect()
}

#[test]
fn without_the_ids_of_what_failed_the_matrix_fails() {
    let objections = objections("tcmesh_ccn.main Create", Mutation::IdsForgotten);
    assert_eq!(objections, BTreeSet::from([Fault::Refused, Fault::Hang, Fault::Stop, Fault::Panic]));
}

#[test]
fn without_marks_the_matrix_fails() {
    let objections = objections("tcmesh_ccn.main Create", Mutation::MarksRemoved);
    assert_eq!(objections, BTreeSet::from([Fault::ErrorAfter, Fault::ReplyLost]));
}

#[test]
fn with_every_refusal_taken_for_not_found_the_matrix_fails() {
    let objections = objections("tcmesh_ccn.main Read", Mutation::RefusalsAsNotFound);
    assert_eq!(objections, BTreeSet::from([Fault::Refused]));
}
