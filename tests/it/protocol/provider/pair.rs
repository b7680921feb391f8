//! `test_pair`: a resource that is only ever replaced, and whose identity holds no `id`.

use std::str::FromStr;
use std::sync::Arc;

use tcmesh::framework::{Change, Error, Model, Prior, Progress, Resource};
use tcmesh::scope::Scope;

use super::Session;

/// Two names that belong together.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub(crate) struct Pair {
    /// The left one.
    #[tf(required, force_new, identity)]
    pub(crate) left: String,
    /// The right one.
    #[tf(required, force_new, identity)]
    pub(crate) right: String,
}

#[derive(Clone)]
pub(crate) struct PairId(String, String);

impl FromStr for PairId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (left, right) = text.split_once('/').ok_or("expected two names with `/` between them")?;
        Ok(Self(left.to_owned(), right.to_owned()))
    }
}

impl std::fmt::Display for PairId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.0, self.1)
    }
}

pub(crate) struct Pairs;

impl Resource for Pairs {
    const NAME: &'static str = "pair";
    type Configuration = Session;
    type Model = Pair;
    type Id = PairId;

    fn new(_: &Arc<Session>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn id_from_identity(model: &Pair) -> Result<PairId, Error> {
        Ok(PairId(model.left.clone(), model.right.clone()))
    }

    async fn check_owner(&self, _: &Scope, _: &Pair) -> Result<(), Error> {
        Ok(())
    }

    async fn create(&self, _: &Scope, _: &Pair, plan: &Pair, progress: &mut Progress<Pair>) -> Result<(), Error> {
        progress.keep(plan.clone());
        Ok(())
    }

    async fn read(&self, _: &Scope, id: &PairId, _: &Prior<Pair>) -> Result<Option<Pair>, Error> {
        Ok(Some(Pair { left: id.0.clone(), right: id.1.clone() }))
    }

    async fn update(&self, _: &Scope, _: &PairId, _: &Change<'_, Pair>, _: &mut Progress<Pair>) -> Result<(), Error> {
        Ok(())
    }

    async fn delete(&self, _: &Scope, _: &PairId, _: &Prior<Pair>) -> Result<(), Error> {
        Ok(())
    }
}
