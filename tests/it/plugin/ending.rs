//! How the provider ends.

use std::io;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tcmesh::proto::plugin::Empty;
use tcmesh::proto::tfplugin6::{apply_resource_change, read_resource};
use tokio::time::timeout;

use super::stand_in;
use crate::harness::certificates::Identity;
use crate::harness::plugin::{COOKIE, PATIENCE, Plugin, Process, call, executable};

#[tokio::test]
async fn item_10_an_interrupt_does_not_end_a_managed_plugin() {
    let plugin = Plugin::start().await;
    let connection = plugin.connect().await;
    plugin.process.signal("INT");
    call(&connection).await.unwrap();
    let ended = plugin.shut_down().await;
    assert_eq!(ended.status.code(), Some(0));
}

#[tokio::test]
async fn item_11_a_shutdown_ends_it_within_a_second_with_open_streams() {
    let plugin = Plugin::start().await;
    let connection = plugin.connect().await;
    let mut stdio = connection.stdio().stream_stdio(()).await.unwrap().into_inner();
    let mut broker = connection.broker().start_stream(tokio_stream::pending()).await.unwrap().into_inner();
    let start = Instant::now();
    connection.controller().shutdown(Empty {}).await.unwrap();
    let ended = plugin.process.ended().await;
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!((ended.status.code(), ended.left_behind), (Some(0), vec![]));
    assert!(stdio.message().await.unwrap().is_none());
    assert!(broker.message().await.unwrap().is_none());
}

#[tokio::test]
async fn item_11_a_shutdown_ends_it_within_a_second_with_a_call_that_hangs() {
    let plugin = Plugin::start_command(stand_in::command()).await;
    let connection = plugin.connect().await;
    let mut provider = connection.provider();
    let hanging =
        tokio::spawn(async move { provider.apply_resource_change(apply_resource_change::Request::default()).await });
    call(&connection).await.unwrap();
    let start = Instant::now();
    connection.controller().shutdown(Empty {}).await.unwrap();
    let ended = plugin.process.ended().await;
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!((ended.status.code(), ended.left_behind), (Some(0), vec![]));
    assert!(ended.stdout.contains(stand_in::FAREWELL), "{}", ended.stdout);
    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn item_12_it_ends_when_the_only_client_is_gone() {
    let plugin = Plugin::start().await;
    let connection = plugin.connect().await;
    call(&connection).await.unwrap();
    connection.cut();
    let ended = plugin.process.ended().await;
    assert_eq!((ended.status.code(), ended.left_behind), (Some(0), vec![]));
}

#[tokio::test]
async fn item_13_nothing_but_the_handshake_is_written_to_stdout() {
    let plugin = Plugin::start_with(&[("TF_LOG", "TRACE")]).await;
    call(&plugin.connect().await).await.unwrap();
    let ended = plugin.shut_down().await;
    assert_eq!(ended.stdout, "");
    assert!(!ended.stderr.is_empty());
}

#[tokio::test]
async fn item_13_readers_that_leave_do_not_matter() {
    let mut plugin = Plugin::start_with(&[("TF_LOG", "TRACE")]).await;
    plugin.process.stop_reading();
    assert_eq!(plugin.shut_down().await.status.code(), Some(0));
}

#[tokio::test]
async fn item_13_a_host_that_is_gone_at_the_handshake_is_no_reason_to_panic() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let mut command = executable();
    command.env(COOKIE.0, COOKIE.1).env("PLUGIN_CLIENT_CERT", Identity::generate().pem());
    command.stdin(Stdio::null()).stdout(writer.try_clone().unwrap()).stderr(writer);
    let status = timeout(PATIENCE, command.kill_on_drop(true).status()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(1));
}

#[tokio::test]
async fn sigterm_ends_it_and_leaves_nothing_behind() {
    let plugin = Plugin::start().await;
    plugin.process.signal("TERM");
    let ended = plugin.process.ended().await;
    assert_eq!((ended.status.code(), ended.left_behind), (Some(0), vec![]));
}

#[tokio::test]
async fn item_68_a_panic_that_ends_the_process_is_said_so_that_terraform_shows_it() {
    let mut command = stand_in::command_that_panics();
    command.env(COOKIE.0, COOKIE.1).env("PLUGIN_CLIENT_CERT", Identity::generate().pem());
    let ended = Process::spawn(command).ended().await;
    assert!(!ended.status.success());
    assert!(ended.stderr.lines().any(|line| line == "panic: a stand-in that panics"), "{}", ended.stderr);
}

#[tokio::test]
async fn item_68_a_panic_in_a_call_does_not_look_like_the_end() {
    let mut command = stand_in::command();
    command.env("TF_LOG_PROVIDER_TCMESH", "ERROR");
    let plugin = Plugin::start_command(command).await;
    let panicking = plugin.connect().await;
    assert!(panicking.provider().read_resource(read_resource::Request::default()).await.is_err());
    call(&plugin.connect().await).await.unwrap();
    let ended = plugin.shut_down().await;
    assert!(ended.stderr.contains("a task panicked: a call that panics"), "{}", ended.stderr);
    assert!(!ended.stderr.lines().any(|line| line.starts_with("panic: ")), "{}", ended.stderr);
}
