//! Which room of the sources may use which other one: the table of `docs/architecture.md`, kept by this test.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A module of the crate and the modules that it may use beside itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("cloud", &["redaction", "scope", "wait"]),
    ("dns", &["scope"]),
    ("framework", &["proto", "redaction", "scope"]),
    ("kubernetes", &["redaction", "scope", "wait"]),
    ("plugin", &["proto", "redaction"]),
    ("proto", &[]),
    ("provider", &["cloud", "framework", "kubernetes", "resources", "scope"]),
    ("redaction", &[]),
    ("resources", &["cloud", "dns", "framework", "kubernetes", "scope", "wait"]),
    ("scope", &[]),
    ("wait", &["scope"]),
];

/// The only file that turns errors of the cloud and of clusters into those of Terraform.
const BOTH_SIDES_OF_ERRORS: &str = "src/resources/errors.rs";

/// The source files below a folder.
pub(crate) fn sources(place: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(sources(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The modules that `text` names behind `crate::`, alone or in a group.
fn used(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => found.extend(top_level(group)),
            None => found.extend(first_word(rest)),
        }
    }
    found
}

fn first_word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

/// The first word of each member of a group, whatever is nested in it.
fn top_level(group: &str) -> Vec<String> {
    let (mut depth, mut members, mut current) = (0, Vec::new(), String::new());
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => members.push(std::mem::take(&mut current)),
            _ if depth == 0 => current.push(character),
            _ => {}
        }
    }
    members.push(current);
    members.iter().filter_map(|member| first_word(member.trim())).filter(|word| word != "self").collect()
}

#[test]
fn each_module_uses_only_what_it_may() {
    let modules: BTreeSet<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
    let mut wrong = Vec::new();
    for (module, allowed) in MAY_USE {
        let place = root().join("src").join(module);
        let files = if place.is_dir() { sources(&place) } else { Vec::new() };
        let single = root().join(format!("src/{module}.rs"));
        for file in files.into_iter().chain(single.exists().then_some(single)) {
            if file.components().any(|part| part.as_os_str() == "derive") {
                continue;
            }
            for used in used(&fs::read_to_string(&file).unwrap()) {
                let foreign = modules.contains(used.as_str()) && used != *module && !allowed.contains(&used.as_str());
                if foreign {
                    wrong.push(format!("{} uses `{used}`", file.strip_prefix(root()).unwrap().display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "modules use what they may not (see docs/architecture.md):\n{}", wrong.join("\n"));
}

#[test]
fn each_module_of_the_crate_has_its_rule() {
    let library = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let declared = library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let declared: BTreeSet<&str> = declared.collect();
    assert_eq!(declared, MAY_USE.iter().map(|(module, _)| *module).collect());
}

#[test]
fn only_one_file_knows_both_sides_of_an_error() {
    let converts = |text: &str| {
        text.contains("From<cloud::Error> for Error") || text.contains("From<kubernetes::Error> for Error")
    };
    let found: Vec<String> = sources(&root().join("src"))
        .into_iter()
        .filter(|file| converts(&fs::read_to_string(file).unwrap()))
        .map(|file| file.strip_prefix(root()).unwrap().display().to_string())
        .collect();
    assert_eq!(found, [BOTH_SIDES_OF_ERRORS]);
}

#[test]
fn the_simulator_shares_no_code_with_the_provider() {
    let manifest = fs::read_to_string(root().join("simulator/Cargo.toml")).unwrap();
    assert!(!manifest.contains("terraform-provider-tcmesh =") && !manifest.contains("tcmesh-derive"), "{manifest}");
}

#[test]
fn groups_of_imports_are_read() {
    assert_eq!(
        used("use crate::{cloud::{a, b}, scope}; crate::wait::until()"),
        BTreeSet::from(["cloud", "scope", "wait"].map(Into::into))
    );
}
