//! One case: an operation during which one call fails, and what is right again afterwards.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value as Json;
use tcmesh::framework::schema::Kind;
use tcmesh::framework::value::Value;

use super::example::Subject;
use super::fault::{Call, Fault, Struck};
use super::inventory::Kinds;
use super::mutation::Mutation;
use super::operation::{AMPLE, BEYOND, Done, Limit, Operation, SCARCE, Scene, VAIN};
use super::stage::{Stage, errors};
use super::update::{Change, changes};
use crate::harness::client::{Stored, with};

/// How often a case is run until its fault strikes.
const TRIES: usize = SCARCE.len();

/// Resources that make no object, but change one that is in the state of another: the next create takes on what was done.
const TAKES_PART: [&str; 1] = ["tcmesh_ccn_attachment_accepter"];

/// An operation that was carried out once without a fault.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) subject: Subject,
    pub(super) operation: Operation,
    change: Option<Change>,
    /// The calls that it made; those that only ask the same again are one.
    pub(super) calls: Vec<Call>,
    /// What exists beyond what the subject needs.
    expected: Expected,
}

/// What a clean run leaves.
#[derive(Clone, Debug, Default)]
struct Expected {
    /// After the apply.
    applied: Kinds,
    /// After everything was destroyed: what happens beside it, such as an attachment that its owner has detached.
    destroyed: Kinds,
}

impl Expected {
    /// What should exist after the apply and after the destroy. Where an apply first destroyed what a create had left broken,
    /// what a destroy leaves may be left of that, too.
    fn with_replacement(&self, is_replaced: bool) -> [Wanted<'_>; 2] {
        let left = if is_replaced { &self.destroyed } else { NOTHING };
        [&self.applied, &self.destroyed].map(|kinds| Wanted { kinds, left })
    }
}

static NOTHING: &Kinds = &Kinds::new();

/// What should exist, and what may be left beside it.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    kinds: &'a Kinds,
    left: &'a Kinds,
}

impl Wanted<'_> {
    /// What is there more often, or less often, than it may be.
    fn differences(&self, found: &Kinds) -> Vec<String> {
        let count = |kinds: &Kinds, line: &String| kinds.get(line).copied().unwrap_or_default();
        let lines: BTreeSet<&String> = found.keys().chain(self.kinds.keys()).collect();
        let more = lines.into_iter().map(|line| {
            let (more, left) = (count(found, line) - count(self.kinds, line), count(self.left, line));
            (line, if (left.min(0)..=left.max(0)).contains(&more) { 0 } else { more })
        });
        more.filter(|(_, more)| *more != 0).map(|(line, more)| format!("{more:+} {line}")).collect()
    }
}

/// An operation, one of its calls, and what happens to that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case<'a> {
    pub(super) recording: &'a Recording,
    pub(super) call: &'a Call,
    pub(super) fault: Fault,
    pub(super) mutation: Option<Mutation>,
}

/// What is wrong after a case.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// What exists although the state says that there is nothing, and what vanished from the state.
    pub(super) lost: Vec<String>,
    /// What exists beyond what a clean run makes.
    pub(super) duplicated: Vec<String>,
    /// What exists after everything was destroyed.
    pub(super) orphaned: Vec<String>,
    /// Whatever else is not as it should be.
    pub(super) problems: Vec<String>,
}

impl Verdict {
    /// Of a case whose own code panicked.
    pub(super) fn panicked(text: String) -> Self {
        Self { problems: vec![text], ..Self::default() }
    }

    pub(super) fn is_good(&self) -> bool {
        [&self.lost, &self.duplicated, &self.orphaned, &self.problems].iter().all(|found| found.is_empty())
    }
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Recording { subject, operation, .. } = self.recording;
        write!(formatter, "{} {operation} {} {:?}", subject.block.address(), self.call, self.fault)
    }
}

impl Recording {
    /// Carries out an operation without a fault. An update for which no attribute is found is none.
    pub(super) fn of(subject: &Subject, operation: Operation) -> Option<Self> {
        if operation != Operation::Update {
            return Some(Self::try_of(subject, operation, None).unwrap());
        }
        let tried = planned_changes(subject).into_iter().map(|change| Self::try_of(subject, operation, Some(change)));
        tried.filter_map(Result::ok).find(|recording| !recording.calls.is_empty())
    }

    fn try_of(subject: &Subject, operation: Operation, change: Option<Change>) -> Result<Self, String> {
        let mut scene = Scene::set(&mut None, subject, operation, change.as_ref(), Limit::AMPLE, None);
        let begun = scene.stage.world.calls();
        let done = scene.perform();
        let calls = calls(scene.stage.world.look("journal").as_array().unwrap().get(begun..).unwrap());
        let failed = errors(&done.told);
        if !failed.is_empty() {
            return Err(format!("the operation failed: {failed:?}"));
        }
        let mut verdict = Verdict::default();
        let expected = scene.judge(done, None, None, &mut verdict);
        match verdict.is_good() {
            true => Ok(Self { subject: subject.clone(), operation, change, calls, expected }),
            false => Err(format!("{} {operation} without a fault: {verdict:?}", subject.block.address())),
        }
    }

    /// The cases of the operation, with a safeguard missing or with none.
    pub(super) fn cases(&self, mutation: Option<Mutation>) -> impl Iterator<Item = Case<'_>> {
        let case = move |call, fault| Case { recording: self, call, fault, mutation };
        self.calls.iter().flat_map(move |call| call.faults().map(move |fault| case(call, fault)))
    }
}

/// The changes that can be planned without a new object.
fn planned_changes(subject: &Subject) -> Vec<Change> {
    let mut scene = Scene::set(&mut None, subject, Operation::Update, None, Limit::AMPLE, None);
    let (account, type_name) = (subject.block.account, &subject.block.type_name);
    let terraform = scene.stage.terraform(account);
    let found = changes(&terraform.schema(type_name).body, &scene.config);
    let is_planned = |change: &Change| {
        let config = with(scene.config.clone(), change.attribute, change.value.clone());
        let planned = scene.stage.world.block_on(terraform.plan(type_name, &config, &scene.prior));
        errors(&planned.diagnostics).is_empty() && planned.requires_replace.is_empty()
    };
    found.into_iter().filter(is_planned).collect()
}

/// The calls of a journal. A wait asks the same again and again: that is one call.
pub(super) fn calls(journal: &[Json]) -> Vec<Call> {
    let text = |entry: &Json, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let path = |entry: &Json| text(entry, "path").split('?').next().unwrap_or_default().to_owned();
    let keys = ["service", "action", "cluster", "method"];
    let mut calls = Vec::new();
    for (index, entry) in journal.iter().enumerate() {
        // Faults match a part of the path.
        let matches =
            |other: &&Json| keys.iter().all(|key| other[*key] == entry[*key]) && path(other).contains(&path(entry));
        let earlier: Vec<_> = journal[..index].iter().filter(matches).collect();
        if earlier.iter().any(|other| other["parameters"] == entry["parameters"] && other["path"] == entry["path"]) {
            continue;
        }
        let nth = earlier.len() as u64 + 1;
        calls.push(match text(entry, "service").as_str() {
            "kubernetes" => {
                let [cluster, method] = ["cluster", "method"].map(|key| text(entry, key));
                Call::Kubernetes { cluster, method, path: path(entry), nth }
            }
            service => Call::Cloud { service: service.to_owned(), action: text(entry, "action"), nth },
        });
    }
    calls
}

impl Case<'_> {
    /// Runs the case in a world of its own, or in one that the case before has left as it found it; again where the machine
    /// was so busy that the time of the operation was over before the call that was to fail.
    pub(super) fn run(&self, kept: &mut Option<Stage>) -> Verdict {
        (0..TRIES)
            .find_map(|tries| self.try_run(kept, tries))
            .unwrap_or_else(|| Verdict::panicked("the fault did not strike".to_owned()))
    }

    /// The times of the case: that of the operation is to be over, and nothing ends what is stuck.
    fn limit(&self, tries: usize) -> Limit {
        let operation = if self.fault.is_slow() { SCARCE[tries] } else { AMPLE };
        Limit { operation, afterwards: if self.fault == Fault::Stuck { VAIN } else { AMPLE } }
    }

    fn try_run(&self, kept: &mut Option<Stage>, tries: usize) -> Option<Verdict> {
        let Recording { subject, operation, change, expected, .. } = self.recording;
        let mut scene = Scene::set(kept, subject, *operation, change.as_ref(), self.limit(tries), self.mutation);
        let struck = Struck::by(self.fault, self.call, BEYOND[tries], &scene.stage);
        let done = scene.perform();
        if !struck.end(&scene.stage) {
            return None;
        }
        let mut verdict = Verdict::default();
        scene.judge(done, Some(self.fault), Some(expected), &mut verdict);
        *kept = if verdict.is_good() { scene.into_unchanged() } else { None };
        Some(verdict)
    }
}

impl Scene {
    /// Judges what an operation left, what a clean apply makes of it, and what is left of that after it was destroyed.
    /// Answers what exists after both.
    fn judge(
        &mut self,
        done: Done,
        fault: Option<Fault>,
        expected: Option<&Expected>,
        verdict: &mut Verdict,
    ) -> Expected {
        // A panic before anything could be told leaves nothing in the state: the next apply must find what was made.
        if fault != Some(Fault::Panic) {
            self.check_state(&done, expected, verdict);
        }
        self.stage.run_again();
        let is_replaced =
            self.operation == Operation::Create && !errors(&done.told).is_empty() && !done.stored.state.is_null();
        let stored = match self.converge(done, verdict) {
            Ok(stored) => stored,
            // What is stuck for ever cannot be brought to an end, but must stay in the state.
            Err(failure) if fault == Some(Fault::Stuck) && !failure.stored.state.is_null() => {
                return Expected::default();
            }
            // What ends badly is the object of another resource, which must be made anew.
            Err(_) if self.takes_part() && matches!(fault, Some(Fault::Stuck | Fault::Failed)) => {
                return Expected::default();
            }
            Err(failure) => {
                verdict.problems.push(failure.text);
                return Expected::default();
            }
        };
        let wanted = expected.map(|expected| expected.with_replacement(is_replaced));
        let (applied, duplicated) = self.rest_as(wanted.map(|[applied, _]| applied));
        verdict.duplicated = duplicated;
        if !stored.state.is_null() {
            let ended = succeeded("the deletion in the end", self.apply(&Value::Null, &stored));
            verdict.problems.extend(ended.err().map(|failure| failure.text));
        }
        let (destroyed, orphaned) = self.rest_as(wanted.map(|[_, destroyed]| destroyed));
        verdict.orphaned = orphaned;
        Expected { applied, destroyed }
    }

    fn is_managed(&self) -> bool {
        !matches!(self.stage.subject.block.kind, Kind::DataSource | Kind::Ephemeral)
    }

    fn takes_part(&self) -> bool {
        TAKES_PART.contains(&self.stage.subject.block.type_name.as_str())
    }

    fn check_state(&self, done: &Done, expected: Option<&Expected>, verdict: &mut Verdict) {
        let (true, true, Some(expected)) = (self.is_managed(), done.stored.state.is_null(), expected) else { return };
        let nothing = match self.operation {
            Operation::Create if self.takes_part() => return,
            Operation::Create => NOTHING,
            Operation::Delete => &expected.destroyed,
            Operation::Import => return,
            _ => return verdict.lost.push(format!("vanished from the state: {:?}", done.told)),
        };
        verdict.lost = self.rest_as(Some(Wanted { kinds: nothing, left: NOTHING })).1;
    }

    /// What the next run of Terraform does, if it goes well: a refresh, and an apply of the same configuration.
    fn converge(&mut self, done: Done, verdict: &mut Verdict) -> Result<Stored, Box<Failure>> {
        let is_tainted = self.operation == Operation::Create && !errors(&done.told).is_empty();
        if !self.is_managed() {
            let again = self.perform_again();
            return succeeded("the operation once more", (again.stored, again.told));
        }
        let mut stored = self.unhurried(done.stored);
        if stored.state.is_null() && self.operation == Operation::Import {
            let again = self.perform_again();
            stored = succeeded("the import once more", (again.stored, again.told))?;
        }
        if !stored.state.is_null() {
            stored = succeeded("the refresh", self.refresh(&stored))?;
            if stored.state.is_null() && !matches!(self.operation, Operation::Delete | Operation::Create) {
                verdict.lost.push("vanished from the state in the refresh".to_owned());
            }
        }
        if !stored.state.is_null() && (is_tainted || self.operation == Operation::Delete) {
            stored = succeeded("the deletion", self.apply(&Value::Null, &stored))?;
        }
        if self.operation == Operation::Delete {
            return Ok(stored);
        }
        let config = self.config.clone();
        let applied = succeeded("the apply", self.apply(&config, &stored))?;
        verdict
            .problems
            .extend((!self.is_settled(&applied)).then(|| "the plan after the apply is not empty".to_owned()));
        Ok(applied)
    }

    /// What exists when the world has come to rest, and what of it is not as it should be.
    fn rest_as(&self, wanted: Option<Wanted<'_>>) -> (Kinds, Vec<String>) {
        let differences = |found: &Kinds| wanted.map_or_else(Vec::new, |wanted| wanted.differences(found));
        let found = match wanted {
            Some(_) => self.stage.rests_when(&self.absent, |found| differences(found).is_empty()),
            None => self.stage.rests(&self.absent),
        };
        let differences = differences(&found);
        (found, differences)
    }
}

/// What is there more often, or less often, than it should be.
pub(super) fn differences(found: &Kinds, expected: &Kinds) -> Vec<String> {
    Wanted { kinds: expected, left: NOTHING }.differences(found)
}

/// A step that should have succeeded, and the state after it.
struct Failure {
    text: String,
    stored: Stored,
}

fn succeeded(what: &str, (stored, told): (Stored, Vec<String>)) -> Result<Stored, Box<Failure>> {
    let errors = errors(&told);
    if errors.is_empty() {
        Ok(stored)
    } else {
        Err(Box::new(Failure { text: format!("{what} failed: {errors:?}"), stored }))
    }
}
