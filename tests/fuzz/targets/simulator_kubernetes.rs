//! Requests to the Kubernetes API of a simulated cluster, by somebody who may do everything.
//!
//! An input is a line `METHOD PATH CONTENT-TYPE`, and the body.

use http::Request;
use kube::client::Body;
use kube::{Client, Error};
use tcmesh_simulator::kubernetes::{ApiServer, Options};
use tokio::runtime::Runtime;

use crate::engine::{Taker, Target, run};

/// How many requests one cluster takes: what they make stays in it.
const A_CLUSTER: u32 = 500;

const TARGET: Target = Target {
    name: "simulator_kubernetes",
    test: concat!(module_path!(), "::survives"),
    tokens: &[
        "GET ",
        "POST ",
        "PUT ",
        "PATCH ",
        "DELETE ",
        "/api/v1/namespaces/default/",
        "/apis/apps/v1/",
        "configmaps",
        "deployments/d",
        "/status",
        "/scale",
        "/finalize",
        "?watch=true",
        "?dryRun=All",
        "&fieldManager=f",
        "&force=true",
        "?limit=1",
        "&continue=",
        "&labelSelector=",
        "?fieldSelector=metadata.name%3D",
        "&resourceVersion=0",
        "&resourceVersionMatch=Exact",
        "application/json",
        "application/yaml",
        "application/apply-patch+yaml",
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
        "application/vnd.kubernetes.protobuf",
        "\"metadata\":",
        "\"$patch\":\"delete\"",
        "\"$setElementOrder/ports\":",
        "\"managedFields\":",
        "\"k:{\\\"port\\\":80}\":{}",
        "\"f:metadata\":{}",
        "{\"op\":\"remove\",\"path\":\"/metadata\"}",
        "/-",
        "~1",
        "null",
        "[]",
        "{}",
        "true",
        "\"1Gi\"",
        "\"200%\"",
        "10.0.0.0/8",
    ],
    start,
};

#[test]
fn survives() {
    run(&TARGET);
}

fn start() -> Taker {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut server, mut taken) = (cluster(&runtime), 0);
    Box::new(move |input| {
        taken += 1;
        if taken % A_CLUSTER == 0 {
            server = cluster(&runtime);
        }
        let Some(request) = request(input) else { return String::new() };
        runtime.block_on(async { answer(&server.client("fuzz"), request).await })
    })
}

fn cluster(runtime: &Runtime) -> ApiServer {
    let _context = runtime.enter();
    ApiServer::start(Options::default()).unwrap()
}

fn request(input: &[u8]) -> Option<Request<Vec<u8>>> {
    let head = input.split(|byte| *byte == b'\n').next()?;
    let body = input.get(head.len() + 1..).unwrap_or_default();
    let mut words = std::str::from_utf8(head).ok()?.splitn(3, ' ');
    let request = Request::builder().method(words.next()?).uri(words.next()?).header("content-type", words.next()?);
    request.body(body.to_vec()).ok()
}

/// What is answered. Refusals are `Status` objects in JSON; of a watch only the beginning is read.
async fn answer(client: &Client, request: Request<Vec<u8>>) -> String {
    let line = format!("{} {}", request.method(), request.uri().path().matches('/').count());
    if request.uri().query().is_some_and(|query| query.contains("watch")) {
        let status = client.send(request.map(Body::from)).await.expect("an answer").status();
        return format!("{line} watch {status}");
    }
    match client.request_text(request).await {
        Ok(_) => line,
        Err(Error::Api(status)) => {
            // The real server, too, answers 500 to an apply of fields that the schema does not have.
            let is_known =
                [501, 504].contains(&status.code) || status.message.starts_with("failed to create typed patch");
            assert!(status.code < 500 || is_known, "{status:?}");
            assert!(!status.message.is_empty(), "{status:?}");
            format!("{line} {} {}", status.code, status.message)
        }
        Err(error) => panic!("no answer of the API: {error}"),
    }
}
