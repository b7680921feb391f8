//! A fuzzing engine without instrumentation.
//!
//! Each target runs in a process of its own, under limits of memory and stack, so that an abort is a finding like any
//! other. Inputs are mutations of the corpus; one whose outcome has not been seen before joins it for the run.

mod mutate;
mod random;
mod report;
mod settings;
mod supervisor;
mod worker;

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

use settings::Settings;
pub(crate) use worker::processor_time;

/// The longest input, in bytes.
pub(crate) const MAX_INPUT: usize = 64 << 10;

/// Something that takes bytes of others.
pub(crate) struct Target {
    /// Its name: that of its corpus and of its findings.
    pub(crate) name: &'static str,
    /// The path of the test that runs it, with the crate's name.
    pub(crate) test: &'static str,
    /// Texts that mean something to it.
    pub(crate) tokens: &'static [&'static str],
    /// Makes what takes the inputs. It runs in the target's own process.
    pub(crate) start: fn() -> Taker,
}

/// Takes one input and tells what became of it, for people: inputs are kept whose outcome has a new shape. It panics where
/// a promise is broken.
pub(crate) type Taker = Box<dyn FnMut(&[u8]) -> String>;

/// Runs a target for as long as the environment says, in a process of its own.
///
/// # Panics
/// With what was found, and where the input is.
pub(crate) fn run(target: &'static Target) {
    let settings = Settings::of_environment();
    if let Some(current) = &settings.current {
        return worker::work(target, &settings, current);
    }
    let outcome = supervisor::supervise(target, &settings);
    report::add(target.name, &outcome, &settings);
    if let Some(finding) = outcome.finding {
        panic!("{finding}");
    }
}

/// What the supervisor finds in a target that is known to break; nothing in the target's own process.
pub(crate) fn finding_of(target: &'static Target) -> Option<String> {
    let settings = Settings::of_environment();
    if let Some(current) = &settings.current {
        worker::work(target, &settings, current);
        return None;
    }
    Some(supervisor::supervise(target, &settings).finding.expect("the planted fault was not found"))
}

/// The inputs that are checked in, in the order of their names.
fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let directory = root().join("tests/fuzz/corpus").join(target.name);
    let mut files: Vec<PathBuf> = match fs::read_dir(&directory) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => Vec::new(),
    };
    files.sort();
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Where a target keeps what belongs to its runs.
fn directory(target: &Target) -> PathBuf {
    let directory = root().join("target/fuzz").join(target.name);
    fs::create_dir_all(&directory).unwrap();
    directory
}

/// A short name of something.
fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
