//! The provider as a process of its own that Terraform is pointed at.

use serde_json::Value;
use tokio::net::UnixStream;

use crate::harness::connection::{Connection, Failure};
use crate::harness::plugin::{Process, call, executable};

const VARIABLE: &str = "TF_REATTACH_PROVIDERS=";

/// Starts the provider, and reads what it prints as a shell and Terraform would.
async fn start() -> (Process, Value) {
    let mut command = executable();
    command.arg("--debug");
    let mut process = Process::spawn(command);
    let line = process.line(VARIABLE).await;
    let json = line.strip_prefix(VARIABLE).and_then(|value| value.strip_prefix('\'')?.strip_suffix('\'')).unwrap();
    let plugin = serde_json::from_str::<Value>(json).unwrap()["registry.terraform.io/tcmesh/tcmesh"].take();
    (process, plugin)
}

/// What one Terraform run does at least.
async fn run(plugin: &Value) -> Result<(), Failure> {
    let socket = plugin["Addr"]["String"].as_str().unwrap();
    let connection = Connection::over(UnixStream::connect(socket).await?).await?;
    call(&connection).await?;
    connection.cut();
    Ok(())
}

#[tokio::test]
async fn item_15_the_variable_has_what_terraform_needs() {
    let (process, plugin) = start().await;
    assert_eq!((&plugin["Protocol"], &plugin["ProtocolVersion"]), (&"grpc".into(), &6.into()));
    assert_eq!((&plugin["Test"], &plugin["Addr"]["Network"]), (&true.into(), &"unix".into()));
    assert_eq!(plugin["Pid"], process.id());
}

#[tokio::test]
async fn item_15_it_survives_many_runs() {
    let (mut process, plugin) = start().await;
    for _ in 0..3 {
        run(&plugin).await.unwrap();
    }
    assert!(process.is_running());
}

#[tokio::test]
async fn item_10_an_interrupt_ends_it() {
    let (process, plugin) = start().await;
    run(&plugin).await.unwrap();
    process.signal("INT");
    let ended = process.ended().await;
    assert_eq!((ended.status.code(), ended.left_behind), (Some(0), vec![]));
}
