//! Stops, timeouts and lost connections. The clock is paused: what waits for time gets it at once.

use std::time::Duration;

use tcmesh::framework::value::Value;
use tokio::time::Instant;

use super::client::{Stored, Terraform, timeouts};
use super::provider::Fault;

/// Runs `work` and stops the provider when the resource waits.
async fn stopped<T>(terraform: &Terraform, work: impl Future<Output = T>) -> T {
    let stop = async {
        terraform.world.waiting.notified().await;
        terraform.stop().await;
    };
    tokio::join!(work, stop).0
}

#[tokio::test(start_paused = true)]
async fn item_52_a_stopped_creation_keeps_what_was_created() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::HangsAfter);
    let config = terraform.thing([]);
    let (stored, told) = stopped(&terraform, terraform.apply("test_thing", &config, &Stored::nothing())).await;
    assert_eq!(told, ["warning: Created", "error: Stopped on request"]);
    assert_eq!(stored.state.field("id"), &"t-1".into());
    assert!(stored.identity.is_some() && !stored.private.is_empty());
}

#[tokio::test(start_paused = true)]
async fn item_52_a_stopped_update_or_deletion_keeps_the_object() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.world.set_fault(Fault::HangsAfter);
    let config = terraform.thing([("size", 2.into())]);
    let (updated, told) = stopped(&terraform, terraform.apply("test_thing", &config, &stored)).await;
    assert_eq!((&updated.state, told), (&stored.state, vec!["error: Stopped on request".to_owned()]));
    let (after, told) = stopped(&terraform, terraform.destroy("test_thing", &stored)).await;
    assert_eq!((after, told), (stored, vec!["error: Stopped on request".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn item_52_a_stopped_read_ends_at_once() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([])).await;
    terraform.world.set_fault(Fault::HangsInRead);
    let started = Instant::now();
    let (read, told) = stopped(&terraform, terraform.read("test_thing", &stored)).await;
    assert_eq!((read, told), (stored, vec!["error: Stopped on request".to_owned()]));
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn item_53_after_a_stop_the_provider_goes_on_serving() {
    let terraform = Terraform::configured().await;
    let started = Instant::now();
    terraform.stop().await;
    assert!(started.elapsed() < Duration::from_millis(100));
    let stored = terraform.create(&terraform.thing([])).await;
    assert_eq!(terraform.read("test_thing", &stored).await, (stored, vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_new_object_that_is_complete_when_the_stop_comes_is_not_given_up() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::HangsInRead);
    let config = terraform.thing([]);
    let recovered = async {
        terraform.world.waiting.notified().await;
        terraform.world.set_fault(Fault::None);
        terraform.stop().await;
    };
    let nothing = Stored::nothing();
    let ((stored, told), ()) = tokio::join!(terraform.apply("test_thing", &config, &nothing), recovered);
    assert_eq!(told, ["warning: Created"]);
    assert_eq!(stored.state.field("address"), &"n.example".into());
}

#[tokio::test(start_paused = true)]
async fn a_creation_ends_at_the_timeout_of_its_configuration() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::HangsAfter);
    for (timeouts, limit) in [(Value::Null, 600), (timeouts([("create", "90s")]), 90)] {
        let started = Instant::now();
        let config = terraform.thing([("timeouts", timeouts)]);
        let (stored, told) = terraform.apply("test_thing", &config, &Stored::nothing()).await;
        assert_eq!(told, ["warning: Created", "error: Timed out"]);
        assert!(stored.state.field("id").as_str().is_some());
        assert_eq!(started.elapsed(), Duration::from_secs(limit));
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_ends_at_the_timeout_that_the_state_holds() {
    let terraform = Terraform::configured().await;
    let stored = terraform.create(&terraform.thing([("timeouts", timeouts([("delete", "7s")]))])).await;
    terraform.world.set_fault(Fault::HangsAfter);
    let started = Instant::now();
    let (after, told) = terraform.destroy("test_thing", &stored).await;
    assert_eq!((after, told), (stored, vec!["error: Timed out".to_owned()]));
    assert_eq!(started.elapsed(), Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_never_ends_is_given_up_and_what_it_kept_stays() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::NeverEnds);
    let config = terraform.thing([]);
    let started = Instant::now();
    let (stored, told) = stopped(&terraform, terraform.apply("test_thing", &config, &Stored::nothing())).await;
    assert_eq!(told, ["warning: Created", "error: The operation did not end"]);
    assert_eq!(stored.state.field("id"), &"t-1".into());
    assert_eq!(started.elapsed(), Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn item_52_a_creation_goes_on_when_the_connection_is_lost_and_is_asked_to_end() {
    let terraform = Terraform::configured().await;
    terraform.world.set_fault(Fault::HangsAfter);
    let apply = {
        let terraform = terraform.clone();
        tokio::spawn(async move {
            let config = terraform.thing([]);
            terraform.apply("test_thing", &config, &Stored::nothing()).await
        })
    };
    terraform.world.waiting.notified().await;
    apply.abort();
    assert!(apply.await.unwrap_err().is_cancelled());
    assert_eq!(terraform.world.len(), 1);
    terraform.world.set_fault(Fault::None);
    terraform.create(&terraform.thing([])).await;
}
