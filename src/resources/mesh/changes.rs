//! Changes of an existing mesh.

use super::covers::uncovered;
use super::mesh::Mesh;
use super::prometheus::Prometheus;
use super::queue::Turn;
use crate::cloud;
use crate::cloud::api::tcm::{self, MeshConfig};
use crate::framework::Change;
use crate::resources::ids::MeshId;
use crate::scope::Scope;

/// Sends what the plan asks for and the mesh does not have yet.
pub(super) async fn configure(
    scope: &Scope,
    turn: &Turn,
    id: &MeshId,
    change: &Change<'_, Mesh>,
) -> Result<(), cloud::Error> {
    let mesh = turn.mesh(scope).await?;
    let MeshConfig { istio, access_log, prometheus: _, inject, tracing, sidecar_resources } =
        missing(&mesh.config.unwrap_or_default(), change.plan.request(change.config));
    let mesh_id = id.to_string();
    let display_name = Some(change.plan.display_name.clone()).filter(|name| mesh.display_name.as_ref() != Some(name));
    let config = MeshConfig { istio, inject, sidecar_resources, ..Default::default() };
    let config = Some(config).filter(|config| *config != MeshConfig::default());
    if display_name.is_some() || config.is_some() {
        let action = tcm::ModifyMesh { mesh_id: mesh_id.clone(), display_name, config, cluster_list: None };
        turn.send(scope, &action).await?;
    }
    if let Some(tracing) = tracing {
        turn.send(scope, &tcm::ModifyTracingConfig { mesh_id: mesh_id.clone(), tracing }).await?;
    }
    if let Some(access_log) = access_log {
        turn.send(scope, &tcm::ModifyAccessLogConfig { mesh_id, access_log }).await?;
    }
    Ok(())
}

/// The parts of a configuration that the mesh does not have, but for Prometheus, which is linked in its own way.
fn missing(actual: &MeshConfig, wanted: MeshConfig) -> MeshConfig {
    let MeshConfig { istio, access_log, prometheus: _, inject, tracing, sidecar_resources } = wanted;
    MeshConfig {
        istio: uncovered(istio, actual.istio.as_ref()),
        access_log: uncovered(access_log, actual.access_log.as_ref()),
        prometheus: None,
        inject: uncovered(inject, actual.inject.as_ref()),
        tracing: uncovered(tracing, actual.tracing.as_ref()),
        sidecar_resources: uncovered(sidecar_resources, actual.sidecar_resources.as_ref()),
    }
}

/// Links the planned Prometheus in place of the one before, and answers the one that was linked.
pub(super) async fn relink<'a>(
    scope: &Scope,
    turn: &Turn,
    id: &MeshId,
    change: &Change<'a, Mesh>,
) -> Result<Option<&'a Prometheus>, cloud::Error> {
    let (prior, plan) = (change.prior.prometheus(), change.plan.prometheus());
    if prior == plan {
        return Ok(None);
    }
    if prior.is_some() {
        match turn.send(scope, &tcm::UnlinkPrometheus { mesh_id: id.to_string() }).await {
            Err(error) if error.is_not_found() => {}
            unlinked => drop(unlinked?),
        }
    }
    let Some(plan) = plan else { return Ok(None) };
    let prometheus = plan.request(change.config.prometheus());
    turn.send(scope, &tcm::LinkPrometheus { mesh_id: id.to_string(), prometheus }).await?;
    Ok(Some(plan))
}
