//! The pipeline as a whole, against a scripted transport and a paused clock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use super::TRY;
use crate::cloud::api::tdcc::{Adapter, DescribeHubClusters};
use crate::cloud::api::vpc::{CreateCcn, DescribeCcns};
use crate::cloud::client::{Client, Options};
use crate::cloud::credentials::Credential;
use crate::cloud::error::Error;
use crate::cloud::script::{Script, Step, accept, after, broken, keys, not_sent, refuse};
use crate::scope::Scope;

fn scope() -> Scope {
    Scope::unstopped(Duration::from_secs(600))
}

/// Sends an action and stops its scope a second later.
async fn send_and_stop<A: crate::cloud::action::Action>(client: &Client, action: &A) -> Result<A::Response, Error> {
    let stop = CancellationToken::new();
    let scope = Scope::new(stop.clone(), Duration::from_secs(600));
    let stopping = async {
        tokio::time::advance(Duration::from_secs(1)).await;
        stop.cancel();
    };
    tokio::join!(client.send(&scope, action), stopping).0
}

fn created() -> Step {
    accept(json!({"Ccn": {"CcnId": "ccn-1", "CcnName": "hub", "State": "AVAILABLE"}}))
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_a_read_at_once() {
    let started = Instant::now();
    let script = Script::new([Step::Hang]);
    let error = send_and_stop(&script.client(), &DescribeCcns::default()).await;
    assert!(matches!(error, Err(Error::Stopped)));
    assert_eq!(started.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_sent_is_waited_for_in_spite_of_a_stop() {
    let script = Script::new([after(Duration::from_secs(20), created())]);
    let answer = send_and_stop(&script.client(), &CreateCcn::default()).await;
    assert_eq!(answer.expect("the answer is kept").ccn.ccn_id, "ccn-1");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_sent_is_waited_for_past_the_deadline() {
    let script = Script::new([after(Duration::from_secs(20), created())]);
    let scope = Scope::unstopped(Duration::from_secs(5));
    let answer = script.client().send(&scope, &CreateCcn::default()).await;
    assert_eq!(answer.expect("the answer is kept").ccn.ccn_id, "ccn-1");
}

#[tokio::test(start_paused = true)]
async fn a_write_is_waited_for_no_longer_than_a_try_may_take() {
    let started = Instant::now();
    let script = Script::new([Step::Hang]);
    let error = send_and_stop(&script.client(), &CreateCcn::default()).await.expect_err("nobody answers");
    assert!(error.may_have_happened(), "{error}");
    assert_eq!(started.elapsed().as_secs(), TRY.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_try_that_takes_too_long_leaves_time_for_another_one() {
    let script = Script::new([Step::Hang, accept(json!({"TotalCount": 0}))]);
    let answer = script.client().send(&scope(), &DescribeCcns::default()).await;
    assert!(answer.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_a_read_and_says_which() {
    let script = Script::new([Step::Hang]);
    let error = script.client().send(&Scope::unstopped(Duration::from_secs(5)), &DescribeCcns::default()).await;
    let expected = "timed out waiting for vpc DescribeCcns in ap-guangzhou to be answered";
    assert_eq!(error.expect_err("nobody answers").to_string(), expected);
}

#[tokio::test(start_paused = true)]
async fn after_a_stop_nothing_is_begun() {
    let stop = CancellationToken::new();
    stop.cancel();
    let script = Script::new([]);
    let error = script.client().send(&Scope::new(stop, Duration::from_secs(5)), &CreateCcn::default()).await;
    assert!(matches!(error, Err(Error::Stopped)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_what_was_asked_for_may_still_have_happened() {
    let script = Script::new([accept(json!({"Ccn": {"CcnName": "hub", "State": "AVAILABLE"}}))]);
    let error = script.client().send(&scope(), &CreateCcn::default()).await.expect_err("there is no ID");
    let expected =
        "vpc CreateCcn in ap-guangzhou: the answer cannot be understood: missing field `CcnId` (request ID r-1)";
    assert_eq!(error.to_string(), expected);
    assert!(error.may_have_happened());
}

#[tokio::test(start_paused = true)]
async fn clones_share_one_queue_and_regions_do_too() {
    let started = Instant::now();
    let script = Script::new([(); 3].map(|()| accept(json!({"TotalCount": 0}))));
    let options = Options { requests_per_second: 1, ..Options::new(Arc::new(keys()), "ap-guangzhou") };
    let client = script.client_with(options).expect("the options are in order");
    for client in [client.clone(), client.in_region("ap-shanghai"), client] {
        client.send(&scope(), &DescribeCcns::default()).await.expect("every step is an answer");
    }
    assert_eq!(started.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn throttling_slows_down_the_requests_that_follow() {
    let answer = || accept(json!({"TotalCount": 0}));
    let script = Script::new([refuse("RequestLimitExceeded"), answer(), answer(), answer()]);
    let options = Options { requests_per_second: 1, ..Options::new(Arc::new(keys()), "ap-guangzhou") };
    let client = script.client_with(options).expect("the options are in order");
    for _ in 0..3 {
        client.send(&scope(), &DescribeCcns::default()).await.expect("every step is an answer in the end");
    }
    let times: Vec<Instant> = script.seen().iter().map(|seen| seen.at).collect();
    assert!(times[2] - times[1] > Duration::from_millis(1_500), "{:?}", times[2] - times[1]);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_the_wait_for_a_turn() {
    let script = Script::new([accept(json!({"TotalCount": 0}))]);
    let options = Options { requests_per_second: 1, ..Options::new(Arc::new(keys()), "ap-guangzhou") };
    let client = script.client_with(options).expect("the options are in order");
    client.send(&scope(), &DescribeCcns::default()).await.expect("the first one has its turn at once");
    let scope = Scope::unstopped(Duration::from_millis(10));
    let error = client.send(&scope, &DescribeCcns::default()).await.expect_err("its turn is in a second");
    assert_eq!(error.to_string(), "timed out waiting for vpc DescribeCcns in ap-guangzhou to have its turn");
}

#[tokio::test(start_paused = true)]
async fn the_region_of_a_request_is_that_of_its_client() {
    let script = Script::new([accept(json!({"TotalCount": 0})), accept(json!({"TotalCount": 0}))]);
    let client = script.client();
    client.send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    client.in_region("ap-shanghai").send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    let regions: Vec<String> = script.seen().iter().map(|seen| seen.header("X-TC-Region").to_owned()).collect();
    assert_eq!(regions, ["ap-guangzhou", "ap-shanghai"]);
}

#[tokio::test(start_paused = true)]
async fn an_adapter_moves_the_undocumented_actions_elsewhere() {
    let script = Script::new([accept(json!({"Clusters": []}))]);
    let tdcc = Adapter {
        service: "hub".into(),
        version: "2030-01-01".into(),
        endpoint: Some("http://127.0.0.1:9".into()),
        actions: [("DescribeHubClusters".to_owned(), "ListHubs".to_owned())].into(),
    };
    let options = Options { tdcc, ..Options::new(Arc::new(keys()), "ap-guangzhou") };
    let client = script.client_with(options).expect("the options are in order");
    client.send(&scope(), &DescribeHubClusters::default()).await.expect("an answer");
    let seen = script.seen();
    assert_eq!((seen[0].action(), seen[0].header("X-TC-Version")), ("ListHubs", "2030-01-01"));
    assert_eq!(seen[0].request.uri(), "http://127.0.0.1:9/");
    assert!(seen[0].header("Authorization").contains("/hub/tc3_request"));
}

/// Everything that is logged, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl<S: tracing::Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut text = self.0.lock().expect("no test fails while it logs");
        let mut write = |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            *text += &format!("{field}={value:?} ");
        };
        event.record(&mut write);
    }
}

#[tokio::test(start_paused = true)]
async fn a_try_is_logged_without_keys_tokens_or_bodies() {
    let log = Log::default();
    // While there is only one subscriber, threads of other tests, which have none, can switch a line off for all.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(log.clone()));
    let script = Script::new([not_sent(), broken(), refuse("FailedOperation")]);
    let client = script.client_of(Arc::new(Credential { token: Some("fake-token".into()), ..keys() }));
    let request = DescribeCcns::by_id("ccn-in-the-body");
    let error = client.send(&scope(), &request).await.expect_err("the last step refuses");
    let logged = log.0.lock().expect("no test fails while it logs").clone();
    for shown in ["DescribeCcns", "ap-guangzhou", "not sent", "unanswered", "FailedOperation", "r-1", "duration_ms"] {
        assert!(logged.contains(shown), "{shown} is not in {logged}");
    }
    for hidden in ["AKIDfake", "fake-secret-key", "fake-token", "ccn-in-the-body", "Signature"] {
        assert!(!logged.contains(hidden), "{hidden} is in {logged}");
        assert!(!format!("{error:?}").contains(hidden), "{hidden} is in {error:?}");
    }
}
