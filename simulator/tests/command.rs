//! The binary as scripts use it.
#![allow(clippy::unwrap_used, reason = "where a helper of a test panics, the test fails, as it should")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

fn simulator(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tcmesh-simulator"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    simulator(arguments).output().unwrap()
}

/// A simulator that says on standard output when it is ready.
fn serve(world: &str) -> (Child, Value) {
    let mut child = simulator(&["serve", "--world", world]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

fn end(mut child: Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
}

fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&path);
    path
}

#[test]
fn the_storys_world_is_built_in_and_announced() {
    let (child, ready) = serve("cross-account");
    assert_eq!(ready["accounts"]["a"]["uin"], "100000000001");
    assert_eq!(ready["accounts"]["b"]["app_id"], 1_250_000_002);
    assert!(ready["accounts"]["a"]["secret_id"].as_str().unwrap().starts_with("AKID"));
    let cluster = &ready["clusters"]["cls-mem00003"];
    for (key, value) in [
        ("account", "b"),
        ("name", "cluster3"),
        ("region", "ap-guangzhou"),
        ("vpc_id", "vpc-mem00003"),
        ("kind", "independent"),
        ("network", "gr"),
        ("cluster_cidr", "172.18.0.0/18"),
    ] {
        assert_eq!(cluster[key], value, "{key}");
    }
    let kubeconfig = PathBuf::from(cluster["kubeconfig"].as_str().unwrap());
    assert!(std::fs::read_to_string(&kubeconfig).unwrap().contains("https://127.0.0.1:"));
    let vpc = &ready["vpcs"]["vpc-hub00001"];
    assert_eq!((&vpc["name"], &vpc["cidr"]), (&Value::from("ingress"), &Value::from("10.0.0.0/16")));
    assert_eq!(vpc["subnets"][0]["zone"], "ap-guangzhou-3");
    assert!(ready["dns"].as_str().unwrap().starts_with("127.0.0.1:"));

    let address = ready["endpoint"].as_str().unwrap().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET /_sim/gateways HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("{}"), "{answer}");
    end(child, "-TERM");
    assert!(!kubeconfig.exists());
}

#[test]
fn an_interrupt_ends_it_cleanly_too() {
    let (child, _) = serve("fixed-waits");
    end(child, "-INT");
}

#[test]
fn the_ready_file_appears_whole_and_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let file = scratch("command-ready.json");
    let path = file.to_str().unwrap();
    let child = simulator(&["serve", "--world", "cross-account", "--ready-file", path]).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !file.exists() {
        assert!(Instant::now() < deadline, "no ready file");
        thread::yield_now();
    }
    let ready: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert!(ready["endpoint"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    end(child, "-TERM");
}

#[test]
fn errors_are_for_people() {
    let world = scratch("command-world.yaml");
    std::fs::write(&world, "accounts: { a: { uin: '1', app_id: 1 } }\nsettings: { detatch: both }\n").unwrap();
    let cases = [
        (vec!["serve", "--world", "/nowhere.yaml"], "cannot read the world file \"/nowhere.yaml\""),
        (vec!["serve", "--world", world.to_str().unwrap()], "detatch"),
        (vec!["serve", "--world", "cross-account", "--listen", "192.0.2.1:1"], "cannot listen"),
        (vec!["serve", "--world", "cross-account", "--ready-file", "/nowhere/ready"], "cannot write the ready file"),
    ];
    for (arguments, expected) in cases {
        let output = run(&arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("tcmesh-simulator: ") && said.contains(expected), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn wrong_arguments_and_the_version_are_told() {
    assert_eq!(run(&["serve"]).status.code(), Some(2));
    for (argument, wrong) in [("--listen", "here"), ("--log", "tcmesh_simulator=loud")] {
        let output = run(&["serve", "--world", "cross-account", argument, wrong]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("invalid value '{wrong}' for '{argument}")), "{said}");
    }
    let version = run(&["--version"]);
    assert_eq!(String::from_utf8_lossy(&version.stdout), format!("tcmesh-simulator {}\n", env!("CARGO_PKG_VERSION")));
}
