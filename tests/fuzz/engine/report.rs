//! What a run did, as a line for people and a file for programs.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::sync::Mutex;

use serde_json::{Value, json};

use super::root;
use super::settings::Settings;
use super::supervisor::Outcome;

/// The targets that this run has been through.
static TARGETS: Mutex<BTreeMap<&str, Value>> = Mutex::new(BTreeMap::new());

/// Adds a target to `target/reports/fuzz.json`, and prints its line past the test harness, which would keep it.
pub(super) fn add(name: &'static str, outcome: &Outcome, settings: &Settings) {
    let Outcome { inputs, duration, finding } = outcome;
    let (seconds, findings, seed) = (duration.as_secs_f64(), usize::from(finding.is_some()), settings.seed);
    let mut targets = TARGETS.lock().unwrap();
    targets.insert(name, json!({"name": name, "inputs": inputs, "seconds": seconds, "findings": findings}));
    let report = json!({"seed": seed, "targets": targets.values().collect::<Vec<_>>()});
    let directory = root().join("target/reports");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("fuzz.json"), format!("{report:#}\n")).unwrap();
    let line = format!("fuzz {name:<20} {inputs:>10} inputs {seconds:>7.1} s {findings:>3} findings (seed {seed})\n");
    io::stderr().write_all(line.as_bytes()).unwrap();
}
