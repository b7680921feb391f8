//! `docs/conformance.md` names a test for every item, and every such test exists.

use std::fs;
use std::path::Path;

use super::root;
use crate::architecture::sources;

/// Everything that is called a test's name in the sources: what stands behind `fn `.
fn functions() -> Vec<String> {
    let files = ["src", "tests"].into_iter().flat_map(|folder| sources(&root().join(folder)));
    let texts = files.map(|file| fs::read_to_string(file).unwrap());
    let names = texts.flat_map(|text| text.split("fn ").skip(1).filter_map(name).collect::<Vec<_>>());
    names.collect()
}

fn name(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    Some(text[..end].to_owned())
}

/// The number of a row, and the name that it gives, or the beginning of one.
fn row(line: &str) -> Option<(usize, String)> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let number = cells.next()?.parse().ok()?;
    let named = cells.nth(1)?.split('`').nth(1).unwrap_or_default();
    Some((number, named.trim_end_matches('…').to_owned()))
}

#[test]
fn every_item_of_the_conformance_checklist_has_its_tests() {
    let text = fs::read_to_string(root().join(Path::new("docs/conformance.md"))).unwrap();
    let rows: Vec<_> = text.lines().filter_map(row).collect();
    assert!(rows.iter().map(|(number, _)| *number).eq(1..=rows.len()) && rows.len() == 70, "{rows:?}");
    let functions = functions();
    let lacks = |named: &str| !functions.iter().any(|function| function.starts_with(named));
    let missing: Vec<_> = rows.iter().filter(|(_, named)| lacks(named)).collect();
    assert!(missing.is_empty(), "no test for {missing:?}");
}
