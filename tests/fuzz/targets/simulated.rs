//! A simulated cloud, and requests to it whose every part a target decides.

use std::cell::Cell;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tcmesh_simulator::cluster_access::NoClusters;
use tcmesh_simulator::world::World;
use tcmesh_simulator::{Handle, Options, Simulator};
use tokio::runtime::Runtime;

/// How long the answer to a whole request takes at most. The engine is less patient.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The story's world, without its clusters' own APIs.
pub(super) struct Cloud {
    pub(super) secret_id: String,
    pub(super) secret_key: String,
    address: SocketAddr,
    taken: Cell<u32>,
    _handle: Handle,
    _runtime: Runtime,
}

/// An HTTP answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Cloud {
    pub(super) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let world = World::parse("extends: cross-account\nwaits: { default: 20ms }\n").unwrap();
        let options = Options { clusters: Some(Arc::new(NoClusters)), ..Options::default() };
        let handle = runtime.block_on(Simulator::start(world, options)).unwrap();
        let ready = handle.ready();
        let account = &ready.accounts["a"];
        Self {
            secret_id: account.secret_id.clone(),
            secret_key: account.secret_key.clone(),
            address: handle.endpoint().trim_start_matches("http://").parse().unwrap(),
            taken: Cell::new(0),
            _handle: handle,
            _runtime: runtime,
        }
    }

    /// Counts an input. After every `most` of them the world is put back to how it began, and its journal emptied.
    pub(super) fn take_one_of(&self, most: u32) {
        self.taken.set(self.taken.get() + 1);
        if self.taken.get().is_multiple_of(most) {
            self.reset();
        }
    }

    fn reset(&self) {
        let request = b"POST /_sim/reset HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(self.exchange(request, PATIENCE).map(|answer| answer.status), Some(200));
    }

    /// Sends bytes, and reads the answer; after `patience` nothing more is said to be sent. There is no answer where the bytes
    /// are no whole request. It is never a failure of the simulator.
    pub(super) fn exchange(&self, request: &[u8], patience: Duration) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        // The answer to the beginning of a request may come, and the connection end, before the rest is sent.
        let _ = stream.write_all(request);
        let mut bytes = Vec::new();
        stream.set_read_timeout(Some(patience)).unwrap();
        if stream.read_to_end(&mut bytes).is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
            // The server waits for the rest of a request that is said to be longer.
            let _ = stream.shutdown(Shutdown::Write);
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let _ = stream.read_to_end(&mut bytes);
        }
        let answer = answer(&bytes);
        assert!(answer.as_ref().is_none_or(|answer| answer.status < 500), "{:?}", String::from_utf8_lossy(&bytes));
        answer
    }

    /// The code of an answer's error, or nothing for a success. An answer of the API has a request ID.
    pub(super) fn code(answer: &Answer) -> Option<String> {
        if answer.status != 200 {
            return Some(format!("HTTP {}", answer.status));
        }
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        let response = &body["Response"];
        assert_eq!(response["RequestId"].as_str().map(str::len), Some(36), "{body}");
        let error = &response["Error"];
        error.is_object().then(|| format!("{} {}", error["Code"].as_str().unwrap(), error["Message"].as_str().unwrap()))
    }
}

/// The first answer. Another one follows where a request is said to be shorter than it is.
fn answer(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let status = head.get(9..12)?.parse().ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(Ok(0), str::parse).unwrap();
    Some(Answer { status, body: bytes[end + 4..].iter().copied().take(length).collect() })
}

/// A request in its parts.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    pub(super) service: &'a str,
    pub(super) version: &'a str,
    pub(super) action: &'a str,
    pub(super) region: &'a str,
    pub(super) content_type: &'a str,
    pub(super) body: &'a [u8],
}

impl Request<'_> {
    /// The request as bytes, signed now with the keys of account `a` (API reference, "Signature v3").
    pub(super) fn signed(&self, cloud: &Cloud) -> Vec<u8> {
        let now = jiff::Timestamp::now();
        let (timestamp, date) = (now.as_second(), now.strftime("%Y-%m-%d"));
        let Self { method, target, service, version, action, region, content_type, body } = self;
        let query = if *method == "GET" { target.split_once('?').map_or("", |(_, query)| query) } else { "" };
        let (typed, host) = (content_type.trim(), "vpc.tencentcloudapi.com");
        let signed = hex(&Sha256::digest(body));
        let canonical =
            format!("{method}\n/\n{query}\ncontent-type:{typed}\nhost:{host}\n\ncontent-type;host\n{signed}");
        let scope = format!("{date}/{service}/tc3_request");
        let text = format!("TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{}", hex(&Sha256::digest(&canonical)));
        let key = hmac(format!("TC3{}", cloud.secret_key).as_bytes(), &date.to_string());
        let signature = hex(&hmac(&hmac(&hmac(&key, service), "tc3_request"), &text));
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {content_type}\r\n\
             Authorization: TC3-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=content-type;host, Signature={signature}\r\n\
             X-TC-Action: {action}\r\nX-TC-Version: {version}\r\nX-TC-Timestamp: {timestamp}\r\nX-TC-Region: {region}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            cloud.secret_id,
            body.len(),
        );
        [head.as_bytes(), body].concat()
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
