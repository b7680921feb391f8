//! What the last run of each target did, as a line for people and a file for programs.

use std::fs;
use std::io::{self, Write};
use std::sync::Mutex;

use serde_json::{Value, json};

use super::root;
use super::settings::Settings;
use super::supervisor::Outcome;

/// Targets end at the same time.
static WRITING: Mutex<()> = Mutex::new(());

/// Puts a target into `target/reports/fuzz.json`, in the place of its run before, and prints its line past the test harness,
/// which would keep it.
pub(super) fn add(name: &'static str, outcome: &Outcome, settings: &Settings) {
    let Outcome { inputs, duration, finding } = outcome;
    let (seconds, findings, seed) = (duration.as_secs_f64(), usize::from(finding.is_some()), settings.seed);
    let line = format!("fuzz {name:<20} {inputs:>10} inputs {seconds:>7.1} s {findings:>3} findings (seed {seed})\n");
    let target = json!({"name": name, "inputs": inputs, "seconds": seconds, "findings": findings, "seed": seed});
    let _writing = WRITING.lock().unwrap();
    write(name, target);
    io::stderr().write_all(line.as_bytes()).unwrap();
}

fn write(name: &str, target: Value) {
    let directory = root().join("target/reports");
    fs::create_dir_all(&directory).unwrap();
    let file = directory.join("fuzz.json");
    let before = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let mut targets = before.and_then(|report| report["targets"].as_array().cloned()).unwrap_or_default();
    targets.retain(|other| other["name"] != name);
    targets.push(target);
    targets.sort_by_key(|target| target["name"].to_string());
    fs::write(file, format!("{:#}\n", json!({"targets": targets}))).unwrap();
}
