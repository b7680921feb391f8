//! `ephemeral.tcmesh_route_probe`: whether a host is answered as it should be, for checks.

use std::sync::Arc;
use std::time::Duration;

use super::checks::LONGEST;
use super::model::{self, RouteProbe};
use super::probing::probe;
use crate::framework::{Diagnostic, Diagnostics, Ephemeral, Error, Opened, Planned};
use crate::resources::context::Context;
use crate::scope::Scope;

/// The ephemeral resource.
pub struct RouteProbeResource;

impl Ephemeral for RouteProbeResource {
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

    async fn open(&self, scope: &Scope, config: RouteProbe) -> Result<Opened<RouteProbe>, Error> {
        let probed = probe(scope, config).await?;
        let warnings = warning(&probed).map(Diagnostics::from).unwrap_or_default();
        Ok(Opened { warnings, ..Opened::new(probed) })
    }
}

/// Why a probe did not pass: Terraform shows no `error_message` that refers to what is ephemeral. The summary names the host, since Terraform shows
/// only the first of several warnings with the same summary.
fn warning(probed: &RouteProbe) -> Option<Diagnostic> {
    let failure = probed.failure.get().filter(|failure| !failure.is_empty())?;
    Some(Diagnostic::warning(format!("{} is not answered as expected", probed.host), failure))
}
