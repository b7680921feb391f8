//! Configurations with one mistake: one error each, at the line of the attribute concerned, that says what was expected.

mod forms;
mod provider;
mod reached;

use std::path::Path;

use serde_json::Value;

use crate::harness::terraform;
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

/// An error as Terraform shows it.
#[derive(Debug)]
struct Told {
    /// Its first line.
    summary: String,
    /// What follows.
    detail: String,
    /// The block that it is shown in, for example `resource "tcmesh_ccn" "main"`.
    block: String,
    /// The line that it is shown at; the block's first line where it is about the whole block.
    line: String,
}

impl Told {
    fn of(diagnostic: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
        let (snippet, [summary, detail]) = (&diagnostic["snippet"], ["summary", "detail"].map(|key| &diagnostic[key]));
        Self {
            summary: text(summary),
            detail: text(detail),
            block: text(&snippet["context"]),
            line: text(&snippet["code"]),
        }
    }

    /// Whether it is shown at the line that sets `attribute`, or begins the block of that name, and says `expected`.
    fn is_at(&self, attribute: &str, expected: &str) -> bool {
        self.line.split([' ', '=', '{']).next() == Some(attribute) && self.says(expected)
    }

    fn says(&self, expected: &str) -> bool {
        self.summary.contains(expected) || self.detail.contains(expected)
    }
}

/// Runs `validate`, `plan` or `apply`, which must fail; answers the errors it shows.
fn errors(workspace: &Workspace, arguments: &[&str]) -> Vec<Told> {
    let text = workspace.fails(&[arguments, &["-json"]].concat());
    let values: Vec<Value> = serde_json::Deserializer::from_str(&text[text.find('{').unwrap()..])
        .into_iter()
        .map_while(Result::ok)
        .collect();
    // `validate` writes one object with a list, the others a line for each event.
    let listed = values.iter().flat_map(|value| value["diagnostics"].as_array().cloned().unwrap_or_default());
    let streamed = values.iter().map(|value| value["diagnostic"].clone()).filter(Value::is_object);
    let all = listed.chain(streamed).filter(|diagnostic| diagnostic["severity"] == "error");
    all.map(|diagnostic| Told::of(&diagnostic)).collect()
}

/// The only error of a run.
fn error(workspace: &Workspace, arguments: &[&str]) -> Told {
    let mut found = errors(workspace, arguments);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

/// Runs a scenario on every Terraform, each in a world of its own.
fn everywhere(description: &str, scenario: impl Fn(&World, &Workspace)) {
    for terraform in terraform::installed() {
        let world = World::with(description);
        scenario(&world, &Workspace::new(terraform, &world));
    }
}

/// A path in a form that configurations can hold.
fn quoted(path: &Path) -> String {
    Value::from(path.to_str().unwrap()).to_string()
}

/// An address where nobody listens.
fn closed_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
