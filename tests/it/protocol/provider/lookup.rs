//! `test_lookup`: a data source.

use std::sync::Arc;

use tcmesh::framework::{Computed, DataSource, Diagnostic, Diagnostics, Error, Model, Planned};
use tcmesh::scope::Scope;

use super::Session;
use super::world::Fault;

/// Things, looked up by their number.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub(crate) struct LookedUp {
    /// The ID to look up.
    #[tf(required)]
    pub(crate) id: String,
    /// How many at most.
    #[tf(optional, default = 10, range(1..=100))]
    pub(crate) most: i64,
    /// What was found.
    #[tf(computed)]
    pub(crate) found: Computed<Vec<Found>>,
}

/// A thing that was found.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub(crate) struct Found {
    /// The name.
    #[tf(computed)]
    pub(crate) name: Computed<String>,
}

pub(crate) struct Lookup(Arc<Session>);

impl DataSource for Lookup {
    const NAME: &'static str = "lookup";
    type Configuration = Session;
    type Model = LookedUp;

    fn new(session: &Arc<Session>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(session)))
    }

    fn check(config: &Planned<'_, LookedUp>, diagnostics: &mut Diagnostics) {
        if config.known::<String>("id").is_some_and(|id| id.is_empty()) {
            diagnostics.error("id", "Empty ID", "Expected an ID.");
        }
        diagnostics.warning("id", "Slow", "This takes a while.");
    }

    async fn read(&self, _: &Scope, config: LookedUp) -> Result<LookedUp, Error> {
        let world = &self.0.world;
        world.call(format!("look up at most {}", config.most));
        match world.fault() {
            Fault::Unreadable => return Err(Diagnostic::error("The API failed", "It is not available.").into()),
            Fault::PanicsInRead => panic!("out of luck"),
            Fault::HangsInRead => {
                world.waiting.notify_one();
                std::future::pending::<()>().await;
            }
            Fault::Incomplete => return Ok(LookedUp { found: Computed::Unknown, ..config }),
            _ => {}
        }
        let found = world.get(&config.id).map(|record| Found { name: record.name.into() });
        // The answer spells the ID in another way, which Terraform must not see.
        Ok(LookedUp { id: config.id.to_uppercase(), most: 0, found: found.into_iter().collect::<Vec<_>>().into() })
    }
}
