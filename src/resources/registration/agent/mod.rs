//! `tcmesh_tdcc_agent`: the agent by which a cluster reports to a hub.

mod documents;
mod id;
mod install;
mod live;
mod rollout;

use std::sync::Arc;

pub use id::AgentId;
use install::{check_free, install, remove};
use live::Fingerprints;

use crate::framework::{
    Change, Computed, Diagnostic, Diagnostics, Error, Model, Part, Planned, Prior, Progress, Resource, Severity,
    WriteOnly,
};
use crate::kubernetes::{Cluster, Document, ObjectReference};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::resources::place::Place;
use crate::resources::registration::found;
use crate::resources::routing::manifest::Object;
use crate::scope::Scope;

/// The agent of a registered cluster: applied to the cluster with the keys of its own account, whoever owns the hub. It is done
/// when the agent's pods are available.
///
/// Each document of the manifest is applied on the server's side, with what others need first; what a new manifest no longer has
/// is deleted. The manifest is applied again when it changes, when `manifest_version` does, and when somebody deleted or changed
/// one of its objects. Another token alone changes nothing. The state holds references to the objects and a hash, nothing of the
/// manifest.
///
/// No undocumented action of TDCC is called: with `tdcc { enabled = false }` in the provider block, `registration_id` and
/// `manifest_wo` are the cluster's ID and the agent.yaml that the console of the hub's account shows (TKE, "Registered cluster",
/// "view registration command").
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Agent {
    /// Cluster and registration, for example `cls-mem00003#cls-65r1c5nu`; only the registration where the cluster is that of the
    /// provider's `kubernetes` block.
    #[tf(computed, identity)]
    pub id: Computed<String>,
    /// The root account that owns the cluster, for example `100000000002`; null for the cluster of the `kubernetes` block.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The cluster's region, for example `ap-guangzhou`; null for the cluster of the `kubernetes` block.
    #[tf(computed, identity(optional))]
    pub region: Computed<String>,
    /// The TKE or serverless cluster, for example `cls-mem00003`; that of the provider's `kubernetes` block where it is left out.
    #[tf(optional, force_new, check = checks::cluster)]
    pub cluster_id: Option<String>,
    /// The registration that the agent reports to, for example `tcmesh_tdcc_registration.cluster3.id`.
    #[tf(required, force_new, check = checks::cluster)]
    pub registration_id: String,
    /// The manifest, for example `ephemeral.tcmesh_tdcc_agent_manifest.cluster3.manifest`, or an ephemeral variable with the
    /// agent.yaml of the console. A new agent needs it, and so does a change; null leaves an agent as it is.
    #[tf(optional, write_only, check = check_manifest)]
    pub manifest_wo: WriteOnly<String>,
    /// Any text, for example `1`. Another one applies the manifest again and starts the agent's pods anew, so that they get the new
    /// token: needed where a token expired before the agent used it.
    #[tf(required, config_only, length(1..=64))]
    pub manifest_version: String,
    /// What must be there before the agent can reach the hub, for example `[tcmesh_ccn_attachment_accepter.member.active_id]`. Only the
    /// references count.
    #[tf(optional, config_only)]
    pub reachable_through: Vec<String>,
    /// The ID of the registered cluster, for example `cls-65r1c5nu`. It is known once the agent is available, so what refers to it
    /// waits for that.
    #[tf(computed)]
    pub registered_cluster_id: Computed<String>,
    /// Who runs the cluster's control plane: `managed`, `independent`, `serverless`, or `unknown` for a cluster outside of Tencent
    /// Cloud.
    #[tf(computed)]
    pub control_plane: Computed<String>,
    /// The UID of the cluster's namespace `kube-system`, by which the cluster is known again.
    #[tf(computed)]
    pub cluster_uid: Computed<String>,
    /// The objects that the manifest consists of, in the order in which they were applied.
    #[tf(computed, changes_with("manifest_hash", "manifest_version"))]
    pub objects: Computed<Vec<Object>>,
    /// What has become of the objects since, a sentence each, for example `Deployment clusternet-system/clusternet-agent is gone`.
    /// Where there is any, the next apply restores the agent.
    #[tf(computed, settles = [])]
    pub drift: Computed<Vec<String>>,
    /// A hash of the manifest without its secrets, by which a change of it is noticed.
    #[tf(computed, derived = manifest_hash)]
    pub manifest_hash: Computed<String>,
}

fn check_manifest(yaml: &str) -> Result<(), String> {
    documents::parse(yaml).map(drop)
}

/// The hash of a configuration's manifest. One that cannot be read is told by the attribute's check.
fn manifest_hash(config: &Part<'_>) -> Computed<String> {
    match config.get::<String>("manifest_wo") {
        Computed::Known(yaml) => documents::parse(&yaml).ok().map(|documents| documents::hash(&documents)).into(),
        Computed::Unknown => Computed::Unknown,
        Computed::Null => Computed::Null,
    }
}

impl Agent {
    fn id(&self) -> AgentId {
        AgentId { cluster_id: self.cluster_id.clone(), registration_id: self.registration_id.clone() }
    }

    fn place(&self, id: &AgentId) -> Place {
        Place {
            cluster_id: id.cluster_id.clone(),
            account_id: self.account_id.clone(),
            region: self.region.clone(),
            cluster_uid: self.cluster_uid.clone(),
        }
    }

    /// The agent with everything that follows from where it is.
    fn at(self, id: &AgentId, place: Place, control_plane: String) -> Self {
        let Place { cluster_id, account_id, region, cluster_uid } = place;
        Self {
            id: id.to_string().into(),
            account_id,
            region,
            cluster_id,
            registration_id: id.registration_id.clone(),
            registered_cluster_id: id.registration_id.clone().into(),
            control_plane: control_plane.into(),
            cluster_uid,
            ..self
        }
    }

    /// The agent with these objects, all as they should be.
    fn with_objects(self, objects: &[ObjectReference]) -> Self {
        let objects: Vec<_> = objects.iter().map(Object::from).collect();
        Self { objects: objects.into(), drift: Vec::new().into(), ..self }
    }

    fn object_references(&self) -> Vec<ObjectReference> {
        match self.objects.get() {
            Some(objects) => objects.iter().map(Object::reference).collect(),
            None => live::known(),
        }
    }
}

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
