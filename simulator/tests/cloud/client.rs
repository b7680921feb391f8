//! A small signing client. It shares nothing with the simulator, so that a mistake in one shows against the other.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Who signs.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    address: String,
    pub(crate) secret_id: String,
    pub(crate) secret_key: String,
    pub(crate) token: Option<String>,
    pub(crate) region: String,
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A request whose every part can be bent before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) service: &'static str,
    pub(crate) action: String,
    pub(crate) version: String,
    pub(crate) host: String,
    pub(crate) content_type: &'static str,
    pub(crate) timestamp: i64,
    pub(crate) signed_body: String,
    pub(crate) sent_body: String,
    pub(crate) authorization: Option<String>,
}

impl Client {
    pub(crate) fn new(address: &str, secret_id: &str, secret_key: &str) -> Self {
        Self {
            address: address.trim_start_matches("http://").to_owned(),
            secret_id: secret_id.to_owned(),
            secret_key: secret_key.to_owned(),
            token: None,
            region: "ap-guangzhou".into(),
        }
    }

    /// Calls an action; `Ok` is `Response`, `Err` is its error code.
    pub(crate) async fn call(&self, service: &'static str, action: &str, parameters: Value) -> Result<Value, String> {
        let answer = self.send(&self.request(service, action, &parameters)).await.expect("the connection broke");
        decode(&answer)
    }

    /// Calls an action that must succeed.
    pub(crate) async fn ok(&self, service: &'static str, action: &str, parameters: Value) -> Value {
        let answer = self.send(&self.request(service, action, &parameters)).await.expect("the connection broke");
        decode(&answer).unwrap_or_else(|_| panic!("{action} failed: {}", answer.body))
    }

    /// Calls an action that must fail, for its code.
    pub(crate) async fn code(&self, service: &'static str, action: &str, parameters: Value) -> String {
        match self.call(service, action, parameters).await {
            Ok(answer) => panic!("{action} succeeded: {answer}"),
            Err(code) => code,
        }
    }

    /// A good request, not sent yet.
    pub(crate) fn request(&self, service: &'static str, action: &str, parameters: &Value) -> Request {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        Request {
            method: "POST",
            target: "/".into(),
            service,
            action: action.to_owned(),
            version: version(service).into(),
            host: self.address.clone(),
            content_type: "application/json",
            timestamp: i64::try_from(now).unwrap(),
            signed_body: parameters.to_string(),
            sent_body: parameters.to_string(),
            authorization: None,
        }
    }

    /// Sends a request, or nothing where the connection is closed without an answer.
    pub(crate) async fn send(&self, request: &Request) -> Option<Answer> {
        let authorization = request.authorization.clone().unwrap_or_else(|| self.sign(request));
        let token = self.token.as_ref().map(|token| format!("X-TC-Token: {token}\r\n")).unwrap_or_default();
        let region = if self.region.is_empty() { String::new() } else { format!("X-TC-Region: {}\r\n", self.region) };
        let head = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\nAuthorization: {authorization}\r\nX-TC-Action: {}\r\n\
             X-TC-Version: {}\r\nX-TC-Timestamp: {}\r\n{token}{region}Content-Length: {}\r\nConnection: close\r\n\r\n",
            request.method,
            request.target,
            request.host,
            request.content_type,
            request.action,
            request.version,
            request.timestamp,
            request.sent_body.len(),
        );
        exchange(&self.address, &format!("{head}{}", request.sent_body)).await
    }

    fn sign(&self, request: &Request) -> String {
        let date = utc_date(request.timestamp);
        let scope = format!("{date}/{}/tc3_request", request.service);
        let query =
            if request.method == "GET" { request.target.split_once('?').map_or("", |parts| parts.1) } else { "" };
        let canonical = format!(
            "{}\n/\n{query}\ncontent-type:{}\nhost:{}\n\ncontent-type;host\n{}",
            request.method,
            request.content_type,
            request.host,
            sha256(&request.signed_body),
        );
        let text = format!("TC3-HMAC-SHA256\n{}\n{scope}\n{}", request.timestamp, sha256(&canonical));
        let date_key = hmac(format!("TC3{}", self.secret_key).as_bytes(), &date);
        let signing_key = hmac(&hmac(&date_key, request.service), "tc3_request");
        let signature = hex(&hmac(&signing_key, &text));
        format!(
            "TC3-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=content-type;host, Signature={signature}",
            self.secret_id
        )
    }
}

/// `Response`, or the code of its error.
pub(crate) fn decode(answer: &Answer) -> Result<Value, String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.head.contains("\r\ncontent-type: application/json\r\n"), "{answer:?}");
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let response = body["Response"].clone();
    assert_eq!(response["RequestId"].as_str().map(str::len), Some(36), "{response}");
    match response["Error"]["Code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(response),
    }
}

/// One plain HTTP exchange.
pub(crate) async fn exchange(address: &str, request: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head: format!("{head}\r\n"), body: body.to_owned() })
}

/// A control endpoint: status and JSON.
pub(crate) async fn control(endpoint: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let address = endpoint.trim_start_matches("http://");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "{method} /_sim/{path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let answer = exchange(address, &format!("{head}{body}")).await.unwrap();
    (answer.status, serde_json::from_str(&answer.body).unwrap_or(json!(answer.body)))
}

fn version(service: &str) -> &'static str {
    match service {
        "vpc" => "2017-03-12",
        "tke" | "tdcc" => "2018-05-25",
        "tcm" => "2021-04-13",
        "clb" => "2018-03-17",
        "dnspod" => "2021-03-23",
        "cam" => "2019-01-16",
        "sts" | "tag" => "2018-08-13",
        other => panic!("no version of {other} is known"),
    }
}

/// The UTC date of a UNIX time, by the calendar rules.
fn utc_date(timestamp: i64) -> String {
    let mut days = timestamp.div_euclid(86_400);
    let mut year = 1970;
    let length = |year: i64| if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 };
    while days >= length(year) {
        days -= length(year);
        year += 1;
    }
    let february = if length(year) == 366 { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", days + 1)
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
