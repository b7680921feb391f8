//! `tcmesh_mesh`: a service mesh with a hosted control plane.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::changes::{configure, relink};
use super::config::Config;
use super::prometheus;
use super::queue::describe;
use super::standing::{Failure, Goal, Standing, reach};
use crate::cloud::api::tcm::{self, MeshConfig, MeshState};
use crate::cloud::mark::Mark;
use crate::cloud::{self, Client, page, tags};
use crate::framework::{Change, Computed, Diagnostic, Diagnostics, Error, Model, Planned, Prior, Progress, Resource};
use crate::resources::context::Context;
use crate::resources::created;
use crate::resources::errors::Doing;
use crate::resources::ids::MeshId;
use crate::scope::Scope;

/// A service mesh of Tencent Cloud Mesh (TCM): one Istio control plane for clusters of one or more accounts.
///
/// Clusters join it with `tcmesh_mesh_cluster`, and traffic enters it by a `tcmesh_ingress_gateway`. The public API cannot
/// upgrade a mesh: another version or type is another mesh, and the plan says so. A mesh with clusters that this
/// configuration does not hold is not deleted.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Mesh {
    /// The ID of the mesh, for example `mesh-rofjmxxx`.
    #[tf(computed, identity)]
    pub id: Computed<String>,
    /// The root account that owns the mesh, for example `100000000001`.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The home region of the mesh, for example `ap-guangzhou`.
    #[tf(computed, identity(optional))]
    pub region: Computed<String>,
    /// The name, 1 to 60 characters, for example `cross-account-ingress`.
    #[tf(required, length(1..=60))]
    pub display_name: String,
    /// The Istio version, for example `1.18.5`.
    #[tf(required, force_new, check = check_version)]
    pub mesh_version: String,
    /// Where the control plane is: `HOSTED` (by the cloud), or `STANDALONE` (in a cluster, for accounts that may).
    #[tf(optional, default = "HOSTED", force_new, one_of("HOSTED", "STANDALONE"))]
    pub r#type: String,
    /// The tags, for example `{ team = "network" }`.
    #[tf(optional)]
    pub tags: BTreeMap<String, String>,
    /// How the mesh works. What is left out stays as the cloud has it.
    #[tf(block, opt_in)]
    pub config: Option<Config>,
}

impl Mesh {
    // Destructured, so that a new field of the API does not go unnoticed.
    fn of(found: tcm::Mesh, account_id: String, region: &str) -> Self {
        let tcm::Mesh { mesh_id, display_name, r#type, version, config, status, tag_list, .. } = found;
        let mut config = config.map(Config::from);
        if let Some(prometheus) = config.as_mut().and_then(|config| config.prometheus.as_mut()) {
            let linked = status.and_then(|status| status.tps?.instance_id);
            let configured = prometheus.instance_id.get().filter(|id| !id.is_empty()).cloned();
            prometheus.instance_id = configured.or(linked).into();
        }
        Self {
            id: mesh_id.into(),
            account_id: account_id.into(),
            region: region.into(),
            display_name: display_name.unwrap_or_default(),
            mesh_version: version.unwrap_or_default(),
            r#type: r#type.unwrap_or_default(),
            tags: tags::without_marks(tag_list),
            config,
        }
    }

    pub(super) fn prometheus(&self) -> Option<&prometheus::Prometheus> {
        self.config.as_ref()?.prometheus.as_ref()
    }

    /// The configuration to ask for, with the secrets of `config`.
    pub(super) fn request(&self, config: &Self) -> MeshConfig {
        let request = self.config.as_ref().map(MeshConfig::from).unwrap_or_default();
        MeshConfig { prometheus: self.prometheus().map(|planned| planned.request(config.prometheus())), ..request }
    }
}

fn create_request(plan: &Mesh, config: &Mesh, mark: &Mark) -> tcm::CreateMesh {
    let mut tags = tags::from_map(&plan.tags);
    tags.push(mark.tag());
    let request = plan.request(config);
    // The reference requires this policy in every new mesh.
    let policy = || tcm::IstioConfig { outbound_traffic_policy: Some("ALLOW_ANY".into()), ..Default::default() };
    tcm::CreateMesh {
        display_name: plan.display_name.clone(),
        mesh_version: plan.mesh_version.clone(),
        r#type: plan.r#type.clone(),
        config: MeshConfig { istio: request.istio.or_else(|| Some(policy())), ..request },
        cluster_list: None,
        tag_list: Some(tags.into_iter().map(Into::into).collect()),
    }
}

/// The resource.
pub struct MeshResource(Arc<Context>);

impl Resource for MeshResource {
    const NAME: &'static str = "mesh";
    type Configuration = Context;
    type Model = Mesh;
    type Id = MeshId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    fn check(planned: &Planned<'_, Mesh>, diagnostics: &mut Diagnostics) {
        prometheus::check(planned, diagnostics);
    }

    async fn check_owner(&self, scope: &Scope, prior: &Mesh) -> Result<(), Error> {
        self.0.check_account(scope, &prior.account_id).await
    }

    async fn create(
        &self,
        scope: &Scope,
        config: &Mesh,
        plan: &Mesh,
        progress: &mut Progress<Mesh>,
    ) -> Result<(), Error> {
        let client = &self.0.cloud;
        let doing = || format!("create the mesh {}", plan.display_name);
        let account_id = client.account(scope).await.doing(doing)?;
        let mark = Mark::random()?;
        progress.private_mut().set("mark", &mark);
        let sent = client.send(scope, &create_request(plan, config, &mark)).await.map(|created| created.mesh_id);
        let id = created::or_found(sent, async || find_by_mark(scope, client, &mark).await).await.doing(doing)?;
        let region = client.region().into();
        progress.keep(Mesh { id: id.as_str().into(), account_id: account_id.into(), region, ..plan.clone() });
        settle(scope, client, &id, doing(), plan.prometheus()).await
    }

    async fn read(&self, scope: &Scope, id: &MeshId, prior: &Prior<Mesh>) -> Result<Option<Mesh>, Error> {
        let client = self.0.in_region(&prior.region);
        let account_id = client.account(scope).await?;
        let found = describe(scope, &client, id.as_str()).await.doing(|| format!("read the mesh {id}"))?;
        let found = Mesh::of(found, account_id, client.region());
        let is_importing = prior.private().is_importing();
        let config = found.config.map(|config| if is_importing { config.without_defaults() } else { config });
        Ok(Some(Mesh { config, ..found }))
    }

    async fn update(
        &self,
        scope: &Scope,
        id: &MeshId,
        change: &Change<'_, Mesh>,
        _: &mut Progress<Mesh>,
    ) -> Result<(), Error> {
        let client = self.0.in_region(&change.prior.region);
        let doing = || format!("change the mesh {id}");
        let turn = self.0.meshes.turn(scope, &client, id.as_str()).await.doing(doing)?;
        configure(scope, &turn, id, change).await.doing(doing)?;
        let relinked = relink(scope, &turn, id, change).await.doing(doing)?;
        settle(scope, &client, id.as_str(), doing(), relinked).await?;
        let resource = tags::resource_name("tcm", client.region(), &format!("mesh/{id}"));
        client.change_tags(scope, &resource, &change.prior.tags, &change.plan.tags).await.doing(doing)
    }

    async fn delete(&self, scope: &Scope, id: &MeshId, prior: &Prior<Mesh>) -> Result<(), Error> {
        let client = self.0.in_region(&prior.region);
        let doing = || format!("delete the mesh {id}");
        let turn = self.0.meshes.turn(scope, &client, id.as_str()).await.doing(doing)?;
        refuse_linked(&turn.mesh(scope).await.doing(doing)?)?;
        let action = tcm::DeleteMesh { mesh_id: id.to_string(), ..Default::default() };
        turn.send(scope, &action).await.doing(doing)?;
        let next = "Look at the mesh in the console: something that it made may still be in use.";
        let goal = Goal { doing: doing(), what: "the mesh to be gone", next };
        let look = async || match describe(scope, &client, id.as_str()).await {
            Err(error) if error.is_not_found() => Ok(Standing::Reached(())),
            mesh => Ok(deletion(&mesh?)),
        };
        reach(scope, &client, goal, look).await
    }
}

/// Waits until a mesh runs, and until its new Prometheus is linked where it gets one.
async fn settle(
    scope: &Scope,
    client: &Client,
    id: &str,
    doing: String,
    linked: Option<&prometheus::Prometheus>,
) -> Result<(), Error> {
    let next = "Look at the mesh in the console; where the cloud cannot help itself, its support can.";
    let goal = Goal { doing, what: "the mesh to be running", next };
    let look = async || match describe(scope, client, id).await {
        Err(error) if error.is_not_found() => Ok(Standing::Pending("not listed yet".into())),
        mesh => Ok(standing(&mesh?, linked)),
    };
    reach(scope, client, goal, look).await
}

fn standing(mesh: &tcm::Mesh, linked: Option<&prometheus::Prometheus>) -> Standing {
    let (state, status) = (&mesh.state, mesh.status.as_ref());
    match state {
        MeshState::Running => linked.map_or(Standing::Reached(()), |linked| linked.standing(status)),
        MeshState::CreateFailed | MeshState::Abnormal | MeshState::Deleting | MeshState::DeleteFailed => failed(mesh),
        state => Standing::Pending(state.to_string()),
    }
}

fn deletion(mesh: &tcm::Mesh) -> Standing {
    if mesh.state == MeshState::DeleteFailed { failed(mesh) } else { Standing::Pending(mesh.state.to_string()) }
}

fn failed(mesh: &tcm::Mesh) -> Standing {
    let reason = mesh.status.as_ref().and_then(|status| status.state_message.clone());
    Standing::Failed(Failure { seen: format!("the mesh {} is {}", mesh.mesh_id, mesh.state), reason })
}

/// A mesh takes its links with it, also those of somebody else.
fn refuse_linked(mesh: &tcm::Mesh) -> Result<(), Error> {
    let linked: Vec<_> = mesh.cluster_list.iter().map(|cluster| cluster.cluster_id.as_str()).collect();
    if linked.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "These clusters are still linked to the mesh {}: {}. Deleting it would take the mesh away from them, so nothing was \
         done. Unlink them first: in the console, or by importing each as a `tcmesh_mesh_cluster` and destroying that.",
        mesh.mesh_id,
        linked.join(", ")
    );
    Err(Diagnostic::error("Clusters are linked to the mesh", detail).into())
}

async fn find_by_mark(scope: &Scope, client: &Client, mark: &Mark) -> Result<Option<String>, cloud::Error> {
    // How the list is filtered by tags is not documented, and an account has 20 meshes at most.
    let all = page::all(scope, client, tcm::DescribeMeshList::default()).await?;
    Ok(all.into_iter().find(|mesh| mark.is_on(&mesh.tag_list)).map(|mesh| mesh.mesh_id))
}

fn check_version(text: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    if parts.len() == 3 && parts.iter().all(is_number) {
        return Ok(());
    }
    Err(format!("Expected a version with all three numbers, such as `1.18.5`; found `{text}`."))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn mesh(state: &str, more: &Value) -> tcm::Mesh {
        let mut mesh = json!({"MeshId": "mesh-1", "State": state, "Status": {"StateMessage": "no quota"}});
        mesh.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        serde_json::from_value(mesh).expect("a mesh")
    }

    #[test]
    fn a_failed_state_ends_the_wait_with_the_clouds_words() {
        for state in ["CREATE_FAILED", "ABNORMAL", "DELETING", "DELETE_FAILED"] {
            let failure = Failure { seen: format!("the mesh mesh-1 is {state}"), reason: Some("no quota".into()) };
            assert_eq!(standing(&mesh(state, &json!({})), None), Standing::Failed(failure));
        }
        for state in ["PENDING", "CREATING", "UPGRADING", "SOMETHING_NEW"] {
            assert_eq!(standing(&mesh(state, &json!({})), None), Standing::Pending(state.into()));
        }
        assert_eq!(standing(&mesh("RUNNING", &json!({})), None), Standing::Reached(()));
        assert_eq!(deletion(&mesh("ABNORMAL", &json!({}))), Standing::Pending("ABNORMAL".into()));
        assert!(matches!(deletion(&mesh("DELETE_FAILED", &json!({}))), Standing::Failed(_)));
    }

    #[test]
    fn a_new_prometheus_is_waited_for() {
        let prometheus = prometheus::Prometheus::default();
        let linked = |tps: Value| standing(&mesh("RUNNING", &json!({"Status": {"TPS": tps}})), Some(&prometheus));
        assert_eq!(linked(json!({"State": "RUNNING"})), Standing::Reached(()));
        assert!(matches!(linked(json!({"State": "PENDING"})), Standing::Pending(_)));
        assert!(matches!(linked(json!({"State": "ABNORMAL"})), Standing::Failed(_)));
        let own = prometheus::Prometheus { custom: Some(prometheus::Custom::default()), ..prometheus };
        assert_eq!(standing(&mesh("RUNNING", &json!({})), Some(&own)), Standing::Reached(()));
    }

    #[test]
    fn the_instance_that_the_cloud_created_is_read() {
        let more = json!({
            "Config": {"Prometheus": {"VpcId": "vpc-1", "InstanceId": ""}},
            "Status": {"TPS": {"InstanceId": "prom-1", "State": "RUNNING"}},
        });
        let read = Mesh::of(mesh("RUNNING", &more), "1".into(), "ap-guangzhou");
        assert_eq!(read.prometheus().map(|found| found.instance_id.clone()), Some("prom-1".into()));
    }

    #[test]
    fn a_new_mesh_has_the_policy_that_the_api_requires_and_the_mark() {
        let mark = Mark::random().expect("the system has randomness");
        let plan = Mesh { tags: [("team".to_owned(), "network".to_owned())].into(), ..Mesh::default() };
        let request = create_request(&plan, &plan, &mark);
        let policy = request.config.istio.and_then(|istio| istio.outbound_traffic_policy);
        assert_eq!(policy.as_deref(), Some("ALLOW_ANY"));
        let tags = request.tag_list.unwrap_or_default();
        assert!(mark.is_on(&tags) && tags.iter().any(|tag| tag.key == "team"));
    }

    #[test]
    fn a_mesh_with_clusters_is_not_deleted() {
        assert!(refuse_linked(&mesh("RUNNING", &json!({}))).is_ok());
        let cluster = json!({"ClusterId": "cls-1", "Region": "r"});
        let refused = refuse_linked(&mesh("RUNNING", &json!({"ClusterList": [cluster]}))).expect_err("it is linked");
        assert!(refused.diagnostics().iter().any(|told| told.detail.contains("mesh-1: cls-1")));
    }

    #[test]
    fn a_version_has_three_numbers() {
        assert!(check_version("1.18.5").is_ok());
        for wrong in ["", "1.18", "1.18.x", "v1.18.5", "1.18.5.1"] {
            assert!(check_version(wrong).is_err(), "{wrong}");
        }
    }
}
