//! What is logged of a call, and what never is.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::client::Terraform;

/// What is logged in the thread that made this. Other tests log at the same time, in other threads.
#[derive(Clone)]
struct Lines(Arc<Mutex<Vec<String>>>, ThreadId);

impl Visit for &Lines {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if thread::current().id() == self.1 {
            self.0.lock().unwrap().push(format!("{field}={value:?}"));
        }
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        attributes.record(&mut &*self);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut &*self);
    }
}

#[tokio::test]
async fn a_call_is_logged_with_its_name_and_counts_and_without_values() {
    let lines = Lines(Arc::default(), thread::current().id());
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines.clone())).unwrap();
    let terraform = Terraform::configured().await;
    let config = terraform.thing([("secret", "canary".into()), ("description", "canary".into()), ("size", 0.into())]);
    terraform.validate("test_thing", &config, true).await;
    terraform.apply("test_thing", &config, &super::client::Stored::nothing()).await;
    let logged = lines.0.lock().unwrap().join("\n");
    for line in
        ["tf_rpc=\"ValidateResourceConfig\"", "tf_rpc=\"ApplyResourceChange\"", "tf_resource_type=\"test_thing\""]
    {
        assert!(logged.contains(line), "{line} is missing");
    }
    for field in ["tf_req_id=", "tf_req_duration_ms=", "diagnostic_error_count=1", "diagnostic_warning_count=1"] {
        assert!(logged.contains(field), "{field} is missing");
    }
    assert!(!logged.contains("canary"));
}
