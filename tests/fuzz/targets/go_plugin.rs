//! What a host hands to the plugin's process, and what comes in at its socket.
//!
//! An input is lines `NAME=value` of the environment, an empty line, and what is sent to the socket.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::engine::{Taker, Target, run};

const TARGET: Target = Target {
    name: "go_plugin",
    test: concat!(module_path!(), "::survives"),
    tokens: &[
        "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2\n",
        "PLUGIN_CLIENT_CERT=",
        "-----BEGIN CERTIFICATE-----",
        "-----END CERTIFICATE-----",
        "-----BEGIN PRIVATE KEY-----",
        "PLUGIN_MULTIPLEX_GRPC=true\n",
        "PLUGIN_UNIX_SOCKET_DIR=",
        "PLUGIN_UNIX_SOCKET_GROUP=0\n",
        "TMPDIR=",
        "TF_LOG=TRACE\n",
        "TF_LOG_PROVIDER=JSON\n",
        "PLUGIN_MIN_PORT=1\n",
        "PLUGIN_PROTOCOL_VERSIONS=5\n",
        "/",
        "../",
        "\n\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
    ],
    start,
};

#[test]
fn survives() {
    run(&TARGET);
}

fn start() -> Taker {
    let directory = TempDir::new().unwrap();
    Box::new(move |input| {
        let split = input.windows(2).position(|part| part == b"\n\n").unwrap_or(input.len());
        let (environment, sent) = (&input[..split], input.get(split + 2..).unwrap_or_default());
        let outcome = play(environment, sent, directory.path());
        let left: Vec<_> = directory.path().read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "left behind: {left:?}");
        outcome
    })
}

fn play(environment: &[u8], sent: &[u8], directory: &Path) -> String {
    let mut child = spawn(environment, directory);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = Vec::new();
    stdout.read_until(b'\n', &mut first).unwrap();
    let first = String::from_utf8_lossy(&first).into_owned();
    let announced = first.starts_with("1|");
    if announced {
        visit(&first, sent);
        assert_eq!(child.try_wait().unwrap(), None, "a stranger can end the plugin");
        terminate(&child);
    }
    let (code, said) = ending(&mut child);
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(code, Some(i32::from(!announced)), "{first}{said}");
    assert!(announced || !said.is_empty(), "it ended without a word");
    if announced { format!("served {}", first.matches('|').count()) } else { said }
}

/// Starts the program with this environment. Its sockets are in `directory`, unless the input says otherwise.
fn spawn(environment: &[u8], directory: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-tcmesh"));
    command.env_clear().env("TMPDIR", directory);
    for line in environment.split(|byte| *byte == b'\n').filter(|line| !line.contains(&0)) {
        let mut parts = line.splitn(2, |byte| *byte == b'=');
        let (Some(name), Some(value)) = (parts.next().filter(|name| !name.is_empty()), parts.next()) else { continue };
        // In a certificate the lines' ends are written as `\n`, so that it is one line here.
        let value = String::from_utf8_lossy(value).replace("\\n", "\n").into_bytes();
        let value = if std::str::from_utf8(line).is_ok() { value } else { line[name.len() + 1..].to_vec() };
        command.env(OsStr::from_bytes(name), OsStr::from_bytes(&value));
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Connects to the socket of the handshake as a stranger would, sends what there is, and leaves.
fn visit(handshake: &str, sent: &[u8]) {
    let fields: Vec<&str> = handshake.trim_end().split('|').collect();
    assert!([6, 7].contains(&fields.len()) && fields[..3] == ["1", "6", "unix"] && fields[4] == "grpc", "{handshake}");
    let socket = Path::new(fields[3]);
    let mode = fs::metadata(socket.parent().unwrap()).unwrap().permissions().mode();
    assert_eq!(mode & 0o007, 0, "others can enter the directory");
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    // The plugin may have had enough before everything is sent.
    let _ = stream.write_all(sent);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.read_to_end(&mut Vec::new());
}

fn terminate(child: &Child) {
    let kill = Command::new("sh").args(["-c", &format!("kill -TERM {}", child.id())]).status();
    assert!(kill.unwrap().success());
}

fn ending(child: &mut Child) -> (Option<i32>, String) {
    let mut said = Vec::new();
    child.stderr.take().unwrap().read_to_end(&mut said).unwrap();
    (child.wait().unwrap().code(), String::from_utf8_lossy(&said).into_owned())
}
