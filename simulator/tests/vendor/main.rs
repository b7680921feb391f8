//! The simulator judged by the vendor's own Python SDK. Where that cannot be had, the test says that it did not run.
#![allow(clippy::unwrap_used, reason = "where a helper of a test panics, the test fails, as it should")]

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use tcmesh_simulator::world::World;
use tcmesh_simulator::{Options, Simulator};

/// The packages, at the versions whose models the simulator was written after.
const PACKAGES: [&str; 9] = [
    "tencentcloud-sdk-python-common==3.1.195",
    "tencentcloud-sdk-python-vpc==3.1.193",
    "tencentcloud-sdk-python-tke==3.1.193",
    "tencentcloud-sdk-python-clb==3.1.194",
    "tencentcloud-sdk-python-dnspod==3.1.130",
    "tencentcloud-sdk-python-cam==3.1.181",
    "tencentcloud-sdk-python-tag==3.1.109",
    "tencentcloud-sdk-python-tcm==3.0.1459",
    "tencentcloud-sdk-python-sts==3.0.1459",
];

#[tokio::test]
async fn the_vendors_sdk_drives_the_cross_account_network() {
    let python = match sdk(Path::new(env!("CARGO_TARGET_TMPDIR"))) {
        Ok(python) => python,
        Err(reason) => return say(&format!("not run: the vendor's SDK cannot be had: {reason}")),
    };
    let text = "extends: cross-account\nclock: { mode: explicit }\nwaits: { default: 2s }";
    let handle = Simulator::start(World::parse(text).unwrap(), Options::default()).await.unwrap();
    let ready = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vendor-ready.json");
    std::fs::write(&ready, serde_json::to_string(&handle.ready()).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendor/cross_account.py");
    let run = move || Command::new(python).arg(script).arg(ready).output();
    let output = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    say(&format!("the vendor's SDK: {}", said.trim()));
}

/// The Python of a virtual environment with the SDK, made once and kept.
fn sdk(directory: &Path) -> Result<PathBuf, String> {
    let environment = directory.join("vendor-sdk");
    let python = environment.join("bin/python");
    let complete = environment.join("complete");
    if complete.exists() {
        return Ok(python);
    }
    succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    succeed(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--no-input"]).args(PACKAGES))?;
    std::fs::write(complete, "").map_err(|error| error.to_string())?;
    Ok(python)
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().last().unwrap_or("it failed without a word").to_owned())
}

/// Past the capture of the test harness, so that it is seen when the test passes too.
fn say(text: &str) {
    io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}
