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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::cloud::script::{Script, Step, accept, refuse};
    use crate::framework::{Prior, Private};
    use crate::resources::mesh::config::{Config, Inject};
    use crate::resources::mesh::prometheus::Custom;
    use crate::resources::mesh::queue::MeshQueue;
    use crate::resources::mesh::telemetry::{AccessLog, Tracing};

    fn mesh(name: &str, config: Config) -> Mesh {
        Mesh { id: "mesh-1".into(), display_name: name.into(), config: Some(config), ..Mesh::default() }
    }

    fn shown(name: &str, config: &Value) -> Step {
        accept(json!({"Mesh": {"MeshId": "mesh-1", "DisplayName": name, "State": "RUNNING", "Config": config}}))
    }

    fn done() -> Step {
        accept(json!({}))
    }

    /// Brings the mesh from one state to another.
    async fn changed(script: &Arc<Script>, prior: Mesh, plan: &Mesh) {
        let scope = Scope::unstopped(Duration::from_secs(600));
        let turn = MeshQueue::default().turn(&scope, &script.client(), "mesh-1").await.expect("nobody is before it");
        let (id, prior) = ("mesh-1".parse().expect("an ID"), Prior::new(prior, Private::default()));
        let change = Change { config: plan, prior: &prior, plan };
        configure(&scope, &turn, &id, &change).await.expect("it is accepted");
        relink(&scope, &turn, &id, &change).await.expect("it is accepted");
    }

    fn sent(script: &Script) -> Vec<(String, Value)> {
        let seen = script.seen();
        let writes = seen.iter().filter(|seen| seen.action() != "DescribeMesh");
        writes.map(|seen| (seen.action().to_owned(), seen.body())).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn each_part_that_differs_is_sent_by_its_own_action() {
        let config = Config {
            inject: Some(Inject { hold_application_until_proxy_starts: true.into(), ..Inject::default() }),
            tracing: Some(Tracing { enable: true.into(), sampling: 5.0.into(), ..Tracing::default() }),
            access_log: Some(AccessLog { encoding: "JSON".into(), ..AccessLog::default() }),
            ..Config::default()
        };
        let script = Script::new([shown("old", &json!({"Tracing": {"Enable": false}})), done(), done(), done()]);
        changed(&script, mesh("old", Config::default()), &mesh("new", config)).await;
        let inject = json!({"ExcludeIPRanges": [], "HoldApplicationUntilProxyStarts": true});
        let expected = [
            ("ModifyMesh", json!({"MeshId": "mesh-1", "DisplayName": "new", "Config": {"Inject": inject}})),
            ("ModifyTracingConfig", json!({"MeshId": "mesh-1", "Enable": true, "Sampling": 5.0})),
            ("ModifyAccessLogConfig", json!({"MeshId": "mesh-1", "Encoding": "JSON"})),
        ];
        assert_eq!(sent(&script), expected.map(|(action, body)| (action.to_owned(), body)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_mesh_has_already_is_not_sent() {
        let tracing = Tracing { enable: true.into(), ..Tracing::default() };
        let plan = mesh("m", Config { tracing: Some(tracing), ..Config::default() });
        let script = Script::new([shown("m", &json!({"Tracing": {"Enable": true, "Sampling": 1.0}}))]);
        changed(&script, mesh("m", Config::default()), &plan).await;
        assert_eq!(sent(&script), []);
    }

    fn custom(version: &str) -> Mesh {
        let custom = Custom {
            url: "http://prom".into(),
            auth_type: "basic".into(),
            password_wo: "secret".to_owned().into(),
            password_version: Some(version.into()),
            ..Custom::default()
        };
        let prometheus = Prometheus { custom: Some(custom), ..Prometheus::default() };
        mesh("m", Config { prometheus: Some(prometheus), ..Config::default() })
    }

    #[tokio::test(start_paused = true)]
    async fn another_password_is_sent_by_linking_anew() {
        let script = Script::new([shown("m", &json!({})), refuse("ResourceNotFound"), done()]);
        changed(&script, custom("1"), &custom("2")).await;
        let sent = sent(&script);
        assert_eq!((sent[0].0.as_str(), sent[1].0.as_str()), ("UnlinkPrometheus", "LinkPrometheus"));
        assert_eq!(sent[1].1["Prometheus"]["CustomProm"]["Password"], "secret");
    }

    #[tokio::test(start_paused = true)]
    async fn a_prometheus_that_is_left_out_is_unlinked_and_the_same_one_left_alone() {
        let script = Script::new([shown("m", &json!({})), done()]);
        changed(&script, custom("1"), &mesh("m", Config::default())).await;
        assert_eq!(sent(&script)[0], ("UnlinkPrometheus".to_owned(), json!({"MeshID": "mesh-1"})));
        let script = Script::new([shown("m", &json!({}))]);
        changed(&script, custom("1"), &custom("1")).await;
        assert_eq!(sent(&script), []);
    }
}
