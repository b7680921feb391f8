//! The provider, called in this process as Terraform calls it.

use tcmesh::framework::schema::{Kind, Schema};
use tcmesh::framework::{Server, msgpack};
use tcmesh::proto::tfplugin6::diagnostic::Severity;
use tcmesh::proto::tfplugin6::provider_client::ProviderClient;
use tcmesh::proto::tfplugin6::provider_server::ProviderServer;
use tcmesh::proto::tfplugin6::{Diagnostic, DynamicValue};
use tcmesh::provider::{Tcmesh, server};
use tcmesh::scope::StopSwitch;
use tokio::runtime::Runtime;

/// A provider that is not configured.
pub(super) struct Provider {
    pub(super) client: ProviderClient<ProviderServer<Server<Tcmesh>>>,
    pub(super) runtime: Runtime,
    server: Server<Tcmesh>,
}

impl Provider {
    pub(super) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = ProviderClient::new(ProviderServer::new(server(StopSwitch::default())));
        Self { client, runtime, server: server(StopSwitch::default()) }
    }

    /// The name and the schema of one thing of a kind, chosen by a byte.
    pub(super) fn chosen(&self, kind: Kind, byte: u8) -> (String, &Schema) {
        let all: Vec<_> = self.server.registry().schemas().filter(|(of, ..)| *of == kind).collect();
        let (_, name, schema) = all[usize::from(byte) % all.len()];
        (format!("tcmesh_{name}"), schema)
    }
}

/// Diagnostics as an outcome. Each must say something.
pub(super) fn told(diagnostics: &[Diagnostic]) -> String {
    let told = diagnostics.iter().map(|diagnostic| {
        assert_ne!(diagnostic.severity(), Severity::Invalid);
        assert_ne!(diagnostic.summary, "");
        let steps = diagnostic.attribute.iter().map(|attribute| attribute.steps.len()).sum::<usize>();
        format!("{} {} {steps}\n", diagnostic.summary, diagnostic.detail)
    });
    told.take(4).collect()
}

/// Whether one of them is an error.
pub(super) fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error)
}

/// Checks that an answer is a value of the schema without unknowns, or that an error says why there is none.
pub(super) fn check_answer(answer: Option<&DynamicValue>, diagnostics: &[Diagnostic], schema: &Schema) {
    match answer {
        Some(answer) => {
            let value = msgpack::decode(&answer.msgpack, &schema.r#type).expect("a value of the schema");
            assert_eq!(msgpack::encode(&value), answer.msgpack, "exactly the schema's attributes");
        }
        None => assert!(has_errors(diagnostics), "neither a value nor an error"),
    }
}
