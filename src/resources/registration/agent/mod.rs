//! `tcmesh_tdcc_agent`: the agent by which a cluster reports to a hub.

mod documents;
mod id;
mod install;
mod live;
mod model;
mod rollout;

use std::sync::Arc;

pub use id::AgentId;
use install::{check_free, install, remove};
use live::Fingerprints;
pub use model::Agent;

use super::found;
use crate::framework::{Change, Diagnostic, Diagnostics, Error, Planned, Prior, Progress, Resource, Severity};
use crate::kubernetes::{Cluster, Document, ObjectReference};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::place::Place;
use crate::scope::Scope;

/// The resource.
pub struct AgentResource(Arc<Context>);

impl Resource for AgentResource {
    const NAME: &'static str = "tdcc_agent";
    type Configuration = Context;
    type Model = Agent;
    type Id = AgentId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    /// A manifest that is not there is known in a plan only: ephemeral values are unknown before.
    fn check_settings(&self, planned: &Planned<'_, Agent>, diagnostics: &mut Diagnostics) {
        if planned.is_create() {
            self.0.clusters.check_named(planned, diagnostics);
        }
        if !planned.is_null("manifest_wo") {
            return;
        }
        let version = planned.known::<String>("manifest_version");
        let is_changed = |before: &String| !before.is_empty() && version.is_some_and(|version| version != *before);
        match planned.prior() {
            Some(prior) if prior.drift.get().is_some_and(|drift| !drift.is_empty()) => diagnostics.push(unrepairable()),
            Some(prior) if !is_changed(&prior.manifest_version) => {}
            _ => diagnostics.push(no_manifest()),
        }
    }

    async fn check_owner(&self, scope: &Scope, prior: &Agent) -> Result<(), Error> {
        prior.place(&Self::id_from_identity(prior)?).check(&self.0, scope).await
    }

    async fn create(
        &self,
        scope: &Scope,
        config: &Agent,
        plan: &Agent,
        progress: &mut Progress<Agent>,
    ) -> Result<(), Error> {
        let (place, cluster) = Place::of_new(&self.0, scope, plan.cluster_id.as_deref()).await?;
        let documents = documents_of(config)?;
        check_free(scope, &cluster, &documents, &plan.id(), progress).await?;
        let control_plane = self.control_plane(scope, &place).await?;
        let agent = plan.clone().at(&plan.id(), place, control_plane);
        progress.keep(agent.with_objects(&references(&documents)));
        install(scope, &cluster, &documents, progress).await
    }

    async fn read(&self, scope: &Scope, id: &AgentId, prior: &Prior<Agent>) -> Result<Option<Agent>, Error> {
        let place = prior.place(id);
        let cluster = place.cluster(&self.0, scope).await?;
        let fingerprints = Fingerprints::of(prior.private());
        let imported = prior.objects.get().is_none();
        let found = live::look(scope, &cluster, prior.object_references(), &fingerprints).await;
        let live::Found { objects, drift } = found.doing(|| format!("read the agent of {}", id.registration_id))?;
        if objects.is_empty() {
            return Ok(None);
        }
        let place = place.completed(&self.0, scope, &cluster).await?;
        let control_plane = match prior.control_plane.get() {
            Some(known) => known.clone(),
            None => self.control_plane(scope, &place).await?,
        };
        let agent = Agent::clone(prior).at(id, place, control_plane);
        Ok(Some(if imported { agent.with_objects(&objects) } else { Agent { drift: drift.into(), ..agent } }))
    }

    async fn update(
        &self,
        scope: &Scope,
        id: &AgentId,
        change: &Change<'_, Agent>,
        progress: &mut Progress<Agent>,
    ) -> Result<(), Error> {
        if !change.any(|agent| (&agent.manifest_version, &agent.manifest_hash, &agent.drift)) {
            return Ok(());
        }
        let documents = documents_of(change.config)?;
        let cluster = self.cluster_for_apply(scope, id, change.prior).await?;
        let (before, after) = (change.prior.object_references(), references(&documents));
        let is_dropped = |object: &&ObjectReference| !after.iter().any(|kept| object.is_same(kept));
        let dropped: Vec<_> = before.iter().filter(is_dropped).cloned().collect();
        let both = [&dropped[..], &after[..]].concat();
        progress.keep(Agent { drift: change.prior.drift.clone(), ..Agent::clone(change.prior).with_objects(&both) });
        install(scope, &cluster, &documents, progress).await?;
        remove(scope, &cluster, &dropped).await?;
        progress.keep(change.plan.clone().with_objects(&after));
        Ok(())
    }

    async fn delete(&self, scope: &Scope, id: &AgentId, prior: &Prior<Agent>) -> Result<(), Error> {
        let cluster = self.cluster_for_apply(scope, id, prior).await?;
        remove(scope, &cluster, &prior.object_references()).await
    }
}

impl AgentResource {
    async fn cluster_for_apply(&self, scope: &Scope, id: &AgentId, prior: &Agent) -> Result<Cluster, Error> {
        self.0.clusters.for_apply_in(scope, &prior.region, id.cluster_id.as_deref()).await
    }

    async fn control_plane(&self, scope: &Scope, place: &Place) -> Result<String, Error> {
        let Some(cluster_id) = &place.cluster_id else { return Ok(UNKNOWN.into()) };
        let client = self.0.in_region(&place.region);
        let doing = || format!("look up the cluster {cluster_id}");
        let found = found::by_id(scope, &client, cluster_id).await.doing(doing)?;
        Ok(found.map_or(UNKNOWN, |found| found.control_plane).into())
    }
}

/// What is said of the control plane of a cluster that the cloud does not know.
const UNKNOWN: &str = "unknown";

/// Other objects can be applied nevertheless.
fn unrepairable() -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..no_manifest() }
}

fn no_manifest() -> Diagnostic {
    let detail = "A new agent needs the manifest, and so does a change or a repair. Give \
                  `ephemeral.tcmesh_tdcc_agent_manifest.….manifest`, or the agent.yaml that the console of the hub's account shows \
                  (TKE, \"Registered cluster\", \"view registration command\"). The hub may refuse it for a cluster that is \
                  registered already: then unregister the cluster there first.";
    Diagnostic::error("Manifest missing", detail).at("manifest_wo")
}

fn documents_of(config: &Agent) -> Result<Vec<Document>, Error> {
    let yaml = config.manifest_wo.get().ok_or_else(no_manifest)?;
    let invalid = |problem| Diagnostic::error("Invalid manifest", problem).at("manifest_wo");
    let mut documents = documents::parse(yaml).map_err(invalid)?;
    documents::mark(&mut documents, &config.manifest_version);
    Ok(documents)
}

fn references(documents: &[Document]) -> Vec<ObjectReference> {
    documents.iter().map(|document| document.object.clone()).collect()
}
