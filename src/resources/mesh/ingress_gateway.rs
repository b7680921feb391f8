//! `tcmesh_ingress_gateway`: where traffic enters a mesh.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cluster_config::{self, Edit, Edited};
use super::gateway::{self, Found};
use super::link::{not_linked, undone};
use super::link_id::{GatewayId, LinkId};
use super::load_balancer::{self, LoadBalancer};
use super::queue::describe;
use super::workload::{Service, Workload};
use crate::cloud::Client;
use crate::cloud::api::tcm::{self, ClusterConfig};
use crate::framework::{Change, Computed, Diagnostic, Diagnostics, Error, Model, Planned, Prior, Progress, Resource};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::resources::names;
use crate::scope::Scope;

/// How often a gateway is put back that something else's write took away while it was waited for.
const RESTORATIONS: u32 = 3;

/// An ingress gateway in a cluster of a mesh: pods that take traffic in, behind a load balancer whose address hosts resolve to.
///
/// Which ports it listens on follows from the `tcmesh_gateway` objects whose selector picks its pods. Bandwidth, replicas and
/// resources change in place; any other change makes another gateway, with another address where the load balancer is its
/// own. Other gateways of the cluster are not touched.
///
/// The API has no write on a condition for the list of a cluster's gateways. Within one configuration changes of a mesh take turns. A write
/// from elsewhere, such as another workspace or the console, that was prepared before this one and arrives after it may take the gateway
/// away: while the apply waits it is put back, later the next plan shows it as missing. Let one workspace hold all gateways of a cluster, or do
/// not apply two at once.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct IngressGateway {
    /// The IDs of mesh and cluster, the namespace and the name, for example
    /// `mesh-rofjmxxx#cls-65r1c5nu#istio-system#istio-ingressgateway`.
    #[tf(computed, identity)]
    pub id: Computed<String>,
    /// The root account that owns the mesh, for example `100000000001`.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The home region of the mesh, for example `ap-guangzhou`.
    #[tf(computed, identity(optional))]
    pub region: Computed<String>,
    /// The mesh, for example `mesh-rofjmxxx`.
    #[tf(required, force_new, check = checks::mesh)]
    pub mesh_id: String,
    /// The cluster that the gateway runs in, for example `tcmesh_mesh_cluster.cluster1.cluster_id`, which waits until it is linked. Of a
    /// registered cluster the mesh cannot make a load balancer: prefer one of the mesh's own account.
    #[tf(required, force_new, check = checks::cluster)]
    pub cluster_id: String,
    /// The name, for example `istio-ingressgateway`. It is also the value of the label `app` of the pods.
    #[tf(optional, default = "istio-ingressgateway", force_new, check = names::label)]
    pub name: String,
    /// The namespace, for example `istio-system`.
    #[tf(optional, default = "istio-system", force_new, check = names::label)]
    pub namespace: String,
    /// A load balancer to create for the gateway. It is deleted with it.
    #[tf(block)]
    pub load_balancer: Option<LoadBalancer>,
    /// The load balancer. Set it to use one that exists, for example `lb-6rtdhlq1`: one of the cluster's VPC that TKE did not make. It
    /// stays when the gateway goes.
    #[tf(optional, computed, force_new, check = checks::load_balancer)]
    pub load_balancer_id: Computed<String>,
    /// The gateway's Kubernetes service.
    #[tf(block, opt_in)]
    pub service: Option<Service>,
    /// The gateway's pods. What is left out stays as the cloud has it.
    #[tf(block, opt_in)]
    pub workload: Option<Workload>,
    /// The address that hosts have to resolve to, for example `203.0.113.10`; none for a service without a load balancer.
    #[tf(computed)]
    pub address: Computed<String>,
    /// The host name of the load balancer where it has one, for example `lb-6rtdhlq1-abcd.clb.ap-guangzhou.tencentclb.com`.
    #[tf(computed)]
    pub hostname: Computed<String>,
    /// The labels of the gateway's pods, for the `selector` of a `tcmesh_gateway`: for example `{ app = "istio-ingressgateway", istio =
    /// "ingressgateway" }`.
    #[tf(computed)]
    pub selector: Computed<BTreeMap<String, String>>,
}

impl IngressGateway {
    // Destructured, so that a new field of the API does not go unnoticed.
    fn of(id: &GatewayId, found: tcm::IngressGateway, is_importing: bool) -> Self {
        let address = gateway::address(&found);
        let hostname = gateway::hostname(&found);
        let tcm::IngressGateway { name, namespace, service, workload, load_balancer, load_balancer_id, status, .. } =
            found;
        let given = load_balancer_id.filter(|id| !id.is_empty());
        let made = status.and_then(|status| status.load_balancer?.load_balancer_id).filter(|id| !id.is_empty());
        let (service, workload) = (service.map(Service::from), workload.map(Workload::from));
        Self {
            id: id.to_string().into(),
            mesh_id: id.link.mesh.to_string(),
            cluster_id: id.link.cluster.to_string(),
            selector: selector(&name).into(),
            name,
            namespace,
            load_balancer: load_balancer.filter(|_| given.is_none()).map(Into::into),
            load_balancer_id: given.or(made).into(),
            // An imported gateway shows what somebody chose.
            service: service.filter(|service| !is_importing || !service.is_default()),
            workload: workload.filter(|workload| !is_importing || !workload.is_default()),
            address: address.into(),
            hostname: hostname.into(),
            ..Self::default()
        }
    }

    /// The gateway to ask for. What is unknown in the plan is left to the cloud.
    fn request(&self) -> tcm::IngressGateway {
        tcm::IngressGateway {
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            cluster_id: Some(self.cluster_id.clone()),
            service: Some(self.service.as_ref().map_or_else(default_service, Into::into)),
            workload: Some(self.workload.as_ref().map(Into::into).unwrap_or_default()),
            load_balancer: self.load_balancer.as_ref().map(Into::into),
            load_balancer_id: self.load_balancer_id.get().filter(|_| self.load_balancer.is_none()).cloned(),
            status: None,
        }
    }

    fn id(&self) -> Result<GatewayId, Error> {
        let link = LinkId::new(&self.mesh_id, &self.cluster_id);
        let link = link.map_err(|problem| Diagnostic::error("Invalid ID", problem))?;
        Ok(GatewayId { link, namespace: self.namespace.clone(), name: self.name.clone() })
    }
}

fn default_service() -> tcm::Service {
    tcm::Service { r#type: Some("LoadBalancer".into()), ..tcm::Service::default() }
}

/// The labels of a gateway's pods (TCM documents, "Ingress gateway"): `app` is the gateway's name.
fn selector(name: &str) -> BTreeMap<String, String> {
    [("app", name), ("istio", "ingressgateway")].map(|(label, value)| (label.to_owned(), value.to_owned())).into()
}

/// The resource.
pub struct IngressGatewayResource(Arc<Context>);

impl Resource for IngressGatewayResource {
    const NAME: &'static str = "ingress_gateway";
    type Configuration = Context;
    type Model = IngressGateway;
    type Id = GatewayId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    fn check(planned: &Planned<'_, IngressGateway>, diagnostics: &mut Diagnostics) {
        load_balancer::check(planned, diagnostics);
    }

    async fn check_owner(&self, scope: &Scope, prior: &IngressGateway) -> Result<(), Error> {
        self.0.check_account(scope, &prior.account_id).await
    }

    async fn create(
        &self,
        scope: &Scope,
        _: &IngressGateway,
        plan: &IngressGateway,
        progress: &mut Progress<IngressGateway>,
    ) -> Result<(), Error> {
        let (client, id) = (&self.0.cloud, plan.id()?);
        let doing = || format!("create the ingress gateway {}/{}", id.namespace, id.name);
        let account_id = client.account(scope).await.doing(doing)?.into();
        let mesh = describe(scope, client, id.link.mesh.as_str()).await.doing(doing)?;
        let cluster = mesh.cluster(id.link.cluster.as_str()).ok_or_else(|| not_linked(&id.link))?;
        gateway::refuse_existing(cluster, &id)?;
        if let Some(balancer) = plan.load_balancer_id.get() {
            let client = client.in_region(&cluster.region);
            load_balancer::check_usable(scope, &client, balancer, cluster.vpc_id.as_deref()).await?;
        }
        if let Some(warning) = gateway::no_address(cluster) {
            progress.warn(warning);
        }
        let region = client.region().into();
        progress.keep(IngressGateway { id: id.to_string().into(), account_id, region, ..plan.clone() });
        self.put(scope, client, &id, plan, doing()).await
    }

    async fn read(
        &self,
        scope: &Scope,
        id: &GatewayId,
        prior: &Prior<IngressGateway>,
    ) -> Result<Option<IngressGateway>, Error> {
        let client = self.0.in_region(&prior.region);
        let account_id = client.account(scope).await?.into();
        let mesh = describe(scope, &client, id.link.mesh.as_str()).await;
        let mesh = mesh.doing(|| format!("read the ingress gateway {}/{}", id.namespace, id.name))?;
        let region = client.region().into();
        let found = cluster_config::config(&mesh, &id.link).and_then(|config| gateway::find(config, id));
        let found = found.map(|found| IngressGateway::of(id, found.clone(), prior.private().is_importing()));
        Ok(found.map(|found| IngressGateway { account_id, region, ..found }))
    }

    async fn update(
        &self,
        scope: &Scope,
        id: &GatewayId,
        change: &Change<'_, IngressGateway>,
        _: &mut Progress<IngressGateway>,
    ) -> Result<(), Error> {
        let client = self.0.in_region(&change.prior.region);
        let doing = || format!("change the ingress gateway {}/{}", id.namespace, id.name);
        let mesh = describe(scope, &client, id.link.mesh.as_str()).await.doing(doing)?;
        let found = cluster_config::config(&mesh, &id.link).and_then(|config| gateway::find(config, id));
        if found.is_some_and(|found| gateway::is_as_wanted(found, &change.plan.request())) {
            return Ok(());
        }
        self.put(scope, &client, id, change.plan, doing()).await
    }

    async fn delete(&self, scope: &Scope, id: &GatewayId, prior: &Prior<IngressGateway>) -> Result<(), Error> {
        let client = self.0.in_region(&prior.region);
        let doing = || format!("delete the ingress gateway {}/{}", id.namespace, id.name);
        let turn = self.0.meshes.turn(scope, &client, id.link.mesh.as_str()).await.doing(doing)?;
        let mesh = turn.mesh(scope).await.doing(doing)?;
        if cluster_config::config(&mesh, &id.link).and_then(|config| gateway::find(config, id)).is_none() {
            return Ok(());
        }
        let make = |config: &mut ClusterConfig| gateway::remove(config, id);
        let is_made = |config: &ClusterConfig| gateway::find(config, id).is_none();
        let edited = cluster_config::change(scope, &turn, &id.link, Edit { make: &make, is_made: &is_made }).await;
        match edited.doing(doing)? {
            Edited::Made | Edited::NotLinked => Ok(()),
            Edited::Undone => Err(gateway::stays(id)),
        }
    }
}

impl IngressGatewayResource {
    /// Puts a gateway into the list of its cluster, and waits until it runs and has its address; where it vanishes
    /// meanwhile, it is put there again.
    async fn put(
        &self,
        scope: &Scope,
        client: &Client,
        id: &GatewayId,
        plan: &IngressGateway,
        doing: String,
    ) -> Result<(), Error> {
        let wanted = plan.request();
        let make = |config: &mut ClusterConfig| gateway::put(config, id, &wanted);
        let is_made = |config: &ClusterConfig| gateway::find(config, id).is_some();
        for _ in 0..RESTORATIONS {
            let turn = self.0.meshes.turn(scope, client, id.link.mesh.as_str()).await.doing(|| doing.clone())?;
            let edited = cluster_config::change(scope, &turn, &id.link, Edit { make: &make, is_made: &is_made }).await;
            match edited.doing(|| doing.clone())? {
                Edited::Made => {}
                Edited::NotLinked => return Err(not_linked(&id.link)),
                Edited::Undone => break,
            }
            drop(turn);
            if gateway::running(scope, client, id, doing.clone()).await? == Found::Running {
                return Ok(());
            }
        }
        Err(undone(&doing))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::cloud::script::{Script, Step, accept};
    use crate::resources::context::ClusterSettings;

    fn plan() -> IngressGateway {
        IngressGateway {
            mesh_id: "mesh-1".into(),
            cluster_id: "cls-1".into(),
            name: "gw".into(),
            namespace: "istio-system".into(),
            load_balancer: Some(LoadBalancer { r#type: "OPEN".into(), ..LoadBalancer::default() }),
            load_balancer_id: Computed::Unknown,
            ..IngressGateway::default()
        }
    }

    fn mesh(gateways: &Value) -> Step {
        let cluster = json!({
            "ClusterId": "cls-1", "Region": "ap-guangzhou", "Type": "TKE", "Status": {"LinkState": "LINKED"},
            "Config": {"AutoInjectionNamespaceList": [], "IngressGatewayList": gateways},
        });
        accept(json!({"Mesh": {"MeshId": "mesh-1", "State": "RUNNING", "ClusterList": [cluster]}}))
    }

    fn gateway(status: &Value) -> Value {
        json!([{"Name": "gw", "Namespace": "istio-system", "Status": status}])
    }

    async fn put(script: &Arc<Script>) -> Result<(), Error> {
        let client = script.client();
        let context = Arc::new(Context::new(client.clone(), ClusterSettings::default()));
        let resource = IngressGatewayResource::new(&context).expect("it needs nothing");
        let scope = Scope::unstopped(Duration::from_secs(600));
        resource.put(&scope, &client, &plan().id().expect("an ID"), &plan(), "create it".into()).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_gateway_that_somebody_elses_write_takes_away_is_put_back() {
        let (put_there, running) = (gateway(&Value::Null), json!({"LoadBalancerVip": "203.0.113.1"}));
        let running = gateway(&json!({"State": "running", "LoadBalancer": running}));
        let done = || accept(json!({}));
        let script = Script::new([
            mesh(&json!([])),
            done(),
            mesh(&put_there),
            mesh(&put_there),
            mesh(&json!([])),
            mesh(&json!([])),
            done(),
            mesh(&put_there),
            mesh(&running),
        ]);
        put(&script).await.expect("it runs in the end");
        let sent = script.seen()[6].body()["ClusterList"][0]["Config"]["IngressGatewayList"].clone();
        let expected = json!([{
            "Name": "gw", "Namespace": "istio-system", "ClusterId": "cls-1", "Service": {"Type": "LoadBalancer"},
            "Workload": {}, "LoadBalancer": {"LoadBalancerType": "OPEN"},
        }]);
        assert_eq!(sent, expected, "what is unknown in the plan is left to the cloud");
    }

    #[tokio::test(start_paused = true)]
    async fn a_gateway_is_not_put_where_its_cluster_is_not_in_the_mesh() {
        let script = Script::new([accept(json!({"Mesh": {"MeshId": "mesh-1", "State": "RUNNING"}}))]);
        let error = put(&script).await.expect_err("the cluster is missing");
        assert_eq!(error.to_string(), "Cluster not in the mesh");
    }

    #[test]
    fn a_gateway_is_read_with_what_the_cloud_made_of_it() {
        let found = json!({
            "Name": "gw", "Namespace": "istio-system", "Service": {"Type": "LoadBalancer"}, "Workload": {"Replicas": 1},
            "LoadBalancer": {"LoadBalancerType": "OPEN", "InternetMaxBandwidthOut": 10},
            "Status": {"State": "running", "LoadBalancer": {
                "LoadBalancerId": "lb-1", "LoadBalancerVip": "203.0.113.1", "LoadBalancerHostname": "",
            }},
        });
        let id = plan().id().expect("an ID");
        let read =
            |importing| IngressGateway::of(&id, serde_json::from_value(found.clone()).expect("a gateway"), importing);
        let gateway = read(false);
        assert_eq!((gateway.address.get(), gateway.hostname.get()), (Some(&"203.0.113.1".to_owned()), None));
        assert_eq!(gateway.load_balancer_id.get().map(String::as_str), Some("lb-1"));
        assert_eq!(gateway.selector.get().map(|labels| labels["app"].as_str()), Some("gw"));
        assert!(gateway.service.is_some() && gateway.workload.is_some());
        let imported = read(true);
        assert_eq!((imported.service, imported.workload), (None, None), "they say nothing that somebody chose");
        assert_eq!(imported.load_balancer, gateway.load_balancer);
    }

    #[test]
    fn a_gateway_on_an_existing_load_balancer_has_no_block_for_a_new_one() {
        let mut plan = IngressGateway { load_balancer: None, load_balancer_id: "lb-1".into(), ..plan() };
        let request = plan.request();
        assert_eq!((request.load_balancer.as_ref(), request.load_balancer_id.as_deref()), (None, Some("lb-1")));
        let read = IngressGateway::of(&plan.id().expect("an ID"), request, false);
        assert_eq!((read.load_balancer, read.load_balancer_id), (None, "lb-1".into()));
        plan.load_balancer = Some(LoadBalancer::default());
        assert_eq!(plan.request().load_balancer_id, None, "the known ID of the gateway's own is not asked for");
    }
}
