//! `data.tcmesh_route_probe`: what a host answers, for resources and outputs.

use std::sync::Arc;
use std::time::Duration;

use super::checks::LONGEST;
use super::model::{self, RouteProbe};
use super::probing::probe;
use crate::framework::{DataSource, Diagnostics, Error, Planned};
use crate::resources::context::Context;
use crate::scope::Scope;

/// The data source.
pub struct RouteProbeSource;

impl DataSource for RouteProbeSource {
    const NAME: &'static str = "route_probe";
    const TIMEOUT: Duration = LONGEST;
    type Configuration = Context;
    type Model = RouteProbe;

    fn new(_: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn check(config: &Planned<'_, RouteProbe>, diagnostics: &mut Diagnostics) {
        model::check(config, diagnostics);
    }

    async fn read(&self, scope: &Scope, config: RouteProbe) -> Result<RouteProbe, Error> {
        probe(scope, config).await
    }
}
