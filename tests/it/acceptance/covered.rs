//! Every type that the provider offers has its acceptance test, which its name says.

use std::env;
use std::process::Command;

use tcmesh::framework::schema::Kind;
use tcmesh::provider;
use tcmesh::scope::StopSwitch;

/// The acceptance tests of this program, by their names without modules.
fn tests() -> Vec<String> {
    let output = Command::new(env::current_exe().unwrap()).args(["--list", "acceptance::"]).output().unwrap();
    let names = String::from_utf8(output.stdout).unwrap();
    names.lines().filter_map(|line| line.strip_suffix(": test")?.rsplit("::").next().map(str::to_owned)).collect()
}

/// How the name of the test of a type begins; resources have to pass the shared suite.
fn beginning(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Resource => format!("tcmesh_{name}_passes_the_shared_suite"),
        Kind::DataSource => format!("data_tcmesh_{name}_tells_"),
        _ => format!("ephemeral_tcmesh_{name}_"),
    }
}

#[test]
fn every_type_has_its_acceptance_test() {
    let (server, tests) = (provider::server(StopSwitch::default()), tests());
    let expected = server.registry().schemas().map(|(kind, name, _)| beginning(kind, name));
    let missing: Vec<_> = expected.filter(|begin| !tests.iter().any(|test| test.starts_with(begin.as_str()))).collect();
    assert!(missing.is_empty(), "no acceptance test has a name that begins like this: {missing:#?}");
}
