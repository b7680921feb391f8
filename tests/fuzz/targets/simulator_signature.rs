//! The simulator's check of signatures. Nothing that was signed, and nothing of the signature, can be changed.
//!
//! An input is edits of a request that was signed in order, four bytes each: where (two bytes), what to do, with which
//! byte. After `=` it is an `Authorization` header instead.

use std::time::Duration;

use super::simulated::{Cloud, Request};
use crate::engine::{Taker, Target, run};

/// How long the simulator may wait for the rest of a request, whose length may have been changed.
const SHORT: Duration = Duration::from_millis(20);

/// How many requests one world takes: its journal keeps them.
const A_WORLD: u32 = 1000;

const TARGET: Target = Target {
    name: "simulator_signature",
    test: concat!(module_path!(), "::survives"),
    tokens: &[
        "=",
        "SKIP",
        "TC3-HMAC-SHA256 ",
        "Credential=",
        "/tc3_request",
        "SignedHeaders=content-type;host",
        "Signature=",
        ", ",
        ";",
        "/",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "2026-01-01",
        "+",
        " ",
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
        let signed = request().signed(&cloud);
        let tampered = match input.strip_prefix(b"=") {
            Some(header) => with_authorization(&signed, header),
            None => edited(&signed, input),
        };
        if tampered.windows(6).any(|part| part == b"/_sim/") {
            return String::new();
        }
        let changed = essence(&tampered) != essence(&signed);
        let Some(answer) = cloud.exchange(&tampered, SHORT) else { return "no request".into() };
        let answer = Cloud::code(&answer).unwrap_or_default();
        let shown = || String::from_utf8_lossy(&tampered).into_owned();
        assert!(!changed || is_refused(&answer), "a changed request was let through: {answer:?}\n{}", shown());
        format!("{changed} {answer}")
    })
}

fn request() -> Request<'static> {
    Request {
        method: "POST",
        target: "/",
        service: "vpc",
        version: "2017-03-12",
        action: "DescribeCcns",
        region: "ap-guangzhou",
        content_type: "application/json; charset=utf-8",
        body: br#"{"Filters":[{"Name":"ccn-id","Values":["ccn-gree226l"]}],"Limit":20}"#,
    }
}

fn edited(signed: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut bytes = signed.to_vec();
    for edit in edits.chunks_exact(4).take(64) {
        let at = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % bytes.len().max(1);
        match edit[2] % 4 {
            0 => bytes[at] = edit[3],
            1 => bytes.insert(at, edit[3]),
            2 => drop(bytes.remove(at)),
            _ => bytes[at] ^= 1 << (edit[3] % 8),
        }
    }
    bytes
}

fn with_authorization(signed: &[u8], header: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(signed);
    let (before, rest) = text.split_once("Authorization: ").unwrap();
    let (_, after) = rest.split_once("\r\n").unwrap();
    let header: Vec<u8> = header.iter().copied().filter(|byte| !b"\r\n\0".contains(byte)).collect();
    [before.as_bytes(), b"Authorization: ", &header, b"\r\n", after.as_bytes()].concat()
}

/// What of a request is signed, and the signature.
#[derive(PartialEq)]
struct Essence {
    method: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Reads what of a request is signed; nothing where it has no first line. Spaces around values do not count, and lines may
/// end with a line feed alone, and empty ones may come first, as HTTP/1.1 has it (RFC 9112, 2.2).
fn essence(request: &[u8]) -> Option<Essence> {
    let mut lines = request.split_inclusive(|byte| *byte == b'\n');
    let mut head = Vec::new();
    for line in lines.by_ref() {
        match String::from_utf8_lossy(line).trim_end_matches(['\r', '\n']) {
            "" if head.is_empty() => {}
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    let body = lines.flatten().copied().collect();
    let mut headers: Vec<_> = head.iter().filter_map(|line| signed_header(line)).collect();
    headers.sort();
    let method = head.first()?.split(' ').next()?.to_owned();
    Some(Essence { method, headers, body })
}

fn signed_header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let name = name.to_ascii_lowercase();
    let value = value.replace([' ', '\t'], "");
    match name.as_str() {
        "authorization" | "x-tc-timestamp" => Some((name, value)),
        // Their values are signed in lower case (API reference, "Signature v3").
        "content-type" | "host" => Some((name, value.to_lowercase())),
        _ => None,
    }
}

/// Whether the request was turned away before it was carried out, for its form or for its signature.
fn is_refused(answer: &str) -> bool {
    let before = ["authorization", "x-tc-timestamp"].map(|name| format!("MissingParameter {}", missing(name)));
    let form = ["HTTP 4", "RequestSizeLimitExceeded", "UnsupportedProtocol", "InvalidParameterValue `X-TC-Timestamp`"];
    answer.starts_with("AuthFailure.")
        || form.iter().any(|start| answer.starts_with(start))
        || before.iter().any(|missing| answer == missing)
}

fn missing(name: &str) -> String {
    format!("The request is missing the common parameter `{name}`.")
}
