//! `tcmesh_mesh_cluster`: a cluster of a mesh.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cluster_config::{self, Edit, Edited};
use super::kind;
use super::link::{linked, not_linked, refuse_linked, undone, unlinked};
use super::link_id::LinkId;
use super::place::{self, Place};
use super::queue::describe;
use crate::cloud::api::tcm::{self, ClusterConfig, LinkState};
use crate::framework::{Change, Computed, Diagnostic, Diagnostics, Error, Model, Planned, Prior, Progress, Resource};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::resources::names;
use crate::scope::Scope;

/// A cluster of a mesh. Other clusters of the mesh are not touched.
///
/// A cluster of another account is registered first (`tcmesh_tdcc_registration`, `tcmesh_tdcc_agent`), and then linked by the ID
/// of its registration. Take the cluster's ID for Istio objects from here, so that they wait until it is linked.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct MeshCluster {
    /// The IDs of mesh and cluster, for example `mesh-rofjmxxx#cls-65r1c5nu`.
    #[tf(computed, identity)]
    pub id: Computed<String>,
    /// The root account that owns the mesh, for example `100000000001`.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The home region of the mesh, for example `ap-guangzhou`.
    #[tf(computed, identity(optional))]
    pub mesh_region: Computed<String>,
    /// The mesh, for example `mesh-rofjmxxx`.
    #[tf(required, force_new, check = checks::mesh)]
    pub mesh_id: String,
    /// The cluster, for example `cls-65r1c5nu`; of a registered cluster the ID of its registration.
    #[tf(required, force_new, check = checks::cluster)]
    pub cluster_id: String,
    /// What the cluster is: `TKE`, `EKS` (serverless) or `REGISTERED`. The API's own word for a registered cluster is not documented:
    /// `REGISTERED` stands for `registered_cluster_type` of the provider block. Any other word is sent as it is.
    #[tf(optional, default = "TKE", force_new, length(1..=60))]
    pub cluster_kind: String,
    /// The region of the cluster, for example `ap-guangzhou`. It is looked up where absent; for a registered cluster it is that of the
    /// hub.
    #[tf(optional, computed, force_new, check = checks::region)]
    pub region: Computed<String>,
    /// The VPC of the cluster, for example `vpc-86v957zb`. It is looked up where absent; for a registered cluster it is that of the hub.
    #[tf(optional, computed, force_new, check = checks::vpc)]
    pub vpc_id: Computed<String>,
    /// A subnet of the VPC, for example `subnet-5o0m3rtc`. It is looked up where absent; for a registered cluster it is that of the hub.
    #[tf(optional, computed, force_new, check = checks::subnet)]
    pub subnet_id: Computed<String>,
    /// `REMOTE`, or `MASTER` for the cluster that holds the control plane of a mesh that is not hosted.
    #[tf(optional, default = "REMOTE", force_new, carried, one_of("REMOTE", "MASTER"))]
    pub role: String,
    /// The namespaces whose new pods get a sidecar, for example `["test"]`. The API has no write on a condition for this list: a change from
    /// elsewhere, such as the console or a gateway of another workspace, that was prepared before this one and arrives after it may undo
    /// it. While the apply looks it is made again, later the next plan shows it.
    #[tf(optional, each = names::label)]
    pub auto_injection_namespaces: BTreeSet<String>,
    /// Who runs the cluster's control plane: `managed`, `independent`, `serverless` or `unknown`, for example
    /// `tcmesh_tdcc_agent.cluster3.control_plane`. For a warning in the plan only: the control plane of a managed or serverless cluster of
    /// another account cannot call the mesh, so no sidecar is injected there.
    #[tf(optional, config_only, one_of("managed", "independent", "serverless", "unknown"))]
    pub member_control_plane: Option<String>,
    /// Whether it is known that no sidecar is injected, for example `true`: there is no warning then.
    #[tf(optional, default = false, config_only)]
    pub acknowledge_no_injection: bool,
}

impl MeshCluster {
    // Destructured, so that a new field of the API does not go unnoticed.
    fn of(id: &LinkId, found: tcm::Cluster, prior: &Self, context: &Context) -> Self {
        let tcm::Cluster { cluster_id, region, vpc_id, subnet_id, r#type, config, .. } = found;
        let namespaces = config.and_then(|config| config.auto_injection_namespace_list);
        Self {
            id: id.to_string().into(),
            mesh_id: id.mesh.to_string(),
            cluster_id,
            cluster_kind: kind::of_api(r#type, &prior.cluster_kind, context),
            // Old meshes have short names of regions, such as `sh`.
            region: if checks::region(&region).is_ok() { region.into() } else { prior.region.clone() },
            vpc_id: vpc_id.into(),
            subnet_id: subnet_id.into(),
            auto_injection_namespaces: namespaces.into_iter().flatten().collect(),
            ..Self::default()
        }
    }
}

fn link_request(plan: &MeshCluster, place: Place, api_type: String) -> tcm::LinkClusterList {
    let namespaces = plan.auto_injection_namespaces.iter().cloned().collect();
    let cluster = tcm::Cluster {
        cluster_id: plan.cluster_id.clone(),
        region: place.region.unwrap_or_default(),
        role: Some(plan.role.clone()),
        vpc_id: place.vpc_id,
        subnet_id: place.subnet_id,
        r#type: Some(api_type),
        config: Some(ClusterConfig { auto_injection_namespace_list: Some(namespaces), ..Default::default() }),
        ..Default::default()
    };
    tcm::LinkClusterList { mesh_id: plan.mesh_id.clone(), cluster_list: vec![cluster] }
}

/// The resource.
pub struct MeshClusterResource(Arc<Context>);

impl Resource for MeshClusterResource {
    const NAME: &'static str = "mesh_cluster";
    type Configuration = Context;
    type Model = MeshCluster;
    type Id = LinkId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    fn check(planned: &Planned<'_, MeshCluster>, diagnostics: &mut Diagnostics) {
        let control_plane = planned.known::<String>("member_control_plane").unwrap_or_default();
        let away = ["managed", "serverless"].contains(&control_plane.as_str());
        let acknowledged = planned.known("acknowledge_no_injection") == Some(true);
        if away && !acknowledged && !planned.each("auto_injection_namespaces").is_empty() {
            let detail = format!(
                "The control plane of this cluster is {control_plane}: it is outside the cluster's VPC, and cannot call the mesh \
                 of another account. New pods of these namespaces get no sidecar, or are not created. Services without a \
                 sidecar work all the same behind the gateway. An independent cluster has no such limit; \
                 `acknowledge_no_injection = true` silences this warning."
            );
            diagnostics.warning("auto_injection_namespaces", "No sidecar can be injected", detail);
        }
    }

    fn check_settings(&self, planned: &Planned<'_, MeshCluster>, diagnostics: &mut Diagnostics) {
        let Some(kind) = planned.known::<String>("cluster_kind") else { return };
        if !planned.is_create() || kind::can_be_located(&kind, &self.0) {
            return;
        }
        for name in ["region", "vpc_id", "subnet_id"].into_iter().filter(|name| !planned.is_configured(name)) {
            diagnostics.push(place::missing(name, &kind, &self.0));
        }
    }

    async fn check_owner(&self, scope: &Scope, prior: &MeshCluster) -> Result<(), Error> {
        self.0.check_account(scope, &prior.account_id).await
    }

    async fn create(
        &self,
        scope: &Scope,
        _: &MeshCluster,
        plan: &MeshCluster,
        progress: &mut Progress<MeshCluster>,
    ) -> Result<(), Error> {
        let client = &self.0.cloud;
        let id =
            LinkId::new(&plan.mesh_id, &plan.cluster_id).map_err(|problem| Diagnostic::error("Invalid ID", problem))?;
        let doing = || format!("link the cluster {} to the mesh {}", id.cluster, id.mesh);
        let account_id = client.account(scope).await.doing(doing)?.into();
        let place = Place::of(scope, &self.0, plan).await?;
        let turn = self.0.meshes.turn(scope, client, id.mesh.as_str()).await.doing(doing)?;
        refuse_linked(scope, client, &id, doing()).await?;
        let mesh_region = client.region().into();
        progress.keep(MeshCluster { id: id.to_string().into(), account_id, mesh_region, ..plan.clone() });
        let request = link_request(plan, place, kind::to_api(&plan.cluster_kind, &self.0));
        match turn.send(scope, &request).await {
            // The mesh tells whether it was carried out.
            Err(error) if error.may_have_happened() && turn.has(scope, &id.cluster).await => {}
            sent => drop(sent.doing(doing)?),
        }
        drop(turn);
        linked(scope, client, &id, doing()).await
    }

    async fn read(&self, scope: &Scope, id: &LinkId, prior: &Prior<MeshCluster>) -> Result<Option<MeshCluster>, Error> {
        let client = self.0.in_region(&prior.mesh_region);
        let account_id = client.account(scope).await?.into();
        let mesh = describe(scope, &client, id.mesh.as_str()).await;
        let mesh = mesh.doing(|| format!("read the cluster {} of the mesh {}", id.cluster, id.mesh))?;
        let mesh_region = client.region().into();
        let found = mesh.cluster(id.cluster.as_str()).cloned();
        let found = found.map(|cluster| MeshCluster::of(id, cluster, prior, &self.0));
        Ok(found.map(|found| MeshCluster { account_id, mesh_region, ..found }))
    }

    async fn update(
        &self,
        scope: &Scope,
        id: &LinkId,
        change: &Change<'_, MeshCluster>,
        _: &mut Progress<MeshCluster>,
    ) -> Result<(), Error> {
        if !change.any(|cluster| &cluster.auto_injection_namespaces) {
            return Ok(());
        }
        let client = self.0.in_region(&change.prior.mesh_region);
        let doing = || format!("change the cluster {} of the mesh {}", id.cluster, id.mesh);
        let turn = self.0.meshes.turn(scope, &client, id.mesh.as_str()).await.doing(doing)?;
        let wanted = &change.plan.auto_injection_namespaces;
        let make = |config: &mut ClusterConfig| {
            config.auto_injection_namespace_list = Some(wanted.iter().cloned().collect());
        };
        let is_made = |config: &ClusterConfig| {
            let listed = config.auto_injection_namespace_list.iter().flatten();
            listed.collect::<BTreeSet<_>>() == wanted.iter().collect()
        };
        let edited = cluster_config::change(scope, &turn, id, Edit { make: &make, is_made: &is_made }).await;
        match edited.doing(doing)? {
            Edited::Made => Ok(()),
            Edited::NotLinked => Err(not_linked(id)),
            Edited::Undone => Err(undone(&doing())),
        }
    }

    async fn delete(&self, scope: &Scope, id: &LinkId, prior: &Prior<MeshCluster>) -> Result<(), Error> {
        let client = self.0.in_region(&prior.mesh_region);
        let doing = || format!("unlink the cluster {} from the mesh {}", id.cluster, id.mesh);
        let turn = self.0.meshes.turn(scope, &client, id.mesh.as_str()).await.doing(doing)?;
        let action = tcm::UnlinkCluster { mesh_id: id.mesh.to_string(), cluster_id: id.cluster.to_string() };
        let mesh = turn.mesh(scope).await.doing(doing)?;
        match mesh.cluster(id.cluster.as_str()).map(tcm::Cluster::link_state) {
            None => return Ok(()),
            Some(Some(LinkState::Unlinking)) => {}
            Some(_) => drop(turn.send(scope, &action).await.doing(doing)?),
        }
        drop(turn);
        unlinked(scope, &client, id, doing()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::script::Script;
    use crate::framework::value::Value;
    use crate::resources::context::ClusterSettings;

    fn cluster(control_plane: Option<&str>, namespaces: &[&str]) -> MeshCluster {
        MeshCluster {
            member_control_plane: control_plane.map(Into::into),
            auto_injection_namespaces: namespaces.iter().map(|name| (*name).to_owned()).collect(),
            ..MeshCluster::default()
        }
    }

    fn warnings(config: &MeshCluster) -> usize {
        let object = config.to_object();
        let mut diagnostics = Diagnostics::default();
        MeshClusterResource::check(&Planned::new(&object, &Value::Null, &object), &mut diagnostics);
        diagnostics.iter().count()
    }

    #[test]
    fn injection_where_the_control_plane_cannot_call_the_mesh_is_warned_of() {
        for control_plane in ["managed", "serverless"] {
            assert_eq!(warnings(&cluster(Some(control_plane), &["test"])), 1);
            assert_eq!(warnings(&cluster(Some(control_plane), &[])), 0);
            let known = MeshCluster { acknowledge_no_injection: true, ..cluster(Some(control_plane), &["test"]) };
            assert_eq!(warnings(&known), 0);
        }
        for control_plane in [Some("independent"), Some("unknown"), None] {
            assert_eq!(warnings(&cluster(control_plane, &["test"])), 0);
        }
    }

    #[test]
    fn where_the_place_cannot_be_looked_up_each_missing_part_is_told_in_the_plan() {
        let context = Context::new(Script::new([]).client(), ClusterSettings::default());
        let resource = MeshClusterResource(Arc::new(Context { tdcc_enabled: false, ..context }));
        let missing = |kind: &str, prior: &Value| {
            let config = MeshCluster { cluster_kind: kind.into(), vpc_id: "vpc-1".into(), ..MeshCluster::default() };
            let object = config.to_object();
            let mut diagnostics = Diagnostics::default();
            resource.check_settings(&Planned::new(&object, prior, &object), &mut diagnostics);
            diagnostics.iter().map(|found| found.path.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(missing("REGISTERED", &Value::Null), ["region", "subnet_id"]);
        assert_eq!(missing("SOMETHING", &Value::Null), ["region", "subnet_id"]);
        assert_eq!(missing("TKE", &Value::Null), [""; 0]);
        let linked = MeshCluster::default().to_object();
        assert_eq!(missing("REGISTERED", &linked), [""; 0], "of an existing link it is known");
    }

    #[test]
    fn a_short_name_of_a_region_is_not_taken_for_another_region() {
        let context = Context::new(Script::new([]).client(), ClusterSettings::default());
        let found = tcm::Cluster { cluster_id: "cls-1".into(), region: "sh".into(), ..tcm::Cluster::default() };
        let prior = MeshCluster { region: "ap-shanghai".into(), ..MeshCluster::default() };
        let id = "mesh-1#cls-1".parse().expect("an ID");
        assert_eq!(MeshCluster::of(&id, found, &prior, &context).region, "ap-shanghai".into());
    }
}
