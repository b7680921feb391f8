//! What came of the matrix, for people and for machines.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::case::{Case, Verdict};

/// The numbers of some cases.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    cases: usize,
    lost: usize,
    duplicated: usize,
    orphaned: usize,
    other: usize,
}

impl Tally {
    fn add(&mut self, verdict: &Verdict) {
        self.cases += 1;
        self.lost += usize::from(!verdict.lost.is_empty());
        self.duplicated += usize::from(!verdict.duplicated.is_empty());
        self.orphaned += usize::from(!verdict.orphaned.is_empty());
        self.other += usize::from(!verdict.problems.is_empty());
    }

    fn json(self) -> Json {
        let Self { cases, lost, duplicated, orphaned, other } = self;
        json!({"cases": cases, "lost": lost, "duplicated": duplicated, "orphaned": orphaned, "other": other})
    }
}

/// Writes `target/reports/fault-matrix.json` and prints a table.
pub(super) fn write(results: &[(Case<'_>, Verdict)], wall: Duration) {
    let mut all = Tally::default();
    let mut by_resource: BTreeMap<String, Tally> = BTreeMap::new();
    for (case, verdict) in results {
        all.add(verdict);
        by_resource.entry(case.recording.subject.block.type_name.clone()).or_default().add(verdict);
    }
    let mut report = all.json();
    report["wall_s"] = json!(wall.as_secs_f64());
    report["by_resource"] = by_resource.iter().map(|(name, tally)| (name.clone(), tally.json())).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/reports");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("fault-matrix.json"), format!("{report:#}\n")).unwrap();
    eprintln!("{:<34}{:>7}{:>7}{:>12}{:>10}{:>7}", "fault matrix", "cases", "lost", "duplicated", "orphaned", "other");
    for (name, tally) in by_resource.iter().chain([(&format!("all, in {:.1} s", wall.as_secs_f64()), &all)]) {
        let Tally { cases, lost, duplicated, orphaned, other } = tally;
        eprintln!("{name:<34}{cases:>7}{lost:>7}{duplicated:>12}{orphaned:>10}{other:>7}");
    }
}
