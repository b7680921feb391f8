//! What the cloud, or whatever stands before it, answers to the provider.
//!
//! An input is one byte that chooses the action, and an answer: a body, or after `!` a whole HTTP response.

use std::error::Error as _;
use std::fmt::Debug;
use std::iter;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tcmesh::cloud::action::Action;
use tcmesh::cloud::api::{clb, dnspod, sts, tcm, tdcc, tke, vpc};
use tcmesh::cloud::credentials::{self, Arguments, Environment, Secret};
use tcmesh::cloud::endpoint::Endpoints;
use tcmesh::cloud::{Client, Error, Options};
use tcmesh::scope::Scope;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use super::CANARY;
use crate::engine::{Taker, Target, run};

/// The key that the client signs with.
const KEY: &str = "key-that-nobody-may-see";

const TARGET: Target = Target {
    name: "api_response",
    test: concat!(module_path!(), "::survives"),
    tokens: &[
        CANARY,
        "{\"Response\":",
        "\"Error\":{\"Code\":\"InternalError\",\"Message\":\"m\"}",
        "\"RequestId\":\"r\"",
        "null",
        "\"TotalCount\":",
        "\"Kubeconfig\":",
        "\"canary-7c1f, expected canary-7c1f\"",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 302 Found\r\nLocation: /\r\n",
        "Content-Length: 18446744073709551615\r\n",
        "Transfer-Encoding: chunked\r\n",
        "ffffffffffffffff\r\n",
        "Content-Encoding: gzip\r\n",
        "\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/2 200\r\n",
        "<html>",
        "!",
        "[]",
        "{}",
        "true",
        "\"\"",
    ],
    start,
};

#[test]
fn survives() {
    run(&TARGET);
}

fn start() -> Taker {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = Arc::new(Mutex::new(Vec::new()));
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(serve(listener, Arc::clone(&answer)));
    let client = client(format!("http://{address}"));
    Box::new(move |input| {
        let [chosen, body @ ..] = input else { return String::new() };
        *answer.lock().unwrap() = response(body);
        let outcome = call(&runtime, &client, *chosen);
        format!("{} {outcome}", char::from(b'a' + chosen % 26))
    })
}

fn client(endpoint: String) -> Client {
    let arguments = Arguments {
        secret_id: Some("AKIDexample".into()),
        secret_key: Some(Secret::from(KEY)),
        ..Arguments::default()
    };
    let keys = credentials::resolve(&arguments, &Environment::default()).unwrap();
    let endpoints = Endpoints { all: Some(endpoint), ..Endpoints::default() };
    let options = Options::new(keys, "ap-guangzhou");
    Client::new(Options { endpoints, max_retries: 0, requests_per_second: 1_000_000, ..options }).unwrap()
}

fn response(body: &[u8]) -> Vec<u8> {
    match body.strip_prefix(b"!") {
        Some(response) => response.to_vec(),
        None => [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat(),
    }
}

async fn serve(listener: TcpListener, answer: Arc<Mutex<Vec<u8>>>) {
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    while let Ok((stream, _)) = listener.accept().await {
        let answer = answer.lock().unwrap().clone();
        // A client that closes early has read enough.
        let _ = respond(stream, &answer).await;
    }
}

/// Reads a request, whose body is short and ends with a brace, and answers it.
async fn respond(mut stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"}") && stream.read_buf(&mut request).await? > 0 {}
    stream.write_all(answer).await?;
    stream.shutdown().await
}

fn call(runtime: &Runtime, client: &Client, chosen: u8) -> String {
    match chosen.wrapping_sub(b'a') % 16 {
        0 => sent(runtime, client, &vpc::DescribeCcns::default()),
        1 => sent(runtime, client, &vpc::DescribeCcnAttachedInstances::default()),
        2 => sent(runtime, client, &vpc::DescribeRouteTables::default()),
        3 => sent(runtime, client, &vpc::CreateCcn::default()),
        4 => sent(runtime, client, &tcm::DescribeMesh::default()),
        5 => sent(runtime, client, &tcm::DescribeMeshList::default()),
        6 => sent(runtime, client, &tcm::DescribeAccessLogConfig::default()),
        7 => sent(runtime, client, &tke::DescribeClusters::default()),
        8 => sent(runtime, client, &tke::DescribeClusterKubeconfig::default()),
        9 => sent(runtime, client, &tke::DescribeClusterEndpoints::default()),
        10 => sent(runtime, client, &tke::DescribeEKSClusterCredential::default()),
        11 => sent(runtime, client, &clb::DescribeLoadBalancers::default()),
        12 => sent(runtime, client, &dnspod::DescribeRecordList::default()),
        13 => sent(runtime, client, &tdcc::DescribeExternalClusters::default()),
        14 => sent(runtime, client, &tdcc::DescribeExternalClusterCredential::default()),
        _ => sent(runtime, client, &sts::AssumeRole::default()),
    }
}

fn sent<A: Action<Response: Debug>>(runtime: &Runtime, client: &Client, action: &A) -> String {
    let scope = Scope::unstopped(Duration::from_secs(5));
    match runtime.block_on(client.send(&scope, action)) {
        Ok(answer) => format!("{answer:?}").chars().take(200).collect(),
        Err(error) => {
            let told = in_full(&error);
            assert!(!told.contains(KEY), "the key is told");
            let in_the_apis_words = matches!(error, Error::Api { .. }) || request_id_of(&error).contains(CANARY);
            assert!(in_the_apis_words || !told.contains(CANARY), "a value of the answer is told: {told}");
            told
        }
    }
}

fn in_full(error: &Error) -> String {
    let causes = iter::successors(error.source(), |cause| (*cause).source()).map(ToString::to_string);
    iter::once(error.to_string()).chain(causes).collect::<Vec<_>>().join(": ")
}

fn request_id_of(error: &Error) -> &str {
    match error {
        Error::Undecodable { request_id, .. } => request_id,
        _ => "",
    }
}
