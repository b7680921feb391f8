//! The faults, and how each is put in force for one call.

use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value as Json, json};
use tcmesh::scope::StopSwitch;
use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber, span};

use super::stage::Stage;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// It is refused because there were too many.
    Throttled,
    /// It is refused for good.
    Refused,
    /// It is carried out and answered with an error.
    ErrorAfter,
    /// It is carried out, and the connection breaks before the answer.
    ReplyLost,
    /// Something in front of the API answers 502 with a page of HTML.
    BadGateway,
    /// The connection breaks before it is carried out.
    Reset,
    /// It is answered only when the time of the operation is over.
    Hang,
    /// It is carried out, and the steps that it begins never end.
    Stuck,
    /// It is carried out, and the steps that it begins fail.
    Failed,
    /// Terraform asks the provider to stop when it has arrived.
    Stop,
    /// The provider panics before it is sent.
    Panic,
}

/// A call of an operation: the `nth` one that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// An action of the cloud.
    Cloud { service: String, action: String, nth: u64 },
    /// A request to the API of a cluster.
    Kubernetes { cluster: String, method: String, path: String, nth: u64 },
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cloud { service, action, nth } => write!(formatter, "{service}:{action}#{nth}"),
            Self::Kubernetes { cluster, method, path, nth } => write!(formatter, "{method} {cluster}{path}#{nth}"),
        }
    }
}

impl Call {
    /// What the simulator matches it by.
    fn matching(&self) -> Json {
        match self {
            Self::Cloud { service, action, nth } => json!({"service": service, "action": action, "nth": nth}),
            Self::Kubernetes { cluster, method, path, nth } => {
                json!({"service": "kubernetes", "cluster": cluster, "method": method, "path": path, "nth": nth})
            }
        }
    }

    /// The faults that it can meet: requests to clusters begin no steps, and their client logs nothing before it sends.
    pub(super) fn faults(&self) -> impl Iterator<Item = Fault> {
        let for_clouds = [Fault::Stuck, Fault::Failed, Fault::Panic];
        let is_cloud = matches!(self, Self::Cloud { .. });
        Fault::ALL.into_iter().filter(move |fault| is_cloud || !for_clouds.contains(fault))
    }
}

impl Fault {
    pub(super) const ALL: [Self; 11] = [
        Self::Throttled,
        Self::Refused,
        Self::ErrorAfter,
        Self::ReplyLost,
        Self::BadGateway,
        Self::Reset,
        Self::Hang,
        Self::Stuck,
        Self::Failed,
        Self::Stop,
        Self::Panic,
    ];

    /// Whether it ends only with the time of the operation.
    pub(super) fn is_slow(self) -> bool {
        matches!(self, Self::Hang | Self::Stuck)
    }

    /// Whether a case of it may take much longer than others: it is better begun early.
    pub(super) fn may_last(self) -> bool {
        self.is_slow() || self == Self::Failed
    }

    /// The rule by which the simulator does it to a call, where it can. What hangs is answered after `delay`.
    pub(super) fn on(self, call: &Call, delay: &str) -> Option<Json> {
        Some(json!({"match": call.matching(), "fault": self.done_to(call, delay)?}))
    }

    fn done_to(self, call: &Call, delay: &str) -> Option<Json> {
        let refusal = match call {
            Call::Cloud { .. } => "UnauthorizedOperation",
            Call::Kubernetes { .. } => "Forbidden",
        };
        Some(match self {
            Self::Throttled => json!("throttle"),
            Self::Refused => json!({"error": {"code": refusal, "message": "a fault"}}),
            Self::ErrorAfter => json!({"error_after": {"code": "InternalError", "message": "a fault"}}),
            Self::ReplyLost => json!("drop_reply"),
            Self::BadGateway => json!({"http_5xx": 502}),
            Self::Reset => json!("drop_request"),
            Self::Hang => json!({"delay": delay}),
            Self::Stuck => json!("stuck_state"),
            Self::Failed => json!("fail_state"),
            Self::Stop => json!({"delay": "20ms"}),
            Self::Panic => return None,
        })
    }
}

/// A fault in force for one call of an operation.
pub(super) struct Struck {
    watch: Watch,
    _watching: DefaultGuard,
}

impl Struck {
    pub(super) fn by(fault: Fault, call: &Call, delay: &str, stage: &Stage) -> Self {
        if let Some(rule) = fault.on(call, delay) {
            stage.world.control("faults", &rule);
        }
        let watch = Watch(Arc::new(Watched {
            fault,
            call: call.clone(),
            begun: AtomicU64::new(0),
            struck: AtomicU64::new(0),
            stop: stage.stop.clone(),
        }));
        Self { _watching: tracing::subscriber::set_default(watch.clone()), watch }
    }

    /// Ends the fault, and says whether it has struck.
    pub(super) fn end(self, stage: &Stage) -> bool {
        stage.world.request("DELETE", "faults", "");
        self.watch.0.struck.load(Ordering::Relaxed) > 0
    }
}

/// Follows the calls by what provider and simulator log, which both do on the thread of the test.
#[derive(Clone)]
struct Watch(Arc<Watched>);

struct Watched {
    fault: Fault,
    call: Call,
    /// How many calls of the action have begun.
    begun: AtomicU64,
    struck: AtomicU64,
    stop: StopSwitch,
}

impl Watched {
    fn begins(&self, words: &Words) {
        let Call::Cloud { service, action, nth } = &self.call else { return };
        if self.fault != Fault::Panic || words.service != *service || words.action != *action {
            return;
        }
        let begun = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        if begun == *nth {
            self.struck.fetch_add(1, Ordering::Relaxed);
            // As `panic!`, without a report: it is expected.
            resume_unwind(Box::new("a fault"));
        }
    }

    fn strikes(&self) {
        self.struck.fetch_add(1, Ordering::Relaxed);
        if self.fault == Fault::Stop {
            self.stop.stop();
        }
    }
}

impl Subscriber for Watch {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && ["tcmesh::cloud::policy::log", "tcmesh_simulator::faults"].contains(&metadata.target())
    }

    fn event(&self, event: &Event<'_>) {
        let mut words = Words::default();
        event.record(&mut words);
        match words.message.as_str() {
            "calling the cloud API" => self.0.begins(&words),
            "a fault strikes" => self.0.strikes(),
            _ => {}
        }
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The words of a log line that tell which call it is about.
#[derive(Default)]
struct Words {
    service: String,
    action: String,
    message: String,
}

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "service" => self.service = value.to_owned(),
            "action" => self.action = value.to_owned(),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }
}
