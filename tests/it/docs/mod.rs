//! The pages in `docs/` are written from the schema and the examples. `make docs` writes them; the test fails where they
//! are stale.

mod conformance;
mod page;
mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tcmesh::framework::schema::Kind;
use tcmesh::provider;
use tcmesh::scope::StopSwitch;

/// The folders whose pages are all generated.
const GENERATED: &[&str] = &["resources", "data-sources", "ephemeral-resources"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page by its path below `docs/`.
fn pages() -> BTreeMap<PathBuf, String> {
    let server = provider::server(StopSwitch::default());
    let mut pages = BTreeMap::from([(PathBuf::from("index.md"), page::index(server.schema()))]);
    for (kind, name, schema) in server.registry().schemas() {
        let folder = match kind {
            Kind::Resource => "resources",
            Kind::DataSource => "data-sources",
            _ => "ephemeral-resources",
        };
        pages.insert(Path::new(folder).join(format!("{name}.md")), page::of(kind, name, schema));
    }
    pages
}

/// The generated pages that are there now.
fn present() -> Vec<PathBuf> {
    let folders = GENERATED.iter().filter_map(|folder| fs::read_dir(root().join("docs").join(folder)).ok());
    let files = folders.flatten().map(|entry| entry.unwrap().path());
    files.map(|file| file.strip_prefix(root().join("docs")).unwrap().to_owned()).collect()
}

fn write(pages: &BTreeMap<PathBuf, String>) {
    for folder in GENERATED {
        let _ = fs::remove_dir_all(root().join("docs").join(folder));
        fs::create_dir_all(root().join("docs").join(folder)).unwrap();
    }
    for (path, text) in pages {
        fs::write(root().join("docs").join(path), text).unwrap();
    }
}

#[test]
fn the_pages_are_up_to_date() {
    let pages = pages();
    if std::env::var("TCMESH_DOCS").is_ok_and(|mode| mode == "write") {
        write(&pages);
    }
    let stale = pages
        .iter()
        .filter(|(path, text)| fs::read_to_string(root().join("docs").join(path)).ok().as_ref() != Some(text));
    let mut wrong: Vec<String> = stale.map(|(path, _)| format!("docs/{} is stale", path.display())).collect();
    let extra = present().into_iter().filter(|path| !pages.contains_key(path));
    wrong.extend(extra.map(|path| format!("docs/{} is of nothing that the provider has", path.display())));
    assert!(wrong.is_empty(), "{}\nrun `make docs`", wrong.join("\n"));
}

#[test]
fn every_attribute_is_described_with_an_example_or_a_link() {
    let server = provider::server(StopSwitch::default());
    let bodies = server.registry().schemas().map(|(_, name, schema)| (name, &schema.body));
    let missing: Vec<String> = bodies.flat_map(|(name, body)| schema::undescribed(name, body)).collect();
    assert!(missing.is_empty(), "no description:\n{}", missing.join("\n"));
}

#[test]
fn every_type_has_an_example() {
    let server = provider::server(StopSwitch::default());
    let files = server.registry().schemas().map(|(kind, name, _)| page::example_file(kind, name));
    let missing: Vec<String> = files.filter(|file| !root().join(file).exists()).collect();
    assert!(missing.is_empty(), "no example:\n{}", missing.join("\n"));
}

#[test]
fn the_schemas_break_no_rule_of_terraform() {
    assert_eq!(provider::server(StopSwitch::default()).schema_problems(), Vec::<String>::new());
}

#[test]
fn a_changed_schema_is_a_reviewed_difference() {
    let server = provider::server(StopSwitch::default());
    let mut all = BTreeMap::from([("provider".to_owned(), schema::outline(&server.schema().body))]);
    for (kind, name, schema) in server.registry().schemas() {
        all.insert(format!("{kind:?} {name}"), schema::outline(&schema.body));
    }
    insta::assert_json_snapshot!("schema", all);
}
