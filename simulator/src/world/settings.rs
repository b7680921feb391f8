//! The rules of a world: time, waits, quotas, and what the cloud's documents leave open.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::clock::Span;

/// How time goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClockSettings {
    /// Whether time goes by itself.
    pub mode: ClockMode,
    /// World seconds in a real second, in automatic mode.
    pub scale: f64,
}

impl Default for ClockSettings {
    fn default() -> Self {
        Self { mode: ClockMode::Auto, scale: 1.0 }
    }
}

/// Whether time goes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockMode {
    /// World time is scaled real time plus what was added by `POST /_sim/clock`.
    Auto,
    /// Only `POST /_sim/clock` moves it.
    Explicit,
}

/// The steps that the cloud takes after it has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// All steps that are not named.
    Default,
    /// A VPC joins a CCN.
    Attach,
    /// A VPC leaves a CCN.
    Detach,
    /// An endpoint of a cluster opens or closes.
    Endpoint,
    /// A TDCC hub is made.
    HubCreate,
    /// A TDCC hub is removed.
    HubDelete,
    /// TDCC takes over an own TKE cluster.
    Register,
    /// TDCC forgets a registered cluster.
    Unregister,
    /// A mesh is made.
    MeshCreate,
    /// A mesh is removed.
    MeshDelete,
    /// A cluster joins a mesh.
    Link,
    /// A cluster leaves a mesh.
    Unlink,
    /// An ingress gateway gets its load balancer.
    Gateway,
    /// A mesh gets its Prometheus.
    Prometheus,
    /// A load balancer is made or removed.
    Balancer,
    /// A new DNS record appears in lists.
    RecordList,
    /// A change of DNS records reaches the name servers.
    Dns,
}

/// How long each step takes, in world time.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Waits(BTreeMap<Step, Span>);

impl Waits {
    /// How long `step` takes: what is said for it, else for `default`, else 300 ms.
    pub fn of(&self, step: Step) -> Span {
        let said = self.0.get(&step).or_else(|| self.0.get(&Step::Default));
        said.copied().unwrap_or(Span::from_millis(300))
    }
}

/// What the cloud's documents leave open, and switches.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Who may detach a VPC of one account from the CCN of another.
    pub detach: DetachRight,
    /// How long a CCN's owner has to answer a request. The documents name no time; 7 days are widely assumed.
    pub request_expiry: Span,
    /// After what time the cloud detaches an instance whose attachment or detachment failed (API reference: 2 hours).
    pub forced_detach: Span,
    /// How long a detached instance is still listed as `DELETED`.
    pub deleted_rows: Span,
    /// What `ModifyMesh` does with the gateways that a sent list leaves out.
    pub ingress_gateway_list: GatewayListRule,
    /// `Cluster.Type` of a registered cluster in a mesh.
    pub registered_cluster_type: String,
    /// The Istio versions on offer.
    pub mesh_versions: Vec<String>,
    /// How long the token in an agent manifest can be used.
    pub agent_token_lifetime: Span,
    /// Whether a registered cluster's manifest can be fetched.
    pub manifest_once_registered: ManifestRule,
    /// How long a gateway waits, in real time, for a connection to a pod that the network does not carry it to.
    pub connect_timeout: Span,
    /// The role through which an account authorises TDCC.
    pub hub_role: String,
    /// The policy that this role must have.
    pub hub_role_policy: String,
    /// Actions that this cloud does not have, as `service:Action`, with `*` for any text.
    pub missing_actions: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            detach: DetachRight::Both,
            request_expiry: Span::from_hours(168),
            forced_detach: Span::from_hours(2),
            deleted_rows: Span::from_millis(0),
            ingress_gateway_list: GatewayListRule::Replace,
            registered_cluster_type: "TDCC".into(),
            mesh_versions: ["1.12.5", "1.14.5", "1.16.5", "1.18.5"].map(Into::into).into(),
            agent_token_lifetime: Span::from_hours(24),
            manifest_once_registered: ManifestRule::Allow,
            connect_timeout: Span::from_millis(100),
            hub_role: "TKE_QCSRole".into(),
            hub_role_policy: "QcloudAccessForTDCCRole".into(),
            missing_actions: Vec::new(),
        }
    }
}

/// Who may detach a VPC of one account from the CCN of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DetachRight {
    /// The owner of the CCN only.
    CcnOwner,
    /// The owner of the VPC only.
    InstanceOwner,
    /// Either.
    Both,
}

/// What `ModifyMesh` does with the gateways of a cluster that a sent list leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GatewayListRule {
    /// They are removed.
    Replace,
    /// They stay; an empty list removes all.
    Merge,
}

/// Whether the agent manifest of a cluster that is already registered can be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ManifestRule {
    /// It can.
    Allow,
    /// It is refused with `ResourceUnavailable.ClusterState`.
    Refuse,
}

/// The largest numbers of things. The defaults are those of the product documents.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quotas {
    /// CCNs of an account.
    pub ccns: usize,
    /// Instances of a CCN.
    pub ccn_instances: usize,
    /// CCNs that one VPC is in.
    pub instance_ccns: usize,
    /// Meshes of an account.
    pub meshes: usize,
    /// Clusters of a mesh.
    pub mesh_clusters: usize,
    /// Regions of the clusters of a mesh.
    pub mesh_regions: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { ccns: 5, ccn_instances: 25, instance_ccns: 1, meshes: 20, mesh_clusters: 10, mesh_regions: 3 }
    }
}
