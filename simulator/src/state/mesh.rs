//! Meshes: their clusters, and the ingress gateways with their load balancers.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::Cloud;
use super::balancer::{Balancer, BalancerKind, BalancerRequest, BalancerState};
use super::identity::Uin;
use super::phase::{Phase, Timing};
use super::tags::Tagged;
use crate::world::Step;

/// A mesh. Its control plane is hosted by the cloud.
#[derive(Clone, Debug, Serialize)]
pub struct Mesh {
    /// `mesh-…`.
    pub id: String,
    /// The account it belongs to.
    pub owner: Uin,
    /// Its home region.
    pub region: String,
    /// Its name.
    pub name: String,
    /// Its Istio version, such as `1.12.5`.
    pub version: String,
    /// Its state.
    pub phase: Phase<MeshState>,
    /// `MeshConfig` as the API has it, complete.
    pub config: Value,
    /// Its clusters in the order they were linked.
    pub clusters: Vec<MeshCluster>,
    /// The keys of the tags that were to be passed on to load balancers (`Passthrough`).
    pub passed_on: BTreeSet<String>,
    /// Its Prometheus.
    pub prometheus: Option<Prometheus>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// The state of a mesh (API reference, tcm, `Mesh`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MeshState {
    /// It is being made.
    Creating,
    /// It runs.
    Running,
    /// Making it failed.
    CreateFailed,
    /// It is being removed.
    Deleting,
    /// Removing it failed.
    DeleteFailed,
    /// It is gone.
    Deleted,
}

/// A cluster of a mesh.
#[derive(Clone, Debug, Serialize)]
pub struct MeshCluster {
    /// Its id: a cluster's, or that of a registered one.
    pub id: String,
    /// The region it is linked in: that of the hub, for a registered one.
    pub region: String,
    /// `MASTER` or `REMOTE`.
    pub role: String,
    /// The network given for it.
    pub vpc_id: String,
    /// The subnet given for it.
    pub subnet_id: String,
    /// `TKE`, `EKS`, or the world's word for registered clusters.
    pub kind: String,
    /// The cluster of the world file that it is, where it is known.
    pub member: Option<String>,
    /// Its state.
    pub phase: Phase<LinkState>,
    /// Why linking failed or will fail; empty where all is fine.
    pub error: String,
    /// Since when it is linked.
    pub linked: Option<Timestamp>,
    /// `ClusterConfig` as the API has it, without the gateways.
    pub config: Value,
    /// Its ingress gateways.
    pub gateways: Vec<Gateway>,
}

/// The state of a cluster in a mesh (API reference, tcm, `ClusterStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkState {
    /// It is being linked.
    Linking,
    /// It is linked.
    Linked,
    /// Linking failed.
    LinkFailed,
    /// It is being unlinked.
    Unlinking,
    /// Unlinking failed.
    UnlinkFailed,
    /// It is no part of the mesh any more.
    Unlinked,
}

/// An ingress gateway in a cluster of a mesh.
#[derive(Clone, Debug, Serialize)]
pub struct Gateway {
    /// Its namespace.
    pub namespace: String,
    /// Its name: also the label `app` of its pods.
    pub name: String,
    /// `IngressGateway` as the API has it, without the status.
    pub spec: Value,
    /// Its state.
    pub phase: Phase<GatewayState>,
    /// Its load balancer, once it has one.
    pub balancer_id: Option<String>,
}

/// How far a gateway is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum GatewayState {
    /// Its cluster is not linked yet.
    Waiting,
    /// Its load balancer is being made.
    Creating,
    /// It runs.
    Running,
    /// It has no load balancer and gets none.
    Failed,
}

/// The Prometheus of a mesh.
#[derive(Clone, Debug, Serialize)]
pub struct Prometheus {
    /// `prom-…`.
    pub id: String,
    /// `PrometheusConfig` as the API has it, without the password.
    pub config: Value,
    /// Its state.
    pub phase: Phase<PrometheusState>,
}

/// The state of a mesh's Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PrometheusState {
    /// It is being linked.
    Pending,
    /// It works.
    Running,
    /// Linking it failed.
    Abnormal,
}

impl Mesh {
    /// A cluster of the mesh.
    pub fn cluster(&self, id: &str) -> Option<&MeshCluster> {
        self.clusters.iter().find(|cluster| cluster.id == id)
    }

    /// The same, to change it.
    pub fn cluster_mut(&mut self, id: &str) -> Option<&mut MeshCluster> {
        self.clusters.iter_mut().find(|cluster| cluster.id == id)
    }

    fn dues(&self) -> impl Iterator<Item = Timestamp> {
        let gateways = self.clusters.iter().flat_map(|it| &it.gateways).filter_map(|it| it.phase.due());
        let clusters = self.clusters.iter().filter_map(|it| it.phase.due());
        let prometheus = self.prometheus.iter().filter_map(|it| it.phase.due());
        self.phase.due().into_iter().chain(clusters).chain(gateways).chain(prometheus)
    }
}

impl Mesh {
    /// The mesh as tags name it.
    pub fn tagged(&self) -> Tagged {
        Tagged::new(&self.owner, "tcm", "mesh", &self.id)
    }
}

impl MeshCluster {
    /// Begins what the gateways that wait need, once the cluster is linked.
    pub fn begin_gateways(&mut self, timing: &Timing) {
        let waiting = self.gateways.iter_mut().filter(|it| it.phase.state() == GatewayState::Waiting);
        waiting.for_each(|it| it.phase = begin_gateway(timing));
    }
}

/// What a gateway in a linked cluster begins with.
pub fn begin_gateway(timing: &Timing) -> Phase<GatewayState> {
    timing.begin(Step::Gateway, GatewayState::Creating, GatewayState::Running, GatewayState::Failed)
}

/// All meshes by id.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Meshes(BTreeMap<String, Mesh>);

impl Meshes {
    /// All of them, ordered by id.
    pub fn iter(&self) -> impl Iterator<Item = &Mesh> {
        self.0.values()
    }

    /// The mesh with this id, where it belongs to `owner` and its home is `region`.
    pub fn owned(&self, owner: &Uin, region: &str, id: &str) -> Option<&Mesh> {
        self.0.get(id).filter(|mesh| mesh.owner == *owner && mesh.region == region)
    }

    /// The same, to change it.
    pub fn owned_mut(&mut self, owner: &Uin, region: &str, id: &str) -> Option<&mut Mesh> {
        self.0.get_mut(id).filter(|mesh| mesh.owner == *owner && mesh.region == region)
    }

    /// Adds a mesh.
    pub fn add(&mut self, mesh: Mesh) {
        self.0.insert(mesh.id.clone(), mesh);
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.0.values().flat_map(Mesh::dues).min()
    }
}

impl Cloud {
    pub(super) fn settle_meshes(&mut self) {
        let mut meshes = std::mem::take(&mut self.meshes);
        meshes.0.retain(|_, mesh| self.settle_mesh(mesh));
        self.meshes = meshes;
    }

    /// Moves one mesh on, and says whether it is still there.
    fn settle_mesh(&mut self, mesh: &mut Mesh) -> bool {
        let now = self.timing.now;
        if let Some(prometheus) = &mut mesh.prometheus {
            prometheus.phase.settle(now);
        }
        let mut clusters = std::mem::take(&mut mesh.clusters);
        clusters.retain_mut(|cluster| self.settle_link(&mesh.owner, cluster));
        mesh.clusters = clusters;
        let gone = mesh.phase.settle(now) == Some(MeshState::Deleted);
        if gone {
            mesh.clusters.iter().flat_map(|it| &it.gateways).for_each(|it| self.remove_gateway(it));
            self.tags.forget(&mesh.tagged());
        }
        !gone
    }

    /// Moves one cluster of a mesh on, and says whether it is still a part of it.
    fn settle_link(&mut self, owner: &Uin, cluster: &mut MeshCluster) -> bool {
        match cluster.phase.settle(self.timing.now) {
            Some(LinkState::Linked) => {
                cluster.linked = Some(self.timing.now);
                cluster.begin_gateways(&self.timing);
            }
            Some(LinkState::Unlinked) => {
                cluster.gateways.iter().for_each(|it| self.remove_gateway(it));
                return false;
            }
            _ => {}
        }
        let mut gateways = std::mem::take(&mut cluster.gateways);
        for gateway in &mut gateways {
            if gateway.phase.settle(self.timing.now) == Some(GatewayState::Running) {
                self.connect_gateway(owner, cluster, gateway);
            }
        }
        cluster.gateways = gateways;
        true
    }

    /// Gives a gateway its load balancer. One that cannot have the one it wants fails and has no address.
    fn connect_gateway(&mut self, owner: &Uin, cluster: &MeshCluster, gateway: &mut Gateway) {
        let service = gateway.spec["Service"]["Type"].as_str().unwrap_or("LoadBalancer");
        // What load balancers a registered cluster's own cloud has, the mesh cannot know.
        if service != "LoadBalancer" || cluster.kind == self.settings.registered_cluster_type {
            return;
        }
        let wanted = gateway.spec["LoadBalancerId"].as_str().filter(|id| !id.is_empty());
        gateway.balancer_id = match wanted {
            Some(id) => self.is_usable(owner, cluster, id).then(|| id.to_owned()),
            None => self.make_gateway_balancer(owner, cluster, gateway),
        };
        let balancer = gateway.balancer_id.as_ref().and_then(|id| self.balancers.balancers.get_mut(id));
        match balancer {
            Some(balancer) => balancer.gateway = Some(format!("{}/{}/{}", cluster.id, gateway.namespace, gateway.name)),
            None => gateway.phase = Phase::settled(GatewayState::Failed),
        }
    }

    /// An existing load balancer can be used where it is in the cluster's network, no cluster made it, and no other
    /// gateway uses it (TKE documents, "Using an existing CLB").
    fn is_usable(&self, owner: &Uin, cluster: &MeshCluster, id: &str) -> bool {
        let fits = |it: &Balancer| it.vpc_id == cluster.vpc_id && it.made_by.is_none() && it.gateway.is_none();
        self.balancers.owned(owner, id).is_some_and(fits)
    }

    fn make_gateway_balancer(&mut self, owner: &Uin, cluster: &MeshCluster, gateway: &Gateway) -> Option<String> {
        let wanted = &gateway.spec["LoadBalancer"];
        let text = |name: &str| wanted[name].as_str().unwrap_or_default().to_owned();
        let kind = if wanted["LoadBalancerType"] == "INTERNAL" { BalancerKind::Internal } else { BalancerKind::Open };
        let request = BalancerRequest {
            owner: owner.clone(),
            region: cluster.region.clone(),
            name: format!("{}_istio_igw", cluster.id),
            kind,
            vpc_id: cluster.vpc_id.clone(),
            subnet_id: text("SubnetId"),
            bandwidth: wanted["InternetMaxBandwidthOut"].as_u64().unwrap_or(10),
            internet_charge_type: text("InternetChargeType"),
            made_by: Some(cluster.id.clone()),
        };
        self.make_balancer(request, Phase::settled(BalancerState::Normal))
    }

    /// Takes a gateway's load balancer away with it, unless it was there before.
    pub fn remove_gateway(&mut self, gateway: &Gateway) {
        let Some(id) = &gateway.balancer_id else { return };
        match self.balancers.balancers.get_mut(id) {
            Some(balancer) if balancer.made_by.is_none() => balancer.gateway = None,
            _ => self.remove_balancer(id),
        }
    }
}
