//! One call: in a task of its own, with a stop of its own, logged, and answered even after a panic.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;
use tonic::{Response, Status};
use tracing::{Instrument, Span, debug, debug_span};

use super::wire::write_diagnostic;
use super::{Core, Server};
use crate::framework::provider::Provider;
use crate::framework::task::panicked;
use crate::proto::tfplugin6::diagnostic::Severity;
use crate::proto::tfplugin6::{self as message, Diagnostic};

/// A message that tells its diagnostics.
pub(super) trait Reply: Send + 'static {
    fn diagnostics(&mut self) -> &mut Vec<Diagnostic>;
}

/// What is called, for the log.
pub(super) struct Rpc {
    name: &'static str,
    type_name: String,
}

/// A call that concerns a type, or none where the name is empty.
pub(super) fn rpc(name: &'static str, type_name: &str) -> Rpc {
    Rpc { name, type_name: type_name.to_owned() }
}

impl<P: Provider> Server<P> {
    /// Runs the body of a call. After a panic `fallback` is answered, with an error added.
    ///
    /// When Terraform drops the connection, the body is asked to stop, and goes on until it does.
    pub(super) async fn call<R: Reply, F: Future<Output = R> + Send + 'static>(
        &self,
        rpc: Rpc,
        mut fallback: R,
        body: impl FnOnce(Arc<Core<P>>, CancellationToken) -> F,
    ) -> Result<Response<R>, Status> {
        let stop = self.0.stop.token().child_token();
        let _stops_when_dropped = stop.clone().drop_guard();
        let span = debug_span!("rpc", tf_rpc = rpc.name, tf_resource_type = rpc.type_name, tf_req_id = request_id());
        let started = Instant::now();
        #[expect(clippy::disallowed_methods, reason = "each call runs in a task of its own, which is awaited")]
        let task = tokio::spawn(body(Arc::clone(&self.0), stop).instrument(span.clone()));
        let mut reply = task.await.unwrap_or_else(|error| {
            fallback.diagnostics().push(write_diagnostic(panicked(error)));
            fallback
        });
        log_answer(&span, started, reply.diagnostics());
        Ok(Response::new(reply))
    }
}

/// Logs how a call went. Values are never logged.
fn log_answer(span: &Span, started: Instant, diagnostics: &[Diagnostic]) {
    let count = |severity: Severity| diagnostics.iter().filter(|found| found.severity() == severity).count();
    let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| {
        debug!(
            tf_req_duration_ms = elapsed,
            diagnostic_error_count = count(Severity::Error),
            diagnostic_warning_count = count(Severity::Warning),
            "answered"
        );
    });
}

/// A random ID, to find the lines of one call in the log.
fn request_id() -> String {
    let mut bytes = [0; 16];
    // Without randomness the calls are not told apart in the log, which is no reason to fail one.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Implements [`Reply`] for messages with a list of diagnostics.
macro_rules! replies {
    ($($rpc:ident),*) => {
        $(impl Reply for message::$rpc::Response {
            fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
                &mut self.diagnostics
            }
        })*
    };
}

replies!(
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    validate_provider_config,
    configure_provider,
    validate_resource_config,
    plan_resource_change,
    apply_resource_change,
    read_resource,
    import_resource_state,
    upgrade_resource_state,
    upgrade_resource_identity,
    validate_data_resource_config,
    read_data_source,
    validate_ephemeral_resource_config,
    open_ephemeral_resource,
    renew_ephemeral_resource,
    close_ephemeral_resource
);
