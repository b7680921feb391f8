//! How the provider starts, and what it says then.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use crate::harness::certificates::Identity;
use crate::harness::plugin::{COOKIE, Plugin, executable, output};

/// Runs the provider with these variables alone, and expects it to refuse; what it wrote to stdout and stderr.
async fn refusal(environment: &[(&str, &str)]) -> (String, String) {
    let mut command = executable();
    command.envs(environment.iter().copied());
    let output = output(command).await;
    assert_eq!(output.status.code(), Some(1));
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

async fn output_of(argument: &str) -> (Option<i32>, String, String) {
    let mut command = executable();
    command.arg(argument);
    let output = output(command).await;
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn item_01_started_by_hand_it_says_what_it_is() {
    let (stdout, stderr) = refusal(&[]).await;
    assert_eq!(stdout, "");
    assert!(stderr.contains("Terraform starts it"), "{stderr}");
    assert!(!stderr.contains("panic"), "{stderr}");
}

#[tokio::test]
async fn item_02_a_wrong_cookie_is_no_cookie() {
    assert_eq!(refusal(&[(COOKIE.0, "d602bf8f")]).await, refusal(&[]).await);
}

#[tokio::test]
async fn item_03_without_a_client_certificate_it_refuses_in_one_line_that_terraform_shows() {
    let (stdout, stderr) = refusal(&[COOKIE]).await;
    assert_eq!(stdout.lines().count(), 1, "{stdout}");
    assert!(stdout.contains("TF_DISABLE_PLUGIN_TLS") && !stdout.contains('|'), "{stdout}");
    assert_eq!(stderr, stdout);
}

#[tokio::test]
async fn item_03_a_client_certificate_that_cannot_be_read_is_no_certificate() {
    let (stdout, _) = refusal(&[COOKIE, ("PLUGIN_CLIENT_CERT", "certificate")]).await;
    assert!(stdout.contains("PLUGIN_CLIENT_CERT") && !stdout.contains('|'), "{stdout}");
}

#[tokio::test]
async fn item_04_the_certificate_is_valid_now_for_localhost_alone() {
    let plugin = Plugin::start().await;
    let mut other_name = plugin.tls();
    other_name.server_name = "localhost.example";
    plugin.tls().connect(&plugin.socket()).await.unwrap();
    let error = other_name.connect(&plugin.socket()).await.unwrap_err();
    assert!(error.to_string().contains("not valid for name"), "{error}");
}

#[tokio::test]
async fn item_05_the_protocol_is_6_whatever_is_offered() {
    assert_eq!(Plugin::start().await.field(2), "6");
    for offered in ["5,6", "6,5", "6", "5", ""] {
        let plugin = Plugin::start_with(&[("PLUGIN_PROTOCOL_VERSIONS", offered)]).await;
        assert_eq!(plugin.field(2), "6", "offered {offered}");
    }
}

#[tokio::test]
async fn item_06_the_handshake_has_six_fields_unless_seven_are_asked_for() {
    let plugin = Plugin::start().await;
    let fields: Vec<_> = plugin.handshake.split('|').collect();
    assert_eq!((fields.len(), fields[0], fields[2], fields[4]), (6, "1", "unix", "grpc"));
    let multiplexing = Plugin::start_with(&[("PLUGIN_MULTIPLEX_GRPC", "true")]).await;
    assert_eq!((multiplexing.handshake.split('|').count(), multiplexing.field(7)), (7, "false"));
}

#[tokio::test]
async fn item_09_the_socket_is_where_the_host_wants_it_and_removed_at_the_end() {
    let chosen = tempfile::tempdir().unwrap();
    let plugin = Plugin::start_with(&[("PLUGIN_UNIX_SOCKET_DIR", chosen.path().to_str().unwrap())]).await;
    assert!(plugin.socket().starts_with(chosen.path()));
    assert_eq!(fs::metadata(plugin.socket().parent().unwrap()).unwrap().mode() & 0o777, 0o700);
    plugin.shut_down().await;
    assert_eq!(chosen.path().read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn item_09_a_group_that_the_host_names_may_connect() {
    let own = fs::metadata("/proc/self").unwrap();
    // Only root can give a file to a group that it is not in.
    let group = if own.uid() == 0 { 12_345 } else { own.gid() };
    let plugin = Plugin::start_with(&[("PLUGIN_UNIX_SOCKET_GROUP", &group.to_string())]).await;
    let socket = fs::metadata(plugin.socket()).unwrap();
    let directory = fs::metadata(plugin.socket().parent().unwrap()).unwrap();
    assert_eq!((socket.gid(), socket.mode() & 0o777), (group, 0o660));
    assert_eq!((directory.gid(), directory.mode() & 0o777), (group, 0o710));
}

#[tokio::test]
async fn item_09_a_group_that_does_not_exist_is_an_error() {
    let certificate = Identity::generate().pem();
    let environment = [COOKIE, ("PLUGIN_CLIENT_CERT", &certificate), ("PLUGIN_UNIX_SOCKET_GROUP", "no-such-group")];
    let (stdout, _) = refusal(&environment).await;
    assert!(stdout.contains("no group `no-such-group`"), "{stdout}");
}

#[tokio::test]
async fn the_version_is_printed() {
    let (code, stdout, _) = output_of("--version").await;
    assert_eq!((code, stdout), (Some(0), format!("terraform-provider-tcmesh {}\n", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn an_unknown_argument_is_named() {
    let (code, stdout, stderr) = output_of("--prot").await;
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("`--prot`"), "{stderr}");
}

/// One start in five must be quick on a machine that is busy with other tests. A build that leaves the CPU jitter
/// entropy in needs more than 50 ms for each.
#[tokio::test]
async fn the_handshake_comes_at_once() {
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        Plugin::start().await;
        fastest = fastest.min(start.elapsed());
    }
    assert!(fastest < Duration::from_millis(25), "{fastest:?}");
}
