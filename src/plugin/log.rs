//! The log: hclog's JSON lines on stderr, which Terraform reads, filters and writes into its own log.
//!
//! Only this crate's events are written. What libraries trace, such as HTTP headers, can hold secrets.

use std::env;
use std::fmt;
use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::redaction::redact;

/// The variables that name a level, the one that counts first. Terraform applies the last two once more.
const VARIABLES: [&str; 3] = ["TF_LOG_PROVIDER_TCMESH", "TF_LOG_PROVIDER", "TF_LOG"];

/// Sends the events of this process to stderr, at the level that the environment names. Without one, Terraform would
/// drop every line, so none is made.
pub(super) fn install() {
    let level = VARIABLES.iter().find_map(|name| level(&env::var(name).ok()?)).unwrap_or(LevelFilter::OFF);
    let to_stderr = Hclog(|line: &str| {
        // Nobody is left to tell when stderr is closed.
        let _ = io::stderr().write_all(line.as_bytes());
    });
    // A second installation in one process changes nothing.
    let _ = tracing::subscriber::set_global_default(subscriber(level, to_stderr));
}

/// The level that a variable's value names, in either case. What is no level means everything, as it does to Terraform.
fn level(value: &str) -> Option<LevelFilter> {
    match value.to_ascii_uppercase().as_str() {
        "" => None,
        "OFF" => Some(LevelFilter::OFF),
        "ERROR" => Some(LevelFilter::ERROR),
        "WARN" => Some(LevelFilter::WARN),
        "INFO" => Some(LevelFilter::INFO),
        "DEBUG" => Some(LevelFilter::DEBUG),
        _ => Some(LevelFilter::TRACE),
    }
}

fn subscriber<W: Fn(&str) + Send + Sync + 'static>(level: LevelFilter, hclog: Hclog<W>) -> impl Subscriber {
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    tracing_subscriber::registry().with(own).with(hclog)
}

/// Writes each event as one line, with the fields of the spans that it happened in.
struct Hclog<W>(W);

impl<S, W> Layer<S> for Hclog<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&str) + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flatten().collect::<Vec<_>>().into_iter().rev() {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.0.extend(of_span.0.clone());
            }
        }
        event.record(&mut fields);
        (self.0)(&line(event, fields, Timestamp::now()));
    }
}

/// One line of hclog. Terraform drops the level of a line whose time has not exactly six digits, and panics at a
/// message that is not a string (measured on Terraform 1.11.4).
fn line(event: &Event<'_>, Fields(mut fields): Fields, now: Timestamp) -> String {
    let metadata = event.metadata();
    let message = match fields.remove("message") {
        Some(Value::String(message)) => message,
        Some(other) => other.to_string(),
        None => String::new(),
    };
    fields.insert("@message".to_owned(), message.into());
    fields.insert("@level".to_owned(), metadata.level().as_str().to_ascii_lowercase().into());
    fields.insert("@module".to_owned(), metadata.target().replace("::", ".").into());
    fields.insert("@timestamp".to_owned(), format!("{now:.6}").into());
    format!("{}\n", Value::Object(fields))
}

/// The fields of a span or an event, as JSON, without any secret that is known.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, redact(&format!("{value:?}")).into_owned());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, redact(value).into_owned());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    const SECRET: &str = "log-test-secret-one";

    /// What `work` logs at `level`, parsed.
    fn logged(level: LevelFilter, work: impl FnOnce()) -> Vec<Value> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = lines.clone();
        let hclog = Hclog(move |line: &str| sink.lock().unwrap().push(serde_json::from_str(line).unwrap()));
        tracing::subscriber::with_default(subscriber(level, hclog), work);
        std::mem::take(&mut lines.lock().unwrap())
    }

    #[test]
    fn a_line_has_what_terraform_reads() {
        let lines = logged(LevelFilter::TRACE, || tracing::warn!(attempt = 2, "trying again"));
        assert_eq!(lines[0]["@message"], "trying again");
        assert_eq!(lines[0]["@level"], "warn");
        assert_eq!(lines[0]["@module"], "tcmesh.plugin.log.tests");
        assert_eq!(lines[0]["attempt"], 2);
    }

    #[test]
    fn the_time_has_six_digits_even_when_they_are_zeros() {
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        assert_eq!(format!("{now:.6}"), "2026-01-02T03:04:05.000000Z");
    }

    #[test]
    fn a_message_is_a_string_whatever_was_logged() {
        let lines = logged(LevelFilter::TRACE, || {
            tracing::info!(count = 1);
            tracing::info!(message = 7);
        });
        assert!(lines.iter().all(|line| line["@message"].is_string()), "{lines:?}");
    }

    #[test]
    fn an_event_has_the_fields_of_its_spans() {
        let lines = logged(LevelFilter::TRACE, || {
            let call = tracing::info_span!("call", tf_rpc = "ReadResource", tf_req_duration_ms = tracing::field::Empty);
            let _entered = call.enter();
            call.record("tf_req_duration_ms", 5);
            tracing::info_span!("inner", tf_rpc = "inner").in_scope(|| tracing::info!("done"));
        });
        assert_eq!((&lines[0]["tf_rpc"], &lines[0]["tf_req_duration_ms"]), (&"inner".into(), &5.into()));
    }

    #[test]
    fn secrets_are_not_logged() {
        crate::redaction::learn(SECRET);
        let lines = logged(LevelFilter::TRACE, || {
            let call = tracing::info_span!("call", token = SECRET);
            call.in_scope(|| tracing::info!(debug = ?SECRET, "canary {SECRET}"));
        });
        let [token, debug, message] = ["token", "debug", "@message"].map(|name| lines[0][name].as_str().unwrap());
        assert_eq!([token, debug, message], ["(secret)", "\"(secret)\"", "canary (secret)"]);
    }

    #[test]
    fn libraries_are_not_logged() {
        let lines = logged(LevelFilter::TRACE, || {
            tracing::error!(target: "h2::codec", "authorization: secret");
            tracing::trace!("ours");
        });
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn what_is_below_the_level_is_not_logged() {
        let lines = logged(LevelFilter::WARN, || {
            tracing::info!("progress");
            tracing::error!("failure");
        });
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn levels_are_read_as_terraform_reads_them() {
        assert_eq!(level(""), None);
        assert_eq!(level("debug"), Some(LevelFilter::DEBUG));
        assert_eq!(level("off"), Some(LevelFilter::OFF));
        assert_eq!(level("JSON"), Some(LevelFilter::TRACE));
        assert_eq!(level("1"), Some(LevelFilter::TRACE));
    }
}
