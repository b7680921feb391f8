//! Requests to the simulator that are signed as they should be.
//!
//! An input is a line `METHOD TARGET SERVICE VERSION ACTION REGION CONTENT-TYPE`, and the body.

use super::simulated::{Cloud, PATIENCE, Request};
use crate::engine::{Taker, Target, run};

/// How many requests one world takes: what they make stays in it.
const A_WORLD: u32 = 200;

const TARGET: Target = Target {
    name: "simulator_request",
    test: concat!(module_path!(), "::survives"),
    tokens: &[
        "GET",
        "POST",
        "/?",
        "&",
        "Filters.0.Name=",
        "Filters.0.Values.0=",
        ".0",
        ".18446744073709551616",
        "a.",
        "%",
        "%00",
        "+",
        "vpc 2017-03-12 ",
        "tke 2018-05-25 ",
        "tcm 2021-04-13 ",
        "clb 2018-03-17 ",
        "dnspod 2021-03-23 ",
        "cam 2019-01-16 ",
        "sts 2018-08-13 ",
        "tag 2018-08-13 ",
        "tdcc 2018-05-25 ",
        "DescribeCcns",
        "CreateCcn",
        "AttachCcnInstances",
        "DescribeVpcs",
        "DescribeMeshList",
        "CreateMesh",
        "CreateRecord",
        "AssumeRole",
        "CreateRole",
        "ap-guangzhou",
        "application/json",
        "{\"CcnId\":\"ccn-",
        "\"Offset\":",
        "\"Limit\":",
        "vpc-hub00001",
        "null",
        "true",
        "[]",
        "{}",
        "10.0.0.0/8",
        "::/0",
        "*",
    ],
    start,
};

#[test]
fn survives() {
    run(&TARGET);
}

fn start() -> Taker {
    let cloud = Cloud::start();
    Box::new(move |input| {
        cloud.take_one_of(A_WORLD);
        let head = input.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let body = input.get(head.len() + 1..).unwrap_or_default();
        let Ok(head) = std::str::from_utf8(head) else { return String::new() };
        let Some(request) = request(head, body) else { return String::new() };
        let outcome = Cloud::code(&cloud.exchange(&request.signed(&cloud), PATIENCE).expect("an answer"));
        format!("{} {}", request.action, outcome.unwrap_or_default())
    })
}

/// The request of an input, unless it would be another one on the wire, or one to the simulator's own endpoints.
fn request<'a>(head: &'a str, body: &'a [u8]) -> Option<Request<'a>> {
    let mut words = head.splitn(7, ' ');
    let [method, target, service, version, action, region, content_type] = std::array::from_fn(|_| words.next());
    let request = Request {
        method: method?,
        target: target?,
        service: service?,
        version: version?,
        action: action?,
        region: region?,
        content_type: content_type?,
        body,
    };
    (!head.contains(['\r', '\0']) && !request.target.contains("_sim")).then_some(request)
}
