//! A transport that plays a script, for tests: the only place where anything of the client is replaced.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::client::{Client, Options};
use super::credentials::{Credential, CredentialSource};
use super::policy::transport::{Failure, Transport};
use super::{BoxFuture, Error};
use crate::scope::Scope;
use crate::wait;

/// What happens to one request.
pub(crate) enum Step {
    /// A response.
    Answer(u16, String),
    /// No response.
    Fail(Failure),
    /// Neither.
    Hang,
    /// After some time, another step.
    After(Duration, Box<Step>),
}

/// The answer of a request that was carried out.
pub(crate) fn accept(mut response: Value) -> Step {
    response["RequestId"] = json!("r-1");
    Step::Answer(200, json!({"Response": response}).to_string())
}

/// The answer of a request that the API refused.
pub(crate) fn refuse(code: &str) -> Step {
    let error = json!({"Code": code, "Message": "as the script says"});
    Step::Answer(200, json!({"Response": {"Error": error, "RequestId": "r-1"}}).to_string())
}

/// The request did not leave.
pub(crate) fn not_sent() -> Step {
    Step::Fail(Failure::NotSent("connection refused".into()))
}

/// The request left, and the connection broke.
pub(crate) fn broken() -> Step {
    Step::Fail(Failure::Broken("connection reset".into()))
}

/// A step that comes late.
pub(crate) fn after(duration: Duration, step: Step) -> Step {
    Step::After(duration, Box::new(step))
}

/// A request that was seen.
pub(crate) struct Seen {
    pub(crate) request: http::Request<Bytes>,
    pub(crate) at: Instant,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.request.headers().get(name).map_or("", |value| value.to_str().expect("headers of these tests are ASCII"))
    }

    pub(crate) fn action(&self) -> &str {
        self.header("X-TC-Action")
    }

    pub(crate) fn body(&self) -> Value {
        serde_json::from_slice(self.request.body()).expect("bodies are JSON")
    }
}

/// Plays its steps, one a request. Fails the test when a request comes that no step is for, or a step is left over.
pub(crate) struct Script {
    steps: Mutex<VecDeque<Step>>,
    seen: Mutex<Vec<Seen>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Script {
    pub(crate) fn new<const N: usize>(steps: [Step; N]) -> Arc<Self> {
        Self::of(steps.into())
    }

    /// As [`new`](Self::new), for steps that were put together.
    pub(crate) fn of(steps: Vec<Step>) -> Arc<Self> {
        Arc::new(Self { steps: Mutex::new(steps.into()), seen: Mutex::default() })
    }

    /// What was seen so far.
    pub(crate) fn seen(&self) -> MutexGuard<'_, Vec<Seen>> {
        lock(&self.seen)
    }

    /// A client with fixed keys whose requests come here.
    pub(crate) fn client(self: &Arc<Self>) -> Client {
        self.client_of(Arc::new(keys()))
    }

    /// A client with keys of `credentials`.
    pub(crate) fn client_of(self: &Arc<Self>, credentials: Arc<dyn CredentialSource>) -> Client {
        self.client_with(Options::new(credentials, "ap-guangzhou")).expect("the options are in order")
    }

    /// A client with these options.
    pub(crate) fn client_with(self: &Arc<Self>, options: Options) -> Result<Client, Error> {
        Client::with_transport(options, Box::new(self.clone()))
    }

    async fn play(step: Step) -> Result<http::Response<Bytes>, Failure> {
        match step {
            Step::Answer(status, body) => {
                let response = http::Response::builder().status(status).body(Bytes::from(body));
                Ok(response.expect("the script's status is one"))
            }
            Step::Fail(failure) => Err(failure),
            Step::Hang => std::future::pending().await,
            Step::After(duration, step) => {
                wait::pause(&Scope::unstopped(duration * 2), duration).await.expect("nobody stops it");
                Box::pin(Self::play(*step)).await
            }
        }
    }
}

/// The keys of [`Script::client`].
pub(crate) fn keys() -> Credential {
    Credential { secret_id: "AKIDfake".into(), secret_key: "fake-secret-key".into(), token: None }
}

impl Transport for Arc<Script> {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        let action = request.headers().get("X-TC-Action").cloned();
        lock(&self.seen).push(Seen { request, at: Instant::now() });
        let step = lock(&self.steps).pop_front();
        Box::pin(Script::play(step.unwrap_or_else(|| panic!("no step is left for {action:?}"))))
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let left = lock(&self.steps).len();
        assert!(left == 0 || std::thread::panicking(), "{left} steps of the script were not played");
    }
}
