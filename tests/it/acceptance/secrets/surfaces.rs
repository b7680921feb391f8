//! What runs of Terraform leave behind.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::needles::Needles;
use crate::harness::workspace::Workspace;

/// What a test writes itself: it may hold keys.
const INPUTS: [&str; 4] = ["tf", "tfvars.json", "rc", "yaml"];

/// Bytes by where they were left: a file of the workspace, a part of a saved plan, or what was printed.
#[derive(Default)]
pub(super) struct Surfaces(BTreeMap<String, Vec<u8>>);

impl Surfaces {
    /// Adds what was printed: as JSON for programs, or for people.
    pub(super) fn print(&mut self, arguments: &[&str], text: &str) {
        let name = if arguments.starts_with(&["show", "-json"]) { "show -json" } else { "printed" };
        self.add(name.to_owned(), text.as_bytes());
    }

    /// Adds every file in a workspace that the test did not write; saved plans are unpacked. What stood in a file of the
    /// same name before is kept.
    pub(super) fn take(&mut self, workspace: &Workspace) {
        for name in files(workspace.home()) {
            let path = workspace.home().join(&name);
            if INPUTS.iter().any(|ending| name.ends_with(&format!(".{ending}"))) {
                continue;
            }
            if name.ends_with(".plan") {
                self.unpack(&path, "plan");
            } else {
                self.add(name, &fs::read(path).unwrap());
            }
        }
    }

    /// A saved plan is a ZIP archive.
    fn unpack(&mut self, plan: &Path, name: &str) {
        let folder = TempDir::new().unwrap();
        let unpacked = Command::new("python3").args(["-m", "zipfile", "-e"]).arg(plan).arg(folder.path()).status();
        assert!(unpacked.unwrap().success());
        for part in files(folder.path()) {
            self.add(format!("{name}/{part}"), &fs::read(folder.path().join(part)).unwrap());
        }
    }

    fn add(&mut self, name: String, bytes: &[u8]) {
        let known = self.0.entry(name).or_default();
        // A log only grows.
        let from = if bytes.starts_with(known) { known.len() } else { 0 };
        known.extend(&bytes[from..]);
    }

    /// Where which secrets are found.
    pub(super) fn search(&self, needles: &Needles) -> BTreeSet<(String, String)> {
        let found = |(surface, bytes): (&String, &Vec<u8>)| {
            let names = needles.found_in(bytes);
            names.into_iter().map(|name| (surface.clone(), name.to_owned())).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(found).collect()
    }
}

/// The files in a folder and below, by their paths from there.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            found.extend(files(&entry.path()).into_iter().map(|below| format!("{name}/{below}")));
        } else {
            found.push(name);
        }
    }
    found
}
