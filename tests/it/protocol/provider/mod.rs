//! A small provider of everything: a world of things in memory, faults on demand.

mod lookup;
mod pair;
mod thing;
mod token;
mod world;

use std::sync::Arc;

use tcmesh::framework::{Diagnostic, Diagnostics, Error, Model, Planned, Provider, Registry, Server};
use tcmesh::scope::{Scope, StopSwitch};

pub(crate) use pair::Pairs;
pub(crate) use world::{Fault, Record, World};

/// The provider block.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub(crate) struct Settings {
    /// The account, `a` or `b`.
    #[tf(required, one_of("a", "b"))]
    pub(crate) account: String,
    /// The secret.
    #[tf(optional, sensitive)]
    pub(crate) secret: Option<String>,
    /// The region.
    #[tf(optional, default = "gz")]
    pub(crate) region: String,
}

/// What the resources work with.
pub(crate) struct Session {
    pub(crate) world: Arc<World>,
    pub(crate) account: String,
    pub(crate) region: String,
}

pub(crate) struct TestProvider(pub(crate) Arc<World>);

impl Provider for TestProvider {
    const NAME: &'static str = "test";
    type Model = Settings;
    type Configuration = Session;

    fn check(config: &Planned<'_, Settings>, diagnostics: &mut Diagnostics) {
        if config.known::<String>("secret").is_some_and(|secret| secret.is_empty()) {
            diagnostics.error("secret", "Empty secret", "Leave it out instead.");
        }
    }

    async fn configure(&self, _: &Scope, settings: Settings) -> Result<Session, Error> {
        if settings.secret.as_deref() == Some("wrong") {
            return Err(Diagnostic::error("Wrong secret", "The API refuses it.").at("secret").into());
        }
        Ok(Session { world: Arc::clone(&self.0), account: settings.account, region: settings.region })
    }
}

pub(crate) fn server(world: &Arc<World>) -> Server<TestProvider> {
    let registry = Registry::new()
        .resource::<thing::Things>()
        .resource::<pair::Pairs>()
        .data_source::<lookup::Lookup>()
        .ephemeral::<token::Tokens>();
    Server::new(TestProvider(Arc::clone(world)), registry, StopSwitch::default())
}
