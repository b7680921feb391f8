//! The attributes of an agent.

use super::{AgentId, documents, live};
use crate::framework::{Computed, Model, Part, WriteOnly};
use crate::kubernetes::ObjectReference;
use crate::resources::ids::checks;
use crate::resources::place::Place;
use crate::resources::routing::manifest::Object;

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
    /// The ID of a new agent.
    pub(super) fn id(&self) -> AgentId {
        AgentId { cluster_id: self.cluster_id.clone(), registration_id: self.registration_id.clone() }
    }

    /// Where the agent with this ID is.
    pub(super) fn place(&self, id: &AgentId) -> Place {
        Place {
            cluster_id: id.cluster_id.clone(),
            account_id: self.account_id.clone(),
            region: self.region.clone(),
            cluster_uid: self.cluster_uid.clone(),
        }
    }

    /// The agent with everything that follows from where it is.
    pub(super) fn at(self, id: &AgentId, place: Place, control_plane: String) -> Self {
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
    pub(super) fn with_objects(self, objects: &[ObjectReference]) -> Self {
        let objects: Vec<_> = objects.iter().map(Object::from).collect();
        Self { objects: objects.into(), drift: Vec::new().into(), ..self }
    }

    /// The agent's objects; those that are known of every agent where none are recorded.
    pub(super) fn object_references(&self) -> Vec<ObjectReference> {
        match self.objects.get() {
            Some(objects) => objects.iter().map(Object::reference).collect(),
            None => live::known(),
        }
    }
}
