//! An apply of 90 minutes with keys that live for ten, on the virtual clock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Arguments, AssumeRole, Environment, resolve};
use crate::cloud::BoxFuture;
use crate::cloud::api::vpc::{DescribeCcns, ModifyCcnAttribute};
use crate::cloud::client::{Client, Options};
use crate::cloud::policy::transport::{Failure, Transport};
use crate::scope::Scope;
use crate::wait;

const APPLY: Duration = Duration::from_secs(90 * 60);
const LIFETIME: Duration = Duration::from_secs(600);

/// A cloud whose keys end on the virtual clock.
#[derive(Default)]
struct Cloud(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    /// When the keys end, by their secret ID.
    sessions: HashMap<String, Instant>,
    /// How many calls were answered.
    answered: usize,
    /// How many calls were refused, since their keys had ended.
    refused: usize,
}

impl Cloud {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().expect("no holder panics")
    }

    fn answer(&self, request: &http::Request<Bytes>) -> Value {
        let header = |name| request.headers()[name].to_str().expect("headers of these tests are ASCII");
        let (_, signer) = header("Authorization").split_once("Credential=").expect("every call is signed");
        let signer = signer.split('/').next().unwrap_or_default();
        let mut seen = self.seen();
        match header("X-TC-Action") {
            "AssumeRole" => seen.open_session(),
            _ if seen.sessions.get(signer).is_some_and(|end| Instant::now() < *end) => {
                seen.answered += 1;
                json!({"TotalCount": 0})
            }
            _ => {
                seen.refused += 1;
                json!({"Error": {"Code": "AuthFailure.TokenFailure", "Message": "the token has ended"}})
            }
        }
    }
}

impl Seen {
    fn open_session(&mut self) -> Value {
        let id = format!("session-{}", self.sessions.len());
        let keys = json!({"TmpSecretId": id, "TmpSecretKey": "key", "Token": "token"});
        self.sessions.insert(id, Instant::now() + LIFETIME);
        // What the answer says is real time, which stands still beside the virtual clock.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
        json!({"Credentials": keys, "ExpiredTime": (now + LIFETIME).as_secs()})
    }

    /// Ends the keys that were given last.
    fn revoke(&mut self) {
        if let Some(end) = self.sessions.values_mut().max() {
            *end = Instant::now();
        }
    }
}

impl Transport for Arc<Cloud> {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        let mut answer = self.answer(&request);
        answer["RequestId"] = json!("r-1");
        let body = Bytes::from(json!({"Response": answer}).to_string());
        Box::pin(std::future::ready(Ok(http::Response::new(body))))
    }
}

/// A client whose keys are those of a role, and its cloud.
fn client() -> (Client, Arc<Cloud>) {
    let role = AssumeRole {
        role_arn: Some("qcs::cam::uin/100000000001:roleName/terraform".into()),
        session_name: Some("apply".into()),
        session_duration: Some(LIFETIME.as_secs()),
        ..AssumeRole::default()
    };
    let (secret_id, secret_key) = (Some("base".into()), Some("key".into()));
    let arguments = Arguments { secret_id, secret_key, assume_role: Some(role), ..Arguments::default() };
    let keys = resolve(&arguments, &Environment::default()).expect("the arguments are complete");
    let cloud = Arc::<Cloud>::default();
    let client = Client::with_transport(Options::new(keys, "ap-guangzhou"), Box::new(Arc::clone(&cloud)));
    (client.expect("the options are in order"), cloud)
}

/// What one resource does in a long apply: it waits, looking every seven seconds, and writes now and then.
async fn resource(client: Client) {
    let scope = Scope::unstopped(2 * APPLY);
    let end = Instant::now() + APPLY;
    for round in 0_u32.. {
        if Instant::now() >= end {
            break;
        }
        client.send(&scope, &DescribeCcns::default()).await.expect("the keys are good");
        if round % 10 == 0 {
            let write = ModifyCcnAttribute { ccn_id: "ccn-1".into(), ..ModifyCcnAttribute::default() };
            client.send(&scope, &write).await.expect("the keys are good");
        }
        wait::pause(&scope, Duration::from_secs(7)).await.expect("nobody stops it");
    }
}

#[tokio::test(start_paused = true)]
async fn ninety_minutes_on_sessions_of_ten_see_no_refusal() {
    let (client, cloud) = client();
    let mut resources: JoinSet<()> = (0..10).map(|_| resource(client.clone())).collect();
    while let Some(done) = resources.join_next().await {
        done.expect("no resource fails");
    }
    let seen = cloud.seen();
    assert_eq!(seen.refused, 0);
    // Renewed when a tenth of their life is left, and never more often than that.
    assert_eq!(seen.sessions.len(), 10, "{} calls", seen.answered);
    assert!(seen.answered > 8_000, "{}", seen.answered);
}

#[tokio::test(start_paused = true)]
async fn keys_that_end_early_cost_one_refusal_and_no_error() {
    let (client, cloud) = client();
    let scope = Scope::unstopped(APPLY);
    for _ in 0..3 {
        client.send(&scope, &DescribeCcns::default()).await.expect("the keys are good");
        cloud.seen().revoke();
    }
    client.send(&scope, &DescribeCcns::default()).await.expect("the keys are good");
    let seen = cloud.seen();
    assert_eq!((seen.refused, seen.sessions.len()), (3, 4));
}
